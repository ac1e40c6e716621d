"""What is known of a customer, and how it grows. Pure: no I/O, no clock, no framework."""
