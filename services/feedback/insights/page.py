"""The findings as one HTML page that needs no network, no script and no other file.

Texts, names and ids come from outside: all of them are escaped, and the page forbids itself to
load or run anything. Every number links to its tickets, and the `?` behind it to its definition.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.feedback.domain.insight.findings import Finding, Findings, headlines
from services.feedback.domain.insight.message import in_order, tickets
from services.feedback.domain.insight.repeats import Cause
from services.feedback.domain.insight.texts import shown, without_greeting
from services.feedback.domain.insight.unhappy import Trouble
from services.feedback.domain.insight.wishes import Wish
from services.feedback.insights import charts
from services.feedback.insights.listing import TicketList, listing
from services.feedback.insights.wording import Wording, about, factor, kinds, times

SENTENCES = 3
MOST_EXAMPLES = 3
LONGEST_CHART_NAME = 44
_BEFORE = "-before"
_TEMPLATES = Path(__file__).parent / "templates"


def page(findings: Findings, wording: Wording) -> str:
    """The whole page; equal findings give equal pages."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = "{:.0%}".format
    environment.globals.update(about=about, times=times, factor=factor, tickets_of=tickets)
    return environment.get_template("page.html").render(
        findings=findings, wording=wording, view=View(findings, wording)
    )


class View:
    """What the template shows of the findings."""

    def __init__(self, findings: Findings, wording: Wording) -> None:
        self._findings = findings
        self._wording = wording
        self._anchors = {
            id(finding): f"{kind}-{number}"
            for kind, found in kinds(findings).items()
            for number, finding in enumerate(found, 1)
        }

    def anchor(self, finding: Finding) -> str:
        """The name of the finding on the page."""
        return self._anchors[id(finding)]

    def number(self, value: object, definition: str, finding: Finding | None = None) -> Markup:
        """A number with its two links; without a finding it is of all tickets. What is expected
        comes from the tickets of the period before."""
        where = "all" if finding is None else self.anchor(finding)
        if definition == "expected":
            where = f"{where}{_BEFORE}"
        return Markup(
            '<span class="number"><a href="#tickets-{where}">{value}</a>'
            '<a class="why" href="#definition-{definition}" title="{hint}">?</a></span>'
        ).format(
            where=where,
            value=value,
            definition=definition,
            hint=self._wording.text("page", "definition"),
        )

    def period(self) -> Markup:
        """What the page is about, in numbers."""
        told, periods = self._findings, self._findings.periods
        return Markup(self._wording.text("page", "period")).format(
            start=f"{periods.start:%Y-%m-%d %H:%M}",
            end=f"{periods.end:%Y-%m-%d %H:%M}",
            days=periods.days,
            messages=self.number(told.messages, "messages"),
            customers=self.number(told.customers, "customers"),
            tickets=self.number(len(told.tickets), "tickets"),
        )

    def sentences(self) -> list[tuple[Markup, str | None]]:
        """Three sentences on what matters most, each with where more of it stands."""
        first = headlines(self._findings)
        told: list[tuple[Markup, str | None]] = [
            (self.sentence(finding), self.anchor(finding)) for finding in first
        ]
        empty = [kind for kind, found in kinds(self._findings).items() if not found]
        limits = self._findings.limits
        told += [(Markup.escape(self._wording.quiet(kind, limits)), None) for kind in empty]
        return told[:SENTENCES]

    def sentence(self, finding: Finding) -> Markup:
        def mark(value: str, definition: str) -> str:
            return self.number(value, definition, finding)

        limits = self._findings.limits
        return Markup(self._wording.sentence(finding, limits, mark, Markup))

    def examples(self, finding: Finding) -> list[tuple[str, str]]:
        """Ticket and shortened text of the most central messages: of different customers, in
        different words, those in the page's language first."""
        people: set[tuple[str, str]] = set()
        found: dict[str, str] = {}
        for message in sorted(
            finding.messages, key=lambda message: message.language != self._wording.language
        ):
            text = shown(without_greeting(message.text))
            if message.person not in people and text not in found:
                people.add(message.person)
                found[text] = message.ticket_id
        return [(ticket, text) for text, ticket in found.items()][:MOST_EXAMPLES]

    def daily(self, trouble: Trouble) -> Markup:
        counts = self._findings.periods.daily((*trouble.messages, *trouble.earlier))
        href = f"#tickets-{self.anchor(trouble)}"
        return Markup(charts.daily(self._wording.text("page", "day"), counts, href))

    def wishes_chart(self) -> Markup:
        rows = [self._pair(wish) for wish in self._findings.wishes]
        return Markup(charts.pairs(self._wording.text("chart", "wishes"), rows))

    def causes_chart(self) -> Markup:
        rows = [self._interval(cause) for cause in self._findings.causes]
        return Markup(charts.intervals(self._wording.text("chart", "causes"), rows))

    def lists(self) -> list[TicketList]:
        """The tickets behind the numbers: all, then those of each finding."""
        lists = [listing("all", self._wording.text("kind", "all"), self._findings.tickets)]
        for finding in (one for found in kinds(self._findings).values() for one in found):
            anchor = self.anchor(finding)
            title = f"{self._wording.kind(finding)}: {self._wording.name(finding)}"
            lists.append(listing(anchor, title, tickets(in_order(finding.messages))))
            if isinstance(finding, Wish | Trouble):
                title = f"{title}, {self._wording.text('page', 'before')}"
                earlier = tickets(in_order(finding.earlier))
                lists.append(listing(f"{anchor}{_BEFORE}", title, earlier))
        return lists

    def _pair(self, wish: Wish) -> charts.Pair:
        href = f"#tickets-{self.anchor(wish)}"
        change = wish.change
        return charts.Pair(self._wording.intent(wish.intent), change.count, change.expected, href)

    def _interval(self, cause: Cause) -> charts.Interval:
        label = shown(f"{self._wording.kind(cause)}: {cause.name}", LONGEST_CHART_NAME)
        low, high = cause.share.interval
        href = f"#tickets-{self.anchor(cause)}"
        return charts.Interval(label, cause.share.value, low, high, cause.others.value, href)
