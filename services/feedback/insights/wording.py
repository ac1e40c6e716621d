"""What is said of findings, in the language of the page: the same on it and in events."""

import math
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from services.feedback.domain.insight.findings import Finding, Findings
from services.feedback.domain.insight.groups import Group
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.new_intents import NewIntent
from services.feedback.domain.insight.rates import Change
from services.feedback.domain.insight.repeats import Cause
from services.feedback.domain.insight.sample import Sample
from services.feedback.domain.insight.unanswered import Gap
from services.feedback.domain.insight.unhappy import Trouble
from services.feedback.domain.insight.wishes import Wish

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent
INTENTS = _FOLDER / "intents.toml"

Mark = Callable[[str, str], str]
"""Shows a number, given with the name of its definition."""


def plain(number: str, definition: str) -> str:
    """The number alone."""
    return number


class Wording:
    """The texts of one language, with the names of intents. Raises OSError or ValueError (of which
    `tomllib.TOMLDecodeError` is one) for a file of names that cannot be read."""

    def __init__(self, language: str, intents: Path = INTENTS) -> None:
        self.language = language
        self._texts = _read(_FOLDER / "texts" / f"{language}.toml")
        self._intents = _read(intents)

    def text(self, section: str, key: str) -> str:
        return str(self._texts[section][key])

    def intent(self, label: str) -> str:
        """What the intent is called; an unknown one by its label."""
        names = self._intents.get(label)
        return str(names.get(self.language, label)) if isinstance(names, Mapping) else label

    def name(self, finding: Finding) -> str:
        """What the finding is about."""
        match finding:
            case Wish():
                return self.intent(finding.intent)
            case Cause():
                return finding.name
            case _:
                return finding.group.name(self.language).sentence

    def kind(self, finding: Finding) -> str:
        return self.text("kind", kind_of(finding))

    def sentence(
        self,
        finding: Finding,
        limits: Limits,
        mark: Mark = plain,
        shape: Callable[[str], str] = str,
    ) -> str:
        """The finding in a sentence; `shape` makes the template what is formatted."""
        key, values = self._told(finding, limits, mark)
        template = shape(self.text("sentence", key))
        return template.format(name=self.name(finding), hours=limits.repeat_hours, **values)

    def quiet(self, kind: str, limits: Limits) -> str:
        """That nothing of this kind was found."""
        least = {
            "troubles": limits.least_unhappy,
            "gaps": limits.least_unanswered,
            "new_intents": limits.least_new,
        }
        return self.text("quiet", kind).format(least=least.get(kind, 0))

    def sample(self, sample: Sample, least: int) -> str:
        """How a sample was drawn, of which groups of so many customers are shown."""
        return self.text("page", "sample").format(
            messages=f"{sample.drawn.messages:,}",
            every_messages=f"{sample.every.messages:,}",
            customers=f"{sample.drawn.customers:,}",
            every_customers=f"{sample.every.customers:,}",
            seen=f"{math.ceil(least * sample.weight):,}",
        )

    def trend(self, trouble: Trouble, limits: Limits) -> str:
        change = trouble.change
        if change is None:
            return self.text("trend", "unknown")
        if not trouble.changed(limits):
            return self.text("trend", "steady")
        if not change.count_before:
            return self.text("trend", "new")
        key = "grew" if change.grew else "shrank"
        return self.text("trend", key).format(ratio=times(change))

    def definitions(self, limits: Limits) -> dict[str, str]:
        """What each number means, by name."""
        values = {
            "rate": limits.false_discoveries,
            "wish": limits.least_wish,
            "trouble": limits.least_unhappy,
            "gap": limits.least_unanswered,
            "new": limits.least_new,
            "answered": limits.answered_from,
            "density": limits.density_of_new,
            "hours": limits.repeat_hours,
            "repeats": limits.least_repeats,
            "most_grouped": limits.most_grouped,
        }
        told = self._texts["definition"]
        return {name: str(text).format(**values) for name, text in told.items()}

    def _told(self, finding: Finding, limits: Limits, mark: Mark) -> tuple[str, dict[str, str]]:
        match finding:
            case Wish():
                change = finding.change
                return "grew" if change.grew else "shrank", {
                    "customers": mark(str(change.count), "customers"),
                    "expected": mark(f"{change.expected:.0f}", "expected"),
                    "ratio": mark(times(change), "ratio"),
                }
            case Cause():
                return f"cause_{finding.kind}", {
                    "share": mark(f"{finding.share.value:.0%}", "repeat"),
                    "others": mark(f"{finding.others.value:.0%}", "repeat"),
                }
            case Trouble():
                trend = self.trend(finding, limits)
                customers = mark(about(finding.group), "unhappy")
                return "trouble", {"customers": customers, "trend": trend}
            case Gap():
                key = "gap_drafted" if finding.drafts else "gap"
                return key, {"customers": mark(about(finding.group), "unanswered")}
            case NewIntent():
                return "new_intent", {"customers": mark(about(finding.group), "new_intent")}


def kind_of(finding: Finding) -> str:
    """wish, trouble, gap, new_intent, product or queue."""
    match finding:
        case Wish():
            return "wish"
        case Trouble():
            return "trouble"
        case Gap():
            return "gap"
        case NewIntent():
            return "new_intent"
        case Cause():
            return finding.kind


def kinds(findings: Findings) -> dict[str, tuple[Finding, ...]]:
    """The findings of each kind, in the order of the page."""
    return {
        "wishes": findings.wishes,
        "troubles": findings.troubles,
        "gaps": findings.gaps,
        "new_intents": findings.new_intents,
        "causes": findings.causes,
    }


def about(group: Group) -> str:
    """How many customers: counted, or where they were drawn, as an estimate in two digits."""
    if group.weight == 1:
        return str(group.customers)
    digits = len(str(group.customers)) - 2
    return f"≈{round(group.customers, -max(0, digits)):,}"


def times(change: Change) -> str:
    """The ratio as it is read: ×1.8."""
    return f"×{factor(change.ratio)}"


def factor(value: float) -> str:
    """Two digits after the point below 1, else one; ∞ as such."""
    if math.isinf(value):
        return "∞"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
