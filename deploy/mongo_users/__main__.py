"""`python -m deploy.mongo_users` makes the users, or gives them new passwords."""

import argparse
import sys

from deploy import mongo_users
from deploy.acl.passwords import given
from deploy.mongo_users import WORKERS, variable
from deploy.mongo_users.mongo import UsersRefused, make
from shared.settings import WorkerSettings


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.mongo_users",
        description=mongo_users.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = WorkerSettings().mongo_url
    parser.add_argument("--mongo-url", default=default, help="default: MONGO_URL")
    url = parser.parse_args().mongo_url
    told = given(map(variable, WORKERS))
    passwords = {worker: told[variable(worker)] for worker in WORKERS if variable(worker) in told}
    try:
        make(url, passwords)
    except UsersRefused as refused:
        print(f"mongo_users: {refused}", file=sys.stderr)
        return 1
    for worker in WORKERS:
        set_now = "readWrite on its database"
        print(
            f"{worker}: {set_now if worker in passwords else f'left alone: no {variable(worker)}'}"
        )
    return 0 if passwords else 1


if __name__ == "__main__":
    sys.exit(main())
