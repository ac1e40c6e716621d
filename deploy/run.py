"""Run careloop on this machine until Ctrl-C: Kafka, the database, the five workers, and the two
jobs that close the loop: retraining, and the managers' pages."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from deploy.retraining.settings import RetrainingSettings
from deploy.runtime import RuntimeUnavailable
from deploy.system import System, WorkerFailed
from deploy.system.jobs import JobProcess, Jobs, insights, retraining
from deploy.system.monitoring import watched
from services.feedback.insights.settings import InsightsSettings
from services.feedback.schedule import MOST_HOURS

PORTS = {
    "kafka": 9092,
    "mongo": 27017,
    "ingest": 8081,
    "classify": 8082,
    "personalize": 8083,
    "generate": 8084,
    "feedback": 8085,
    "backoffice": 8090,
    "prometheus": 9090,
}
"""The usual ports, where they are free."""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.run", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where all is kept")
    parser.add_argument(
        "--retrain-every",
        type=float,
        default=RetrainingSettings().retraining_every_hours,
        metavar="HOURS",
        help="0: never; default: RETRAINING_EVERY_HOURS, %(default)g",
    )
    parser.add_argument(
        "--report-every",
        type=float,
        default=InsightsSettings().insights_every_hours,
        metavar="HOURS",
        help="0: never; default: INSIGHTS_EVERY_HOURS, %(default)g",
    )
    given = parser.parse_args()
    for hours in (given.retrain_every, given.report_every):
        if not 0 <= hours <= MOST_HOURS:
            parser.error(f"at least 0 and at most {MOST_HOURS:g} hours")
    return given


def main() -> int:
    given = parse()
    home: Path = given.home
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with (
            System(home / "run", home, say, ports=PORTS) as system,
            Jobs(jobs_of(system, given), say) as jobs,
            watched(system, PORTS["prometheus"], say),
        ):
            kafka = system.runtime.endpoints.kafka
            say(f"careloop is up on Kafka at {kafka}. Ctrl-C drains and stops it. Try:")
            say(f"  python -m deploy.publish deploy/demo/tickets.jsonl --kafka {kafka}")
            while not stop.wait(1.0):
                for name, process in system.workers.items():
                    if process.exit_code() is not None:
                        say(f"{name} ended with code {process.exit_code()}; see {process.log}")
                        return 1
                jobs.look()
            say("draining")
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def jobs_of(system: System, given: argparse.Namespace) -> list[JobProcess]:
    """Those that are not switched off."""
    logs = system.data / "logs"
    found = []
    if job := retraining(given.retrain_every, system.environment, given.home, logs):
        say(f"retraining looks every {given.retrain_every:g} h whether there is reason to train")
        found.append(job)
    if job := insights(given.report_every, system.environment, given.home, logs):
        say(f"insights writes {given.home / 'reports'}/ every {given.report_every:g} h")
        found.append(job)
    return found


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
