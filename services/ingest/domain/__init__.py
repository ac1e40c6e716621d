"""What ingest knows about messages: pure functions, no I/O, no clock, no framework."""
