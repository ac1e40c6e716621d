"""Views as JSON text, as they are stored: what is published again must be the same to the byte, and
a database's own dates and numbers are not."""

from pydantic import TypeAdapter

from services.personalize.domain.view import View

_VIEWS = TypeAdapter(View)


def text_of(view: View) -> str:
    """Only what is not as it mostly is."""
    return _VIEWS.dump_json(view, exclude_defaults=True).decode()


def view_in(text: str) -> View:
    """The view that `text_of` was given."""
    return _VIEWS.validate_json(text)
