"""`python -m services.classify` starts one worker."""

import sys

from services.classify.main import main

sys.exit(main())
