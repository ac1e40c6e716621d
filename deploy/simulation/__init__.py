"""Simulated customers, whose truth is known, against the five real workers."""
