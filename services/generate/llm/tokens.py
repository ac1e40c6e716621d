"""How many tokens a text is, when nobody has counted them. Pure."""

import math
from collections.abc import Sequence

from services.generate.llm.prompt import Message

ASCII_CHARACTERS_PER_TOKEN = 3.0
"""English has about four characters a token; JSON, numbers and names have fewer. What is reserved
of a budget should be too much rather than too little."""
TOKENS_PER_MESSAGE = 8
"""Role and separators."""


def estimate(text: str) -> int:
    """Tokens of a text: one for a character of any other script, a third of one for ASCII."""
    ascii_characters = sum(character.isascii() for character in text)
    others = len(text) - ascii_characters
    return others + math.ceil(ascii_characters / ASCII_CHARACTERS_PER_TOKEN)


def estimate_prompt(messages: Sequence[Message]) -> int:
    """Tokens of a conversation."""
    return sum(TOKENS_PER_MESSAGE + estimate(message["content"]) for message in messages)
