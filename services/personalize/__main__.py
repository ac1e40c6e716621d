"""`python -m services.personalize` starts one worker."""

import sys

from services.personalize.main import main

sys.exit(main())
