"""The classifiers of the simulation: the first one, those trained again, and a bad one."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services.classify import artifact
from shared.modelstore import ModelStore


class Failed(RuntimeError):
    """A command that did not do what it is there for; the message is its own words."""


class Models:
    """The simulation's own model store; `base` are the rows the first classifier learns from."""

    def __init__(self, folder: Path, cache: Path, base: Sequence[Mapping[str, str]]) -> None:
        self.store = folder / "models"
        self._cache = cache
        self._folder = folder
        self._data = folder / "learned.jsonl"
        self.first = ""
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(dict(row), ensure_ascii=False) + "\n" for row in base]
        self._data.write_text("".join(lines), "utf-8")

    def train_first(self) -> str:
        """Anew, so that what an earlier simulation learned is forgotten; returns the version."""
        shutil.rmtree(self.store / artifact.NAME, ignore_errors=True)
        _run("services.classify.train", *self._arguments())
        self.first = ModelStore(str(self.store)).require_latest(artifact.NAME)
        return self.first

    async def train_again(self, environment: Mapping[str, str]) -> str:
        """As the operator's command does, from what people said; what it says of it, in lines."""
        arguments = ["--mongo-url", environment["MONGO_URL"]]
        arguments += ["--kafka", environment["KAFKA_BOOTSTRAP_SERVERS"]]
        arguments += ["--folder", str(self._folder / "retraining"), *self._arguments()]
        return await asyncio.to_thread(_run, "deploy.retraining", *arguments, **environment)

    def spoil(self, version: str) -> str:
        """Store a classifier that takes every wish for another one; returns its version."""
        store = ModelStore(str(self.store))
        heads, scope, encoder = artifact.load(store.fetch(artifact.NAME, version, self._cache))
        intent = heads.by_name["intent"]
        wrong = replace(intent, labels=intent.labels[-1:] + intent.labels[:-1])
        spoilt = replace(heads, by_name={**heads.by_name, "intent": wrong})
        with tempfile.TemporaryDirectory() as folder:
            artifact.save(Path(folder), spoilt, scope, encoder, taxonomy={}, metrics={})
            return store.put(
                artifact.NAME, Path(folder), store.manifest(artifact.NAME, version).metadata
            )

    def _arguments(self) -> list[str]:
        where = ["--store", str(self.store), "--cache", str(self._cache)]
        return [*where, "--data", str(self._data), "--taxonomy", "from-data"]


def _run(module: str, *arguments: str, **environment: str) -> str:
    """What it prints. Raises Failed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failed(f"`python -m {module}` failed:\n{done.stderr[-3000:]}")
    return done.stdout.strip()
