"""Whether a reply may be sent: what each reply may rest on, for the guardrails."""

from collections.abc import Iterator

from services.generate.domain.actions.filling import PLACEHOLDER
from services.generate.domain.composer import Letter, body, offered
from services.generate.domain.decision import Verdict
from services.generate.domain.guardrails import Grounds, violations
from services.generate.domain.message import Message
from services.generate.domain.phrases import NAME, phrases_for, sentences

LONGEST_REPLY = 6000


def broken_rules(text: str, message: Message, verdict: Verdict, letter: Letter) -> tuple[str, ...]:
    """The codes of all rules the text breaks, `guardrail_` before each; none if it may be sent.

    A draft is checked, too: who reads it in a hurry should not have to find what a machine can. A
    hand-over says nothing but our own sentences.
    """
    if verdict.is_silent:
        return ()
    found = violations(
        text,
        grounds_of(message, verdict, letter),
        language=phrases_for(message.language).language,
        longest=LONGEST_REPLY,
        foreign_passages=verdict.entry is not None,
    )
    return tuple(dict.fromkeys(f"guardrail_{violation.code}" for violation in found))


def grounds_of(message: Message, verdict: Verdict, letter: Letter) -> Grounds:
    """The sources of a reply."""
    plan, entry, result = verdict.plan, verdict.entry, letter.done
    offer = offered(message, verdict, result)
    plain = Letter(letter.by_name, letter.queue, result)
    catalogue_says = body(message, verdict, plain) if plan else ""
    is_done = result is not None and result.status == "done"
    done = (plan.action.name, catalogue_says) if plan and is_done else ()
    said = {**plan.arguments, **(result.fields if result else {})} if plan else {}
    return Grounds(
        passages=(entry.passage,) if entry else (),
        ticket=(message.text, *message.told_before),
        results=tuple(said.values()),
        own=(*sentences(), *((catalogue_says,) if plan else ())),
        names=(offer.title, offer.because or "") if offer else (),
        placeholders=frozenset(
            {NAME, *(found[0] for found in PLACEHOLDER.finditer(message.text)), *said.values()}
        ),
        done=done,
        prompt=letter.prompt,
    )


def _placeholders(text: str) -> Iterator[str]:
    return (found[0] for found in PLACEHOLDER.finditer(text))
