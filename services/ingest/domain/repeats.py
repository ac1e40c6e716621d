"""Who said something first: the same words of one sender within a window get one response. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Claim:
    """That the message `key`, read at `place`, is the first of its sender to say `content`."""

    content: str
    key: str
    place: str


class Holder(NamedTuple):
    """The message that said something first, and when."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Who holds a content from now on; `before` is who did, if anybody."""

    content: str
    before: Holder | None
    after: Holder


def judged(
    claims: Sequence[Claim],
    holders: Mapping[str, Holder],
    noted: Mapping[str, str],
    window: timedelta,
    now: datetime,
) -> tuple[dict[str, str], list[Hold]]:
    """For each claim that came too late its message's key with the one that said the same within
    the window before `now`; and who holds what after all the others.

    `holders` are by content; `noted` by place the originals of what was a duplicate before: read
    again, after the window too, it still is one.
    """
    present = dict(holders)
    late: dict[str, str] = {}
    holds: list[Hold] = []
    for claim in claims:
        holder = present.get(claim.content)
        if claim.place in noted:
            late[claim.key] = noted[claim.place]
        elif holder is None or holder.at + window < now:
            present[claim.content] = Holder(claim.key, now)
            holds.append(Hold(claim.content, holder, present[claim.content]))
        elif holder.key != claim.key:
            late[claim.key] = holder.key
    return late, holds
