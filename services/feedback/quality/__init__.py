"""How well careloop serves, counted in the database and shown as figures."""
