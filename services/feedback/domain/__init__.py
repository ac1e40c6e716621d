"""What became of replies, and what follows from it. Pure: no I/O, no clock, no framework."""
