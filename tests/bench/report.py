"""The page of results, when only some of it was measured again. Pure."""

from collections.abc import Iterable

HEADING = "## "


def renewed(page: str, sections: Iterable[str]) -> str:
    """The page with these sections in the place of those with the same heading; new ones come
    last."""
    head, *old = f"\n{page}".split(f"\n{HEADING}")
    found = {_title(section): section.strip() for section in old}
    for section in sections:
        said = section.strip().removeprefix(HEADING)
        found[_title(said)] = said
    body = "".join(f"\n{HEADING}{section}\n" for section in found.values())
    return f"{head.strip()}\n{body}"


def _title(section: str) -> str:
    return section.partition("\n")[0].strip()
