"""`python -m services.ingest` starts one worker."""

import sys

from services.ingest.main import main

sys.exit(main())
