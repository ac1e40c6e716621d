"""How long generate keeps what it stored."""

from datetime import timedelta

from shared.retention import again_within
from shared.topics import FEEDBACK, GENERATE

KEPT = timedelta(days=90)
"""Unless set otherwise."""
AGAIN = again_within("generate", GENERATE, FEEDBACK)
"""How long tickets, and what is told of them, can come again: nothing is forgotten before."""
