"""How well a stored classifier reads labelled messages: figures for programs and a page."""
