"""Run careloop on this machine until Ctrl-C: Kafka, the database and the five workers."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from deploy.runtime import RuntimeUnavailable
from deploy.system import System, WorkerFailed

PORTS = {
    "kafka": 9092,
    "mongo": 27017,
    "ingest": 8081,
    "classify": 8082,
    "personalize": 8083,
    "generate": 8084,
    "feedback": 8085,
    "backoffice": 8090,
}
"""The usual ports, where they are free."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.run", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where all is kept")
    home = parser.parse_args().home
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with System(home / "run", home, say, ports=PORTS) as system:
            kafka = system.runtime.endpoints.kafka
            say(f"careloop is up on Kafka at {kafka}. Ctrl-C drains and stops it. Try:")
            say(f"  python -m deploy.publish deploy/demo/tickets.jsonl --kafka {kafka}")
            while not stop.wait(1.0):
                for name, process in system.workers.items():
                    if process.exit_code() is not None:
                        say(f"{name} ended with code {process.exit_code()}; see {process.log}")
                        return 1
            say("draining")
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
