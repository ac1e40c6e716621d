"""How long feedback keeps what it stored."""

from datetime import timedelta

from shared.retention import again_within
from shared.topics import FEEDBACK

KEPT = timedelta(days=400)
"""Tickets and their outcomes, unless set otherwise: thresholds rest on a year of evidence."""
AGAIN = again_within("feedback", FEEDBACK)
"""How long what was told can be told again: nothing is forgotten before."""
