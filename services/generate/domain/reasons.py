"""Why a message got what it got: stable codes, part of the public contract.

Beside these stand the refusals of `domain/actions/permission.py` and the violations of
`domain/guardrails`, the latter after `guardrail_`.
"""

from collections.abc import Mapping
from enum import StrEnum

from services.generate.domain.actions.orders import Status


class Reason(StrEnum):
    CITED_ANSWER = "cited_answer"
    THANKED = "thanked"
    ACTION_DONE = "action_done"
    ACTION_REFUSED = "action_refused"
    ACTION_FAILED = "action_failed"
    ARGUMENT_MISSING = "argument_missing"
    ARGUMENT_AMBIGUOUS = "argument_ambiguous"
    ASKED_IN_VAIN = "asked_in_vain"
    WITH_A_PERSON = "with_a_person"
    NOTHING_TO_READ = "nothing_to_read"
    ASKED_FOR_PERSON = "asked_for_person"
    FRAUD_OR_SAFETY = "fraud_or_safety"
    URGENT = "urgent"
    VERY_NEGATIVE_MOOD = "very_negative_mood"
    COMPLAINT = "complaint"
    OUT_OF_SCOPE = "out_of_scope"
    NO_MATCHING_ANSWER = "no_matching_answer"
    NO_ANSWER_IN_LANGUAGE = "no_answer_in_language"
    BELOW_THRESHOLD = "below_threshold"
    EXPLORED = "explored"
    OTHER_PASSAGE = "other_passage"
    ATTACHMENTS_NOT_READ = "attachments_not_read"
    APPROVED_BY_AGENT = "approved_by_agent"
    EDITED_BY_AGENT = "edited_by_agent"


OF_RESULT: Mapping[Status, Reason] = {
    "done": Reason.ACTION_DONE,
    "refused": Reason.ACTION_REFUSED,
    "failed": Reason.ACTION_FAILED,
}
"""What became of an action, as a reason."""
