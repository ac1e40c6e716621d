"""What agents decided about drafts and held actions: the final text goes out once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.generate.domain.actions.catalogue import Action, Catalogue
from services.generate.domain.actions.orders import Order, Result, Step, order
from services.generate.domain.actions.permission import permit
from services.generate.domain.actions.wording import render
from services.generate.domain.reasons import OF_RESULT, Reason
from services.generate.ports import Actions, Kept, Responses, Reviews, Steps
from services.generate.publishing import published
from services.generate.seals import Seals
from services.generate.writing import SOURCE
from shared import ids, log
from shared.envelope import Event
from shared.events import CUSTOMER_ID, ResponseGenerated, ResponseReviewed
from shared.outcome import DONE, Outcome

logger = log.get(__name__)
Review = Event[ResponseReviewed]


def reviewed_id(response_id: str) -> str:
    """The id of what is published for a draft."""
    return ids.derived("reviewed", response_id)


@dataclass(frozen=True, slots=True)
class _Held:
    """An action that was held back for approval."""

    action: Action
    step: Step
    order: Order


class ReviewDesk:
    """The first verdict on a draft counts; whatever comes later changes nothing."""

    def __init__(
        self,
        responses: Responses,
        reviews: Reviews,
        steps: Steps,
        *,
        actions: Actions,
        catalogue: Catalogue,
        seals: Seals,
        now: Callable[[], datetime],
    ) -> None:
        self._responses = responses
        self._reviews = reviews
        self._steps = steps
        self._actions = actions
        self._catalogue = catalogue
        self._seals = seals
        self._now = now

    async def settle(self, events: Sequence[Review]) -> list[Outcome]:
        """One outcome each, in their order. Raises TemporaryError."""
        asked = [event.data.response_id for event in events]
        drafts = await self._responses.find([*asked, *map(reviewed_id, asked)])
        open_ones = [event for event in events if _is_reviewable(event, drafts)]
        first = await self._reviews.first(
            {event.data.response_id: event.id for event in reversed(open_ones)}
        )
        counting = {
            event.data.response_id: event
            for event in open_ones
            if first.get(event.data.response_id) == event.id and event.data.verdict != "rejected"
        }
        finals = await self._finals(counting, drafts)
        return [
            published(finals[event.data.response_id], self._seals)
            if counting.get(event.data.response_id) is event
            else DONE
            for event in events
        ]

    async def _finals(
        self, reviews: Mapping[str, Review], stored: Mapping[str, Kept]
    ) -> Mapping[str, Kept]:
        """What is to be published, by the draft's response id."""
        done = {key: stored[reviewed_id(key)] for key in reviews if reviewed_id(key) in stored}
        todo = {key: review for key, review in reviews.items() if key not in done}
        if not todo:
            return done
        held = await self._held({k: stored[k] for k, r in todo.items() if _is_approval(r)})
        results = await self._actions.run([one.order for one in held.values()])
        by_key = {result.key: result for result in results}
        now = self._now()
        made = []
        for key, review in todo.items():
            one = held.get(key)
            result = by_key.get(one.order.key) if one else None
            made.append(_final(review, stored[key], one, result, now))
        kept = await self._responses.keep(made)
        return done | {key: kept[reviewed_id(key)] for key in todo}

    async def _held(self, drafts: Mapping[str, Kept]) -> Mapping[str, _Held]:
        """The actions among these drafts that may be carried out now that they are approved."""
        steps = await self._steps.of(list(drafts))
        before = await self._steps.before({step.ticket_id: step.turn for step in steps.values()})
        held = {}
        for key, step in steps.items():
            action = self._catalogue.named(step.action)
            if step.status != "awaiting_approval" or action is None:
                continue
            originals = self._seals.opened(step.seals, step.ticket_id)
            permission = permit(
                action,
                step.arguments,
                step.identity,
                customer_known=CUSTOMER_ID in originals,
                earlier=before.get(step.ticket_id, ()),
                approved=True,
            )
            if permission.verdict != "execute":
                logger.warning(
                    "approved action is not allowed",
                    ticket_id=step.ticket_id,
                    reasons=[str(reason) for reason in permission.reasons],
                )
                continue
            held[key] = _Held(
                action,
                step,
                order(
                    action,
                    step.arguments,
                    originals,
                    ticket_id=step.ticket_id,
                    message_id=step.message_id,
                    customer_key=step.customer_key,
                    traceparent=drafts[key].event.traceparent,
                ),
            )
        return held


def _is_reviewable(event: Review, stored: Mapping[str, Kept]) -> bool:
    """Whether it is about something that waits for a verdict: a draft, or an action held back."""
    kept = stored.get(event.data.response_id)
    if kept is None or kept.erased:
        logger.info("a review of no response of ours", ticket_id=event.data.ticket_id)
        return False
    draft = kept.event.data
    waits = draft.action is not None and draft.action.status == "awaiting_approval"
    return draft.ticket_id == event.data.ticket_id and (draft.decision == "draft" or waits)


def _is_approval(review: Review) -> bool:
    return review.data.verdict == "approved"


def _final(
    review: Review, draft: Kept, held: _Held | None, result: Result | None, now: datetime
) -> Kept:
    """The response that is sent instead of the draft.

    An edited text is the agent's and goes out as it is; a held action is then not carried out,
    which the agent has taken into their own hands.
    """
    told = draft.event.data
    changes: dict[str, Any] = {
        "response_id": reviewed_id(told.response_id),
        "reviewed": told.response_id,
        "decision": "answer",
        "reasons": (Reason.APPROVED_BY_AGENT.value,),
        "handoff": None,
        "propensity": 1.0,
        "asked": None,
        "choices": (),
        "created_at": now,
    }
    seals = draft.seals
    if review.data.verdict == "edited":
        changes |= {
            "text": review.data.final_text or told.text,
            "reasons": (Reason.EDITED_BY_AGENT.value,),
            "written_by": "agent",
            "action": None,
        }
        seals = (review.data.sealed,) if review.data.sealed else ()
    elif held is not None and result is not None:
        changes |= _carried_out(told, held, result)
    data = told.model_copy(update=changes)
    envelope = review.derive(data, source=SOURCE, now=now)
    return Kept(Event(envelope.id, SOURCE, now, draft.event.traceparent, data), draft.turn, seals)


def _carried_out(told: ResponseGenerated, held: _Held, result: Result) -> dict[str, Any]:
    """The same letter, which now says what became of the action."""
    waiting = render(held.action, told.language, "awaiting_approval", held.step.arguments)
    became = render(held.action, told.language, result.status, held.step.arguments, result.fields)
    assert told.action is not None
    action = told.action.model_copy(update={"status": result.status, "result": dict(result.fields)})
    failed = result.status == "failed"
    return {
        "text": told.text.replace(waiting, became, 1),
        "decision": "escalate" if failed else "act",
        "reasons": (Reason.APPROVED_BY_AGENT.value, OF_RESULT[result.status].value),
        "action": action,
        "handoff": told.handoff if failed else None,
    }
