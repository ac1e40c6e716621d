"""Refusing a document."""


class UnreadableDocument(Exception):
    """A document that cannot become entries; the message says where and what to mend."""
