"""How well personal data is found: recall and precision against labelled texts.

A labelled span counts as found when something of its kind was found that shares a character with
it; what was found counts as right when it shares a character with a labelled span of its kind.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from services.ingest.domain.pii.kinds import KINDS, Found, Kind

_SAME: dict[str, Kind] = {
    "PERSON": "NAME",
    "PER": "NAME",
    "PERSON_NAME": "NAME",
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "MOBILE": "PHONE",
    "TELEPHONE": "PHONE",
    "CREDIT_CARD": "CARD",
    "BANK_CARD": "CARD",
    "CREDIT_CARD_NUMBER": "CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "STREET_ADDRESS": "ADDRESS",
    "ZIP_CODE": "ADDRESS",
    "POSTCODE": "ADDRESS",
    "LOCATION_ADDRESS": "ADDRESS",
    "US_SSN": "ID",
    "SSN": "ID",
    "ID_CARD": "ID",
    "UK_NINO": "ID",
    "IN_AADHAAR": "ID",
    "CN_ID_CARD": "ID",
    "US_DRIVER_LICENSE": "ID",
    "US_PASSPORT": "PASSPORT",
    "PASSPORT_NUMBER": "PASSPORT",
    "LICENSE_PLATE": "PLATE",
    "US_BANK_NUMBER": "ACCOUNT",
    "BANK_ACCOUNT": "ACCOUNT",
    "ACCOUNT_NUMBER": "ACCOUNT",
}
# Labels of data that is known not to be personal here: what is found there is wrong.
_OTHER = frozenset(
    {"ORGANIZATION", "ORG", "GPE", "LOCATION", "LOC", "TITLE", "DATE_TIME", "DATE", "TIME"}
) | frozenset({"AGE", "NRP", "DOMAIN_NAME", "URL", "ORDER", "ORDER_NUMBER", "TRACKING"})


@dataclass(frozen=True, slots=True)
class Span:
    """Labelled data at `start` to `end` of a text."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its labels; `where` names it to the reader (file and line)."""

    where: str
    text: str
    spans: tuple[Span, ...]
    language: str


@dataclass(slots=True)
class Score:
    """Labelled spans and how many were found; what was found and how much of it was right."""

    labelled: int = 0
    recalled: int = 0
    found: int = 0
    right: int = 0

    @property
    def recall(self) -> float | None:
        return self.recalled / self.labelled if self.labelled else None

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None


@dataclass(slots=True)
class Judgement:
    """Scores by language and kind. `missed` and `wrong` are counted by text and kind."""

    scores: dict[tuple[str, Kind], Score] = field(default_factory=dict)
    missed: Counter[tuple[str, Kind]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, Kind]] = field(default_factory=Counter)
    not_judged: Counter[str] = field(default_factory=Counter)

    @property
    def languages(self) -> list[str]:
        return sorted({language for language, _ in self.scores})

    def score(self, kind: Kind, language: str | None = None) -> Score:
        """The score of a kind, over all languages unless one is named."""
        total = Score()
        for (spoken, other), score in self.scores.items():
            if other == kind and language in (None, spoken):
                total.labelled += score.labelled
                total.recalled += score.recalled
                total.found += score.found
                total.right += score.right
        return total


def kind_of(label: str) -> Kind | None:
    """The kind that a label of some data set means; None for one that is no kind of ours."""
    name = label.strip().upper().replace("-", "_").replace(" ", "_")
    own = next((kind for kind in KINDS if kind == name), None)
    return own or _SAME.get(name)


def judge(rows: Iterable[Labelled], find: Callable[[str], Sequence[Found]]) -> Judgement:
    """Find personal data in every text and count.

    What is found where only labels of types unknown to us stand is not counted at all.
    """
    judgement = Judgement()
    for row in rows:
        _judge_row(row, find(row.text), judgement)
    return judgement


def _judge_row(row: Labelled, found: Sequence[Found], judgement: Judgement) -> None:
    wanted: list[tuple[Span, Kind]] = []
    unknown: list[Span] = []
    for span in row.spans:
        if (kind := kind_of(span.type)) is not None:
            wanted.append((span, kind))
        elif span.type.strip().upper() not in _OTHER:
            unknown.append(span)
            judgement.not_judged[span.type] += 1
        else:
            judgement.not_judged[span.type] += 1
    for span, kind in wanted:
        score = judgement.scores.setdefault((row.language, kind), Score())
        score.labelled += 1
        if any(item.kind == kind and _overlap(span, item) for item in found):
            score.recalled += 1
        else:
            judgement.missed[row.where, kind] += 1
    for item in found:
        right = any(kind == item.kind and _overlap(span, item) for span, kind in wanted)
        if not right and any(_overlap(span, item) for span in unknown):
            continue
        score = judgement.scores.setdefault((row.language, item.kind), Score())
        score.found += 1
        score.right += right
        if not right:
            judgement.wrong[row.where, item.kind] += 1


def _overlap(span: Span, found: Found) -> bool:
    return span.start < found.end and found.start < span.end
