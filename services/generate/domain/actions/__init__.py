"""What careloop may do in the company's systems: which, with what, when, and what it says of it."""
