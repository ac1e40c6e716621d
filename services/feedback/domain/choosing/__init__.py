"""Choosing among safe options by chance, learning from it, and judging what was learned off-line.

Pure: the standard library and numpy.
"""
