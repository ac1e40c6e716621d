"""What a document says of itself before it begins: `name: value` lines between lines of `---`."""

import re

from services.generate.knowledge.sources.characters import cleaned

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


def front_matter(content: str) -> tuple[dict[str, str], str]:
    """What is told, by name, and the document after it, its characters cleaned."""
    content = cleaned(content)
    found = _FRONT_MATTER.match(content)
    if found is None:
        return {}, content
    pairs = (line.partition(":") for line in (found[1] or "").splitlines())
    told = {name.strip().lower(): value.strip().strip("\"'") for name, _, value in pairs}
    return told, content[found.end() :]
