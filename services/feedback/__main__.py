"""`python -m services.feedback` starts one worker."""

import sys

from services.feedback.main import main

sys.exit(main())
