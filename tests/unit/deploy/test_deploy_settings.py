"""The page of settings says what the classes say."""

from deploy import settings


def rows() -> dict[str, list[list[str]]]:
    """The cells of each section's table."""
    found: dict[str, list[list[str]]] = {}
    for section in settings.page().split("\n## ")[1:]:
        title, *lines = section.splitlines()
        found[title] = [
            [cell.strip() for cell in line.strip("|").split(" | ")]
            for line in lines
            if line.startswith("| `")
        ]
    return found


def test_the_page_in_the_repository_is_todays() -> None:
    assert settings.PAGE.read_text("utf-8") == settings.page(), (
        "settings have changed: run `python -m deploy.settings write`"
    )


def test_every_setting_has_a_meaning() -> None:
    assert all(cells[-1] for section in rows().values() for cells in section)


def test_a_setting_is_told_once_and_again_where_it_is_another() -> None:
    told = {title: [cells[0] for cells in section] for title, section in rows().items()}
    assert "`MONGO_URL`" in told["Every worker"]
    assert "`MONGO_URL`" not in told["ingest"]
    assert "`FETCH_MAX_BYTES`" in told["classify"]
    assert "`FETCH_MAX_BYTES`" not in told["generate"]
    assert "`LLM_BACKEND`" in told["generate: language models"]


def test_no_default_shows_where_it_was_written() -> None:
    assert str(settings.ROOT) not in settings.page()
