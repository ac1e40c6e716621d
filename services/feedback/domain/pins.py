"""What people may do with a policy: pin thresholds, unpin them, go back to earlier ones.

Each gives a new version; none changes an old one.
"""

from collections.abc import Mapping
from dataclasses import replace

from services.feedback.domain.policy import ALL, Count, Policy, Promise, Tuning

Counts = Mapping[str, Count]


class PinRefused(ValueError):
    """What was asked for makes no sense; the message says why, in words for people."""


def pinned(
    policy: Policy, intent: str | None, threshold: float, why: str, counts: Counts
) -> Tuning:
    """With this threshold set by hand for one intent, or for all; outcomes leave it alone.

    Raises PinRefused for a threshold that is none.
    """
    if not 0 <= threshold <= 1:
        raise PinRefused(f"a threshold lies between 0 and 1: {threshold:g} does not")
    if intent is None:
        everywhere = dict.fromkeys(policy.thresholds, threshold)
        reason = _said(f"pinned at {threshold:.2f} for every intent", why)
        new = replace(policy, default_threshold=threshold, thresholds=everywhere, all_pinned=True)
        return _tuning(new, {ALL: reason}, counts)
    old = policy.threshold(intent)
    reason = _said(f"pinned: {old:.2f} -> {threshold:.2f}", why)
    new = replace(
        policy,
        thresholds={**policy.thresholds, intent: threshold},
        pinned=policy.pinned | {intent},
    )
    return _tuning(new, {intent: reason}, counts)


def unpinned(
    policy: Policy, intent: str | None, promise: Promise, why: str, counts: Counts
) -> Tuning:
    """With one intent, or all, left to outcomes again.

    A threshold below the default goes back to the default: nothing proves it. Where outcomes do,
    the next tuning lowers it again. Raises PinRefused where nothing is pinned.
    """
    if intent is None:
        if not (policy.all_pinned or policy.pinned):
            raise PinRefused("nothing is pinned")
        freed = frozenset(policy.thresholds) if policy.all_pinned else policy.pinned
        new = replace(policy, pinned=frozenset(), all_pinned=False)
    elif policy.all_pinned:
        raise PinRefused(f"every intent is pinned, not {intent} alone: unpin all of them")
    elif intent not in policy.pinned:
        raise PinRefused(f"{intent} is not pinned")
    else:
        freed = frozenset({intent})
        new = replace(policy, pinned=policy.pinned - freed)
    default = promise.default_threshold
    careful = {
        name: max(value, default) if name in freed else value
        for name, value in policy.thresholds.items()
    }
    reason = {intent or ALL: _said("unpinned: outcomes decide again", why)}
    new = replace(new, thresholds=careful, default_threshold=default)
    return _tuning(new, reason, counts)


def rolled_back(current: Policy, earlier: Policy, why: str, counts: Counts) -> Tuning:
    """With the thresholds of an earlier version, pinned until somebody unpins them.

    Which outcomes still count stays as it is: what contradicted the promise did happen. Raises
    PinRefused when that version is in force.
    """
    if earlier.version == current.version:
        raise PinRefused(f"version {current.version} is the one in force")
    reason = _said(f"rolled back to version {earlier.version}, pinned until unpinned", why)
    new = replace(earlier, restarts=current.restarts, pinned=frozenset(), all_pinned=True)
    return _tuning(new, {ALL: reason}, counts)


def _tuning(policy: Policy, reasons: Mapping[str, str], counts: Counts) -> Tuning:
    return Tuning(
        policy.default_threshold,
        policy.thresholds,
        reasons,
        counts,
        policy.restarts,
        policy.pinned,
        policy.all_pinned,
        policy.choices,
    )


def _said(what: str, why: str) -> str:
    return f"{what} ({why})" if why else what
