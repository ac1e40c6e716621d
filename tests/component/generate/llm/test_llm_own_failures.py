"""What breaks on this side costs a reply nothing, and tells nobody a secret."""

import io
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.generate.llm.brief import Brief, WriterFailed
from services.generate.llm.brief import FailureReason as Reason
from services.generate.llm.openai import Endpoint, OpenAIWriter
from shared.errors import TemporaryError
from tests.component.generate.llm import server as llm
from tests.component.generate.llm.kit import BRIEF, CALL_SECONDS, KEY, TEXT, Door, failure
from tests.component.generate.llm.server import ModelServer


class Buggy:
    """A writer with a bug that says too much."""

    async def write(self, _: Brief) -> object:
        raise RuntimeError(f"{KEY}: {TEXT}")


class Away:
    """A store of spent tokens whose database is away."""

    async def add(self, *_: object) -> int:
        raise TemporaryError("no database answers")


async def test_a_bug_is_a_failure_and_its_words_stay_out_of_the_log(
    door: Door, lines: io.StringIO
) -> None:
    failed = await failure(door("http://127.0.0.1:9", writer=Buggy()))  # type: ignore[arg-type]
    assert failed.reason is Reason.INTERNAL
    assert "RuntimeError" in lines.getvalue() and Path(__file__).name in lines.getvalue()
    assert KEY not in lines.getvalue() and TEXT not in lines.getvalue()


async def test_without_knowing_its_budget_the_model_is_not_asked(
    server: ModelServer, door: Door
) -> None:
    assert (await failure(door(server.url, spent=Away()))).reason is Reason.INTERNAL
    assert server.requests == []


@pytest.mark.parametrize("key", [KEY, f"{KEY}\n", f"{KEY}\nX-Evil: 1", f"{KEY}钥匙"])
@pytest.mark.parametrize(
    "behaviour",
    [llm.good, llm.status(401), llm.status(500), llm.reset, llm.html, llm.slow(5.0)],
)
async def test_the_key_is_in_no_log_and_no_error(
    server: ModelServer, lines: io.StringIO, behaviour: llm.Behaviour, key: str
) -> None:
    server.behave(behaviour)
    endpoint = Endpoint(server.url, llm.MODEL, SecretStr(key), seconds=CALL_SECONDS)
    writer = OpenAIWriter(endpoint)
    said = [repr(endpoint), repr(writer)]
    try:
        await writer.write(BRIEF)
    except WriterFailed as failed:
        said += [repr(failed), *traceback.format_exception(failed)]
    await writer.close()
    said.append(lines.getvalue())
    assert len(server.requests) == (0 if "X-Evil" in key else 1)
    assert KEY not in "".join(said)
    assert TEXT not in lines.getvalue()
