"""Which models there are and which is in force; another one by hand, without any check.

`python -m deploy.models list|promote|rollback`. A promotion is served by every process within
seconds and after every restart, until the next one: by hand, by retraining, or by feedback, which
rolls a worse model back by itself.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from deploy.retraining.job import promote
from deploy.retraining.settings import RetrainingSettings
from services.feedback.mongo import MongoPromotions
from services.feedback.promotions import CLASSIFIER, Promotion
from shared.clock import clock
from shared.errors import FatalError, TemporaryError
from shared.modelstore import ArtifactMissing, ModelStore
from shared.mongo import Mongo


class Refused(Exception):
    """Nothing was changed; the message says why and what there is instead."""


async def put_in_force(given: argparse.Namespace, store: ModelStore, mongo: Mongo) -> str:
    """Promote the version asked for, or the one before; what was done. Raises Refused."""
    latest = await MongoPromotions(mongo).latest(given.name)
    current = in_force(store, given.name, latest)
    version = given.version if given.command == "promote" else _before(given.name, latest)
    if version not in store.versions(given.name):
        raise Refused(f"the store {store.url} has no {given.name}@{version}: see `list`")
    if version == current:
        raise Refused(f"{given.name}@{version} is in force already")
    verdict = {
        "name": given.name,
        "version": version,
        "previous": current,
        "reason": f"by hand: {given.why}",
    }
    now = clock(RetrainingSettings().clock_file)()
    await promote(verdict, given.kafka, now)
    return f"{given.name}@{version} is in force in place of {current}"


def in_force(store: ModelStore, name: str, latest: Promotion | None) -> str | None:
    """The version promoted last, or the newest while none was."""
    return latest.version if latest else store.latest(name)


def _before(name: str, latest: Promotion | None) -> str:
    if latest is None or latest.previous is None:
        raise Refused(f"no {name} was promoted so far: there is none to go back to")
    return latest.previous


async def listed(given: argparse.Namespace, store: ModelStore, mongo: Mongo) -> str:
    """Versions, the newest last."""
    current = in_force(store, given.name, await MongoPromotions(mongo).latest(given.name))
    lines = [f"{given.name} in {store.url}"]
    for version in store.versions(given.name):
        manifest = store.manifest(given.name, version)
        made = manifest.created_at[:19].replace("T", " ")
        mark = "in force" if version == current else ""
        lines.append(f"  {version}  made {made} UTC  {mark}".rstrip())
    return "\n".join(lines)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    settings = RetrainingSettings()
    parser = argparse.ArgumentParser(
        prog="python -m deploy.models",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--name", default=CLASSIFIER, help="of the artifact; default: %(default)s")
    parser.add_argument("--store", default=settings.model_store, help="default: %(default)s")
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument(
        "--kafka", default=settings.kafka_bootstrap_servers, help="default: KAFKA_BOOTSTRAP_SERVERS"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("list", help="every version in the store, and which is in force")
    chosen = commands.add_parser("promote", help="put this version in force")
    chosen.add_argument("version")
    back = commands.add_parser("rollback", help="put the version before in force again")
    for one in (chosen, back):
        one.add_argument("--why", required=True, help="kept with the promotion, for whoever asks")
    return parser.parse_args(arguments)


async def _run(given: argparse.Namespace) -> str:
    mongo = Mongo(given.mongo_url, "feedback")
    store = ModelStore(given.store)
    try:
        if given.command == "list":
            return await listed(given, store, mongo)
        return await put_in_force(given, store, mongo)
    finally:
        await mongo.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """0, 1 when something cannot be reached, 2 when what is asked for is refused."""
    given = parse(arguments)
    try:
        print(asyncio.run(_run(given)))
    except (FatalError, TemporaryError, OSError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    except (Refused, ArtifactMissing) as refused:
        print(f"models: {refused}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
