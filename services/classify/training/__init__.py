"""Fitting the heads; needs the extra `train`. The worker imports nothing from here."""
