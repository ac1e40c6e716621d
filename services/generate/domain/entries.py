"""What the knowledge base consists of."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Entry:
    """One section of a document: a question (its heading) and the company's answer to it.

    `id` is `<language>/<file>#<section>`; `language` is the primary BCP 47 tag; `text` is the
    answer as the document has it, and goes out verbatim. `intents` are the wishes it serves, if the
    document says so; none means any. `questions` are other ways to ask for it, only there to find
    it by. It holds from its first day to its last, both included, None being no such day; `version`
    is what the document calls this state of it.
    """

    id: str
    document: str
    section: str
    heading: str
    text: str
    language: str
    intents: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    version: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """Every wording of the question, the heading first."""
        return (self.heading, *self.questions)

    @property
    def passage(self) -> str:
        """All that is written about it."""
        return "\n".join((*self.asked, self.text))


def primary(language: str) -> str:
    """The primary subtag: `zh` of `zh-Hans-CN`. Regions read the same answers."""
    return language.split("-", 1)[0].lower()
