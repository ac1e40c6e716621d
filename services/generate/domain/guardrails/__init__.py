"""Guardrails: what every text that goes out must keep to, whoever wrote it."""

from services.generate.domain.guardrails.check import Guard, violations
from services.generate.domain.guardrails.grounds import Grounds
from services.generate.domain.guardrails.instructions import is_to_a_machine
from services.generate.domain.guardrails.violation import Code, Violation

__all__ = ["Code", "Grounds", "Guard", "Violation", "is_to_a_machine", "violations"]
