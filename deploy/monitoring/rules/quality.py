"""Replies that are wrong, models that are refused, and a world that moved."""

from deploy.monitoring.promql import new_in
from deploy.monitoring.rule import Alert, Group

WRONG_LOW = "careloop_quality_wrong_rate_low"
ALLOWED = "scalar(max(careloop_policy_alpha))"
REFUSED = "\nor\n".join(
    new_in(f"{counter}_refused_total", "1h", "job") + " > 0"
    for counter in ("careloop_classifiers", "careloop_personalize_models")
)

QUALITY = Group(
    "careloop-quality",
    (
        Alert(
            "CareloopWrongReplies",
            "page",
            f'max({WRONG_LOW}{{intent="(all)"}}) > {ALLOWED}',
            "10m",
            "More automatic replies are wrong than is allowed",
            "At least {{ $value | humanizePercentage }} of the judged automatic replies are wrong "
            "(low end of their 95 % interval): over POLICY_ALPHA.",
        ),
        Alert(
            "CareloopWrongRepliesOfIntent",
            "ticket",
            f'max by (intent) ({WRONG_LOW}{{intent!="(all)"}}) > {ALLOWED}',
            "10m",
            "More automatic replies of an intent are wrong than is allowed",
            "At least {{ $value | humanizePercentage }} of the judged automatic replies about "
            "{{ $labels.intent }} are wrong (low end of their 95 % interval): over POLICY_ALPHA.",
        ),
        Alert(
            "CareloopPolicyNotTaken",
            "ticket",
            "max(careloop_policy_version) - min(careloop_generate_policy_version) > 0",
            "10m",
            "generate goes by an old policy",
            "A process of generate is {{ $value }} versions behind the policy in force.",
        ),
        Alert(
            "CareloopModelRefused",
            "ticket",
            REFUSED,
            "0s",
            "A promoted model cannot be served",
            "{{ $labels.job }} refused {{ $value | humanize }} promoted models within the last "
            "hour; the ones before go on.",
        ),
        Alert(
            "CareloopDrift",
            "ticket",
            "max by (test) (careloop_drift) == 1",
            "0s",
            "Customers write differently from what the classifier was taught",
            "The last look for a reason to train found drift by the test of {{ $labels.test }}.",
        ),
    ),
)
