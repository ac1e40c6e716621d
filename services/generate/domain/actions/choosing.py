"""Which action a message asks for, if any. Asking how something is done is no wish to have it done:
such messages are for the knowledge base."""

from collections.abc import Sequence

from services.generate.domain.actions.catalogue import Action, Catalogue
from services.generate.domain.actions.filling import Filled, fill
from services.generate.domain.actions.orders import Step, open_step
from shared.events import Entity


def wished(
    catalogue: Catalogue, intent: str, text: str, entities: Sequence[Entity]
) -> Action | None:
    """The first action of the intent whose words the message has.

    One that only looks something up is wished for by naming all it needs, too: `status of 4417-B`.
    """
    for action in catalogue.for_intent(intent):
        if action.is_asked_for(text) or _is_named(action, text, entities):
            return action
    return None


def continued(
    catalogue: Catalogue,
    earlier: Sequence[Step],
    turn: int,
    text: str,
    entities: Sequence[Entity],
) -> tuple[Action, Filled] | None:
    """The action that the message right before asked for, with what this one answers to our
    question. None when it answers nothing, takes the wish back or speaks of something else: then
    it is a message like any other.

    Whatever it is classified as: a bare number is out of scope to a classifier.
    """
    step = open_step(earlier, turn)
    action = catalogue.named(step.action) if step is not None else None
    if step is None or action is None:
        return None
    if catalogue.is_withdrawn(text) or action.is_spoken_against(text):
        return None
    told = fill(action, text, entities, step.known)
    return (action, told) if told.answered else None


def _is_named(action: Action, text: str, entities: Sequence[Entity]) -> bool:
    if not action.reads_only or action.is_spoken_against(text):
        return False
    needs = [argument.name for argument in action.arguments if argument.required]
    arguments = fill(action, text, entities).arguments
    return bool(needs) and all(name in arguments for name in needs)
