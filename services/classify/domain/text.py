"""Which text of a message the model reads."""


def text_for_model(subject: str | None, text: str) -> str:
    """Subject and text, placeholders included, as the heads were trained on them."""
    return f"{subject}\n{text}" if subject else text
