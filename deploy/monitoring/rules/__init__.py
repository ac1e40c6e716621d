"""All groups of rules, by the file they are written to."""

from collections.abc import Mapping

from deploy.monitoring.rule import Group
from deploy.monitoring.rules.messages import MESSAGES
from deploy.monitoring.rules.quality import QUALITY
from deploy.monitoring.rules.recorded import RECORDED
from deploy.monitoring.rules.slo import SLO
from deploy.monitoring.rules.surroundings import SURROUNDINGS
from deploy.monitoring.rules.watching import WATCHING
from deploy.monitoring.rules.workers import WORKER_RULES

GROUPS: Mapping[str, tuple[Group, ...]] = {
    "recorded": RECORDED,
    "slo": SLO,
    "workers": (WORKER_RULES, MESSAGES, SURROUNDINGS, WATCHING),
    "quality": (QUALITY,),
}
