"""`python -m services.classify.retraining` trains, judges, and says whether to promote."""

import sys

from services.classify.retraining.job import main

sys.exit(main())
