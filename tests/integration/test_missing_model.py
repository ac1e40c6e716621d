"""A worker without its model refuses to be ready, and says which command makes one."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from deploy.runtime.ports import free_ports
from deploy.system import secrets
from tests.integration.samples import accepted
from tests.integration.stage import Stage


def status(port: int, path: str) -> tuple[int, str]:
    """Status and body of a GET."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("worker", "topic", "command"),
    [("classify", "classify", "make train"), ("generate", "generate", "make knowledge")],
)
async def test_without_its_model_a_worker_waits_in_sight(
    stage: Stage, tmp_path: Path, worker: str, topic: str, command: str
) -> None:
    (port,) = free_ports(1)
    process = stage.start(
        f"services.{worker}",
        HTTP_PORT=str(port),
        MODEL_STORE=str(tmp_path / "nothing"),
        MODEL_CACHE=str(tmp_path / "cache"),
        **secrets.load_or_make(tmp_path / "secrets.json"),
    )
    await process.says(command)
    await stage.publish(topic, [accepted("T", 1)])
    code, body = await asyncio.to_thread(status, port, "readyz")
    assert code == 503
    assert command in json.loads(body)["problems"]["worker"]
    assert (await asyncio.to_thread(status, port, "livez"))[0] == 200
    assert await stage.read(f"{worker}.dlq") == []
    assert process.terminate() == 0
