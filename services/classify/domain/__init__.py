"""The rules of classify: no I/O, no clock, no framework."""
