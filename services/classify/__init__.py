"""classify: what a message wants, in which tone, how urgent it is, and how sure that is."""
