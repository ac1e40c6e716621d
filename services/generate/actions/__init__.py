"""Actions in the company's systems: the catalogue, carrying out, and what became of them."""
