"""Users of the database."""

from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from shared.settings import masked

REACH_MS = 10_000


class UsersRefused(Exception):
    """The database would not make a user; the message says which database and why."""


def make(url: str, passwords: Mapping[str, str]) -> None:
    """Make the users, or give those there are these passwords and their one role; by worker.

    `url` is an administrator's. Raises UsersRefused.
    """
    try:
        with MongoClient[Any](url, serverSelectionTimeoutMS=REACH_MS) as client:
            for worker, password in passwords.items():
                there = client[worker].command("usersInfo", worker)["users"]
                command = "updateUser" if there else "createUser"
                own = [{"role": "readWrite", "db": worker}]
                client[worker].command(command, worker, pwd=password, roles=own)
    except OperationFailure as error:
        why = (error.details or {}).get("errmsg", "refused")
        raise UsersRefused(f"{masked(url)}: {why}") from error
    except PyMongoError as error:
        raise UsersRefused(f"{masked(url)}: {type(error).__name__}") from error
