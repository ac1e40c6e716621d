"""`python -m services.personalize` starts one worker."""

import os
import sys

# Before numpy is loaded. Else it takes all cores for sums too small to share, and its threads wait
# for each other on a busy machine: recommendations then take twice as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from services.personalize.main import main

sys.exit(main())
