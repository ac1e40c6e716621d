"""Which action a message asks for, if any. Asking how something is done is no wish to have it done:
such messages are for the knowledge base."""

from collections.abc import Sequence

from services.generate.domain.actions.catalogue import Action, Catalogue
from services.generate.domain.actions.filling import fill
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


def _is_named(action: Action, text: str, entities: Sequence[Entity]) -> bool:
    if not action.reads_only or action.is_spoken_against(text):
        return False
    needs = [argument.name for argument in action.arguments if argument.required]
    arguments = fill(action, text, entities).arguments
    return bool(needs) and all(name in arguments for name in needs)
