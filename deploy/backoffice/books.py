"""The data: one SQLite file. What an action does and what is answered is one transaction, so that
a process killed at any moment has done all of it or nothing."""

import contextlib
import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from deploy.backoffice.effects import EFFECTS
from deploy.backoffice.requests import Refused, Request

HERE = Path(__file__).parent
WAIT_SECONDS = 10.0
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Body


def _nothing() -> None:
    """What happens at a moment at which nothing is to happen."""


class Books:
    """Customers, orders, accounts, plans, and every movement of money."""

    def __init__(self, file: Path) -> None:
        """Open the file, or make it with the seed in it."""
        # One connection, used by one request at a time.
        self._db = sqlite3.connect(
            file, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        # An answer is given only for what is on the disk.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        with self._transaction():
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger'").fetchone():
                for script in ("schema.sql", "seed.sql"):
                    for statement in _statements((HERE / script).read_text("utf-8")):
                        self._db.execute(statement)

    def carry_out(
        self, action: str, request: Request, before_commit: Callable[[], None] = _nothing
    ) -> Reply:
        """Do it, or answer what was answered under this key before. Refusals are remembered, too.

        Raises KeyError for an action there is none of.
        """
        effect = EFFECTS[action]
        digest = _digest(action, request)
        with self._transaction():
            known = self._db.execute(
                "SELECT request, status, body FROM answers WHERE key = ?", (request.key,)
            ).fetchone()
            if known is not None and known["request"] != digest:
                return _refusal(422, "idempotency_key_reused", "the key stands for another request")
            if known is not None:
                return Reply(known["status"], json.loads(known["body"]))
            try:
                reply = Reply(HTTPStatus.OK, {"result": effect(self._db, request)})
            except Refused as refused:
                reply = _refusal(refused.status, refused.code, refused.message)
            self._db.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?)",
                (request.key, digest, reply.status, json.dumps(reply.body, ensure_ascii=False)),
            )
            before_commit()
        return reply

    def ledger(self) -> Body:
        """Every movement, in order, and how often money moved under each key."""
        rows = [dict(row) for row in self._db.execute("SELECT * FROM ledger ORDER BY id")]
        return {"movements": rows, "times": Counter(row["key"] for row in rows)}

    def close(self) -> None:
        self._db.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _refusal(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": code, "message": message})


def _digest(action: str, request: Request) -> str:
    told = [action, request.customer_id, sorted(request.arguments.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _statements(script: str) -> Iterator[str]:
    """One by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
