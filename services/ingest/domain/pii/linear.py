"""Patterns whose cost is linear in the text whatever it holds (RE2)."""

import re2

LETTER = r"A-Za-z\x{c0}-\x{24f}\x{370}-\x{3ff}\x{400}-\x{4ff}\x{1e00}-\x{1eff}"
"""For a character class: Latin, Greek and Cyrillic letters."""

CAPITAL = r"A-Z\x{c0}-\x{de}\x{100}-\x{17f}\x{386}-\x{3ab}\x{400}-\x{42f}"
"""For a character class: capitals; where they alternate with small letters, these too."""

HAN = r"\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}"
"""For a character class: Chinese characters."""


def compiled(pattern: str) -> re2._Regexp:
    """The pattern in RE2's syntax. Raises re2.error for what that does not know."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)
