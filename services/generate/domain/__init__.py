"""What generate knows about answering, free of I/O, clock and framework."""
