"""Thresholds from outcomes: as much automation as is proven to keep the promise.

**Promised**: with probability `1 - delta` or more, no intent is ever, at any look, lowered to a
threshold where more than its `alpha` of automatic replies are wrong. It holds for all intents, all
thresholds and all looks together, over the whole life of the system, if

- the replies to an intent are independent, and how often one at or above a threshold is wrong stays
  as it is from one restart of counting to the next (see below);
- nobody says anything of a reply that is older than the window for signs (`definitions.WINDOW`):
  who is pleased says so at once and who comes back does so days later, so younger replies, which
  would look better than they are, prove nothing yet;
- whether a reply is judged does not depend on how good it was, only on whether it was automatic or
  a draft, and the weights tell how often each is judged; where unhappy customers speak oftener the
  rate is overstated, which is the careful side;
- replies below the threshold in force are judged as drafts; where none are, nothing is lowered;
- not more than `Promise.intents` intents come up.

Not promised: the default threshold and pinned ones, which people set; one that was raised, which
is where the promise is likely kept until it is lowered again with proof; and the time until a rate
that rises is noticed (`promise.contradicted`).

**Lowering** is risk control over a grid of thresholds as in Learn then Test (Angelopoulos, Bates,
Candes, Jordan and Lei 2021, arXiv 2110.01052): one hypothesis a threshold, 'more than alpha of the
replies at or above it are wrong', tested from the strictest to the loosest by the fallback
procedure (Wiens 2003; Wiens and Dmitrienko 2005): each has a level of its own, half of all at the
threshold that counting began with and the rest evenly over the grid, and one that is refuted passes
its level on to the next. The tests may be repeated on growing data (`promise.log_proof`). Each of
the expected intents has `delta / intents`, and its k-th period between restarts 1 / (k (k + 1)) of
that, which adds up to 1; what was counted before a restart is never mixed with what comes after.
Only an intent's own replies are tested: others' never lower its threshold.

**Raising** follows a contradiction, by the intent's own replies, or by those of all small intents
taken together (`raising`); then counting begins anew. Others' replies help to say how far. Bad
signs count at once here.

Counting also begins anew, with the threshold as it is, once `Promise.replies` are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.evidence import TOP, Evidence, first_rung
from services.feedback.domain.lowering import lowered
from services.feedback.domain.policy import Observation, Policy, Promise, Restart, Tuning
from services.feedback.domain.promise import upper_bound
from services.feedback.domain.raising import contradicting, raised


@dataclass(frozen=True, slots=True)
class _Change:
    """The rung an intent's threshold goes to, or stays on, and whether counting begins anew."""

    rung: int
    why: str
    begins_anew: bool


def tune(
    outcomes: Mapping[str, Sequence[Observation]], current: Policy, promise: Promise, now: datetime
) -> Tuning:
    """New thresholds for the intents whose outcomes call for it; the others stay.

    Tuning again on the same outcomes, in whatever order, changes nothing more.
    """
    evidence = {
        intent: Evidence.of(observed, promise.alpha_of(intent))
        for intent, observed in outcomes.items()
    }
    return select(evidence, current, promise, now)


def select(
    evidence: Mapping[str, Evidence], current: Policy, promise: Promise, now: datetime
) -> Tuning:
    """As `tune`, from evidence that is in arrays already."""
    if not current.all_pinned:
        current = replace(current, default_threshold=promise.default_threshold)
    known = {
        intent: evidence[intent].after(current.counting_since(intent))
        for intent in sorted(evidence)
    }
    rungs = {intent: first_rung(current.threshold(intent)) for intent in known}
    passing = {intent: known[intent].passing(rungs[intent]) for intent in known}
    free = [intent for intent in known if not current.is_pinned(intent)]
    contradictions = contradicting(free, passing, promise)
    thresholds, restarts = dict(current.thresholds), dict(current.restarts)
    reasons: dict[str, str] = {}
    for intent in free:
        if intent in contradictions:
            change = _raising(intent, rungs[intent], known, contradictions[intent], promise)
        else:
            change = _lowering(intent, known[intent].until(now - WINDOW), current, promise)
        if change is None:
            continue
        reasons[intent] = change.why
        if change.rung != rungs[intent]:
            thresholds[intent] = change.rung / TOP
        if change.begins_anew:
            restarts[intent] = Restart(now, current.period(intent), change.rung / TOP)
    counts = {intent: seen.count for intent, seen in passing.items()}
    return Tuning(
        current.default_threshold,
        thresholds,
        reasons,
        counts,
        restarts,
        current.pinned,
        current.all_pinned,
        current.choices,
    )


def _raising(
    intent: str, present: int, known: Mapping[str, Evidence], why: str, promise: Promise
) -> _Change | None:
    """What a contradiction calls for; None when the threshold is as high as it may be."""
    new = raised(intent, known, present, promise)
    if new <= present:
        return None
    return _Change(new, f"{why}: {_step(present, new)}", begins_anew=True)


def _lowering(intent: str, seen: Evidence, current: Policy, promise: Promise) -> _Change | None:
    """What can be proven; None when nothing new can."""
    present, new = first_rung(current.threshold(intent)), lowered(seen, intent, current, promise)
    if new is not None:
        why = f"{_proof(seen.passing(new), promise)}: {_step(present, new)}"
        return _Change(new, why, begins_anew=False)
    if len(seen) >= promise.replies:
        why = f"{len(seen)} replies judged: counting begins anew"
        return _Change(present, why, begins_anew=True)
    return None


def _proof(seen: Evidence, promise: Promise) -> str:
    most = upper_bound(seen, promise.delta)
    return f"{seen.told}, so at most {most:.1%} with confidence {1 - promise.delta:.0%}"


def _step(old: int, new: int) -> str:
    return f"{old / TOP:.2f} -> {new / TOP:.2f}"
