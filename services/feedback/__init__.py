"""Closes the loop: joins replies with what happened next, measures, and tunes the thresholds."""
