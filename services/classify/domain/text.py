"""Which text of a message the model reads."""

READ_CHARACTERS = 4_000
"""A batch of the longest texts must be read well within Kafka's poll interval of 300 s; 64,000
characters take 4 to 10 s of a core, and the wish of a message seldom comes that late."""


def text_for_model(subject: str | None, text: str) -> str:
    """Subject and text, placeholders included, as the heads were trained on them."""
    whole = f"{subject}\n{text}" if subject else text
    return whole[:READ_CHARACTERS]
