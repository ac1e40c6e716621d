"""What a knowledge base can be made from: a file for each kind of source, and what they share.

A source is a pure function of a path relative to the knowledge folder, its content, and the
language to suppose where nothing tells it; it gives entries or raises UnreadableDocument.
"""
