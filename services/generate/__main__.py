"""`python -m services.generate` starts one worker."""

import sys

from services.generate.main import main

sys.exit(main())
