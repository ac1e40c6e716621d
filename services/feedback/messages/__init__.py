"""What customers asked and what became of it, kept to learn from and to tell people."""
