"""`python -m services.feedback.policy` shows, compares, pins and rolls back policies."""

import argparse
import asyncio
import sys

from services.feedback.domain.pins import PinRefused
from services.feedback.mongo import MongoOutcomes
from services.feedback.policy import view
from services.feedback.policy.desk import PolicyDesk
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.settings import Settings
from shared.clock import clock
from shared.errors import FatalError, TemporaryError
from shared.mongo import Mongo

STORED = "The feedback worker publishes it within POLICY_INTERVAL_SECONDS."


async def carried_out(desk: PolicyDesk, given: argparse.Namespace) -> str:
    """What the command has to say. Raises PinRefused and TemporaryError."""
    match given.command:
        case "compare":
            old, new = await desk.version(given.old), await desk.version(given.new)
            return view.compared(old, new)
        case "pin":
            made = await desk.pin(given.intent, given.threshold, given.why)
        case "unpin":
            made = await desk.unpin(given.intent, given.why)
        case "rollback":
            made = await desk.roll_back(given.version, given.why)
        case "propose":
            return view.proposed(*await desk.proposal())
        case _:
            return await _shown(desk, given.history)
    return f"{view.history([made])}\n{STORED}"


async def _shown(desk: PolicyDesk, versions: int) -> str:
    current = await desk.current()
    published = await desk.is_published(current)
    text = view.shown(current, published, await desk.standings(current))
    past = await desk.newest(versions)
    return f"{text}\n\n{view.history(past)}" if past else text


def parser(settings: Settings) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m services.feedback.policy", description=__doc__)
    made.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    commands = made.add_subparsers(dest="command", metavar="COMMAND")
    show = commands.add_parser(
        "show", help="the policy in force, its figures, and what each intent lacks (default)"
    )
    made.set_defaults(history=5)
    show.add_argument("--history", type=int, default=5, help="last versions to tell of (5)")
    compare = commands.add_parser("compare", help="two versions side by side")
    compare.add_argument("old", type=int, help="a version; 0 is the start")
    compare.add_argument("new", type=int)
    pin = commands.add_parser("pin", help="set a threshold that outcomes leave alone")
    pin.add_argument("threshold", type=float, help="0 to 1: confidence an automatic reply needs")
    unpin = commands.add_parser("unpin", help="leave it to outcomes again")
    for one in (pin, unpin):
        one.add_argument("--intent", help="this one alone (default: every intent)")
    rollback = commands.add_parser(
        "rollback", help="a new version with an earlier one's thresholds, pinned until unpinned"
    )
    rollback.add_argument("version", type=int, help="the earlier version; 0 is the start")
    for one in (pin, unpin, rollback):
        one.add_argument("--why", default="", help="kept with the version, for whoever asks")
    commands.add_parser("propose", help="what the tuner would do now; nothing is changed")
    return made


async def _run(given: argparse.Namespace, settings: Settings) -> str:
    mongo = Mongo(given.mongo_url, "feedback")
    desk = PolicyDesk(
        MongoOutcomes(mongo), MongoPolicies(mongo), settings.promise, clock(settings.clock_file)
    )
    try:
        return await carried_out(desk, given)
    finally:
        await mongo.close()


def main() -> int:
    settings = Settings()
    given = parser(settings).parse_args()
    try:
        print(asyncio.run(_run(given, settings)))
    except (FatalError, PinRefused, TemporaryError) as error:
        print(f"policy: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
