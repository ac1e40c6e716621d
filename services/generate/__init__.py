"""The generate worker: decides what a message gets, and writes it."""
