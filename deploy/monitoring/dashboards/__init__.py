"""All dashboards, by their uid."""

from collections.abc import Mapping

from deploy.monitoring.board import Board
from deploy.monitoring.dashboards.models import MODELS
from deploy.monitoring.dashboards.overview import OVERVIEW
from deploy.monitoring.dashboards.quality import QUALITY
from deploy.monitoring.dashboards.runbook import runbook
from deploy.monitoring.dashboards.workers import WORKER_BOARDS


def boards() -> Mapping[str, Board]:
    """Made anew at every call: one of them holds the runbook as it stands."""
    made = (OVERVIEW, *WORKER_BOARDS, QUALITY, MODELS, runbook())
    return {board.uid: board for board in made}
