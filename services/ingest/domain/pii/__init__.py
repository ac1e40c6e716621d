"""Detectors of personal data, one for each kind; `personal.Finder` asks them in order."""
