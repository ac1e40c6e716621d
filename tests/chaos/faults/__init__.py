"""Faults, a family a file."""
