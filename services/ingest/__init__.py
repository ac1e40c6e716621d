"""The ingest worker: the one door, where messages become clean and free of personal data."""
