"""`python -m deploy.backoffice`: the demo back office, until Ctrl-C or SIGTERM."""

import argparse
import json
import os
import sqlite3
import sys
from pathlib import Path

from aiohttp import web

from deploy.backoffice.app import application
from deploy.backoffice.books import Books
from deploy.backoffice.faults import Faults

EPILOG = """\
POST /actions/NAME   {"customer_id": "C-1001", "arguments": {"order": "20261118-1001"}}, with the
                     header Idempotency-Key: what was done under a key is done once
GET  /ledger         every movement of money, and how often it moved under each key
GET, PUT /faults     what goes wrong, such as {"slow_seconds": 3, "down": false, "drop": 1,
                     "die": "before_commit"}: drop does so many actions and closes the connection
                     before the answer, die kills the process at the next one
GET  /healthz"""


def main() -> int:
    options = _parse()
    try:
        faults = Faults.parse(json.loads(options.faults))
    except ValueError as error:
        print(f"BACKOFFICE_FAULTS or --faults: {error}", file=sys.stderr)
        return 2
    try:
        options.data.parent.mkdir(parents=True, exist_ok=True)
        books = Books(options.data)
    except (OSError, sqlite3.Error) as error:
        print(f"cannot open {options.data}: {error}", file=sys.stderr)
        return 1
    try:
        web.run_app(application(books, faults), host=options.host, port=options.port)
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.backoffice",
        description="A demo back office with orders, accounts and plans of customers C-1001 to "
        "C-1004. For demonstrations and tests: it asks nobody who they are.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8090, help="default: %(default)s")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(".careloop/backoffice.sqlite"),
        metavar="FILE",
        help="SQLite file, made with the demo's data if it is not there (default: %(default)s)",
    )
    parser.add_argument(
        "--faults",
        default=os.environ.get("BACKOFFICE_FAULTS", "{}"),
        metavar="JSON",
        help="what goes wrong from the start (default: BACKOFFICE_FAULTS, or nothing)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
