"""Training the classifier again on what people said of its work, and judging the result before it
may be promoted. A job in a process of its own: the worker imports nothing from here."""
