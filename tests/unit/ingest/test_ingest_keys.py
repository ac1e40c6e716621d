"""Secrets: refused clearly when they are missing, made by one command, never shown."""

import os
import subprocess
import sys

import pytest

from services.ingest.keys import Keys, fresh
from services.ingest.settings import Settings
from shared.errors import FatalError
from shared.sealing import KeyRing


def settings(**given: str) -> Settings:
    return Settings(**{name.lower(): value for name, value in given.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["SEALING_KEYS", "CUSTOMER_KEY_SECRET"])
@pytest.mark.parametrize("value", ["", "  ", "not base64!", "k1:AAAA", "AAAA"])
def test_a_missing_or_broken_secret_is_named_with_the_command_that_makes_one(
    missing: str, value: str
) -> None:
    with pytest.raises(FatalError) as refused:
        Keys.of(settings(**fresh() | {missing: value}))
    assert missing in str(refused.value)
    assert "python -m services.ingest.keys" in str(refused.value)
    assert not value.strip() or value not in str(refused.value)


def test_settings_never_show_secrets() -> None:
    made = fresh()
    shown = repr(settings(**made)) + str(settings(**made).model_dump())
    assert not any(secret in shown for secret in made.values())


def test_worker_without_secrets_says_what_to_set_and_ends() -> None:
    bare = {name: value for name, value in os.environ.items() if name not in fresh()}
    run = subprocess.run(
        [sys.executable, "-m", "services.ingest"],
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert "SEALING_KEYS and CUSTOMER_KEY_SECRET must be set" in run.stderr
    assert "Traceback" not in run.stderr


def test_printed_keys_can_be_taken_over_by_a_shell() -> None:
    shell = f'eval "$({sys.executable} -m services.ingest.keys)" && printf "%s %s" '
    shell += '"$SEALING_KEYS" "$CUSTOMER_KEY_SECRET"'
    printed = subprocess.run(
        ["/bin/sh", "-c", shell], capture_output=True, text=True, timeout=60, check=True
    )
    ring, secret = printed.stdout.split(" ")
    keys = Keys.of(settings(SEALING_KEYS=ring, CUSTOMER_KEY_SECRET=secret))
    seal = keys.seal({"[EMAIL_1]": "a@b.co"}, "t")
    assert seal is not None
    assert KeyRing.parse(ring).open(seal, "t") == {"[EMAIL_1]": "a@b.co"}


def test_people_are_known_by_keys_that_tell_nothing() -> None:
    keys = Keys.of(settings(**fresh()))
    other = Keys.of(settings(**fresh()))
    assert keys.customer("C-77", "a@b.co") == keys.customer("C-77")
    assert keys.customer(None, " A@B.co ") == keys.customer(None, "a@b.co")
    assert keys.customer(None, None) is None
    assert keys.customer(None, " ") is None
    assert keys.customer("C-77") != other.customer("C-77")
    assert keys.customer("x") != keys.agent("x")
    assert keys.original("t1", "a@b.co") != keys.original("t2", "a@b.co")
