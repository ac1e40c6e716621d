"""What a text may rest on."""

from dataclasses import dataclass

from services.generate.domain.guardrails.instructions import is_to_a_machine


@dataclass(frozen=True, slots=True)
class Grounds:
    """The sources of one reply.

    `passages` are the texts of the cited entries, headings included, and `results` the fields and
    values of an action's arguments and result: what they say may be said. `ticket` is the
    customer's own text, subject, files and earlier turns: it may be repeated, not promised. `own`
    are our fixed sentences, those of actions filled in. `names` may be named, such as titles of
    recommendations; those of `catalogue` only where they stand in another source. `placeholders`
    are the ticket's. `done` are the names and wordings of actions that were carried out, nothing
    else: only those may be said to be done. `prompt` is what a language model was told, which no
    text may repeat.
    """

    passages: tuple[str, ...] = ()
    ticket: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    catalogue: frozenset[str] = frozenset()
    placeholders: frozenset[str] = frozenset()
    done: tuple[str, ...] = ()
    prompt: str = ""

    @property
    def trusted(self) -> tuple[str, ...]:
        """The passages but those that speak to a machine: who wrote these is not the company."""
        return tuple(passage for passage in self.passages if not is_to_a_machine(passage))

    @property
    def firm(self) -> tuple[str, ...]:
        """All that is true of the company and the case, whatever the customer says."""
        return (*self.trusted, *self.results, *self.own, *self.names)
