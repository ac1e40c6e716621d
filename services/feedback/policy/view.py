"""Policies as text for people."""

from collections.abc import Sequence

from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.lowering import MOST_MISSING, Lack
from services.feedback.domain.policy import ALL, Decided, Promise, Tuning
from services.feedback.domain.standing import Standing

STANDING = ("intent", "threshold", "good", "bad", "wrong (95 %)", "surely below", "to loosen")
DEFAULT = "(default)"


def shown(decided: Decided, published: bool, standings: Sequence[Standing]) -> str:
    """The policy in force: counts, bounds, and what each intent lacks."""
    lines = [_title(decided, published), promised(decided.promise), _pins(decided.tuning)]
    rows: list[Sequence[str]] = [_row(one) for one in standings]
    rows.append((DEFAULT, f"{decided.tuning.default_threshold:.2f}", *("",) * 5))
    lines += ["", *table(STANDING, rows)]
    confidence = f"{1 - decided.promise.delta:.0%}"
    lines += [
        "",
        "good, bad: judged replies that pass the threshold, since counting last began anew",
        "wrong: bad of all judged, exact interval of one look; surely below: with confidence "
        f"{confidence} at all looks together",
    ]
    if any(one.young for one in standings):
        lines.append(
            f"young: judged, drafts too; they help to loosen {WINDOW.total_seconds() / 3600:.0f} "
            "hours after the reply, when the time for bad signs is over"
        )
    return "\n".join(lines)


def history(versions: Sequence[Decided]) -> str:
    """Why each version came about, newest first."""
    lines = []
    for decided in versions:
        lines.append(f"version {decided.version} of {decided.decided_at:%Y-%m-%d %H:%M} UTC")
        lines += [f"  {intent}: {why}" for intent, why in sorted(decided.tuning.reasons.items())]
    return "\n".join(lines)


def compared(old: Decided, new: Decided) -> str:
    """Two versions side by side; what differs is marked."""
    before, after = old.policy, new.policy
    names = sorted({*before.thresholds, *after.thresholds, *old.tuning.counts, *new.tuning.counts})
    columns = ("intent", f"v{old.version}", f"v{new.version}", "", "good/bad", "good/bad", "why")
    rows: list[Sequence[str]] = [
        (
            name,
            _threshold(before.threshold(name), before.is_pinned(name)),
            _threshold(after.threshold(name), after.is_pinned(name)),
            _direction(before.threshold(name), after.threshold(name)),
            _counted(old.tuning, name),
            _counted(new.tuning, name),
            new.tuning.reasons.get(name, ""),
        )
        for name in names
    ]
    defaults = (before.default_threshold, after.default_threshold)
    rows.append((DEFAULT, *(f"{one:.2f}" for one in defaults), _direction(*defaults), "", "", ""))
    lines = [_title(old, None), _title(new, None), "", *table(columns, rows)]
    if ALL in new.tuning.reasons:
        lines.append(f"{ALL}: {new.tuning.reasons[ALL]}")
    if old.promise != new.promise:
        lines += [f"v{one.version}: {promised(one.promise)}" for one in (old, new)]
    return "\n".join(lines)


def proposed(current: Decided, tuning: Tuning) -> str:
    """What the tuner would do now."""
    if not tuning.changes(current.policy):
        return f"Nothing: version {current.version} stays in force."
    lines = [f"Version {current.version + 1} would be made from version {current.version}:"]
    if tuning.default_threshold != current.tuning.default_threshold:
        old, new = current.tuning.default_threshold, tuning.default_threshold
        lines.append(f"  {DEFAULT}: {old:.2f} -> {new:.2f}")
    return "\n".join(lines + [f"  {intent}: {why}" for intent, why in tuning.reasons.items()])


def promised(promise: Promise) -> str:
    """The promise in words."""
    others = "".join(f", {intent} {alpha:.1%}" for intent, alpha in sorted(promise.alphas.items()))
    return (
        f"Promise: at most {promise.alpha:.1%} of automatic replies wrong{others}, "
        f"with confidence {1 - promise.delta:.0%}."
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with aligned columns."""
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [columns, *rows]
    ]


def _title(decided: Decided, published: bool | None) -> str:
    if decided.version == 0:
        default = decided.tuning.default_threshold
        return f"No policy yet: every intent starts at {default:.2f}."
    state = {None: "", True: ", published", False: ", not published yet: the worker does that"}
    when = f"{decided.decided_at:%Y-%m-%d %H:%M} UTC"
    return f"Policy {decided.version} of {when}{state[published]}."


def _pins(tuning: Tuning) -> str:
    if tuning.all_pinned:
        return "Pinned: every intent. Outcomes change nothing until `unpin`."
    return f"Pinned: {', '.join(sorted(tuning.pinned)) or 'nothing'}."


def _row(one: Standing) -> tuple[str, ...]:
    seen = one.count.good + one.count.bad
    low, high = one.interval
    return (
        one.intent,
        _threshold(one.threshold, one.pinned),
        str(one.count.good),
        str(one.count.bad),
        f"{one.count.bad / seen:.0%} ({low:.0%} to {high:.0%})" if seen else "-",
        f"{one.at_most:.0%}" if seen else "-",
        "pinned" if one.lack is None else f"{_lacking(one.lack)}{_young(one.young)}",
    )


def _lacking(lack: Lack) -> str:
    if lack.threshold is None:
        return "a draft below that an agent approves"
    if lack.good is None:
        return f"over {MOST_MISSING} more good outcomes, to {lack.threshold:.2f}"
    outcomes = "outcome" if lack.good == 1 else "outcomes"
    return f"{lack.good} more good {outcomes}, to {lack.threshold:.2f}"


def _young(count: int) -> str:
    return f"; {count} young" if count else ""


def _threshold(value: float, pinned: bool) -> str:
    return f"{value:.2f} pinned" if pinned else f"{value:.2f}"


def _direction(old: float, new: float) -> str:
    return "" if old == new else "looser" if new < old else "stricter"


def _counted(tuning: Tuning, intent: str) -> str:
    count = tuning.counts.get(intent)
    return f"{count.good}/{count.bad}" if count else "-"
