"""Model artifacts are data: no code of careloop reads anything that could run when it is read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("services", "shared", "deploy")
SOURCES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]

RUNS_WHEN_READ = frozenset(
    {"pickle", "_pickle", "pickle5", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal",
     "pickletools", "shelve", "skops"}
)  # fmt: skip
"""Modules whose formats hold code, or names of code, that is run when they are read."""

RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__"})
UNSAFE_YAML = frozenset(
    {"load", "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all", "Loader",
     "FullLoader", "UnsafeLoader", "CLoader", "CFullLoader", "CUnsafeLoader"}
)  # fmt: skip
"""safe_load is what is left: it makes numbers, texts, lists and mappings."""


def offences(source: str) -> Iterator[str]:
    """What in the source could run data, each with its line."""
    tree = ast.parse(source)
    called = names_of_modules(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.partition(".")[0] in RUNS_WHEN_READ:
                    yield f"{node.lineno}: import {name.name}"
        elif isinstance(node, ast.ImportFrom):
            yield from of_import(node)
        elif isinstance(node, ast.Call):
            yield from of_call(node, called)
        elif isinstance(node, ast.Attribute):
            owner = called.get(ast.unparse(node.value))
            if owner == "yaml" and node.attr in UNSAFE_YAML:
                yield f"{node.lineno}: yaml.{node.attr}"


def names_of_modules(tree: ast.Module) -> dict[str, str]:
    """The names that the source has for modules: `np` for numpy."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.asname or name.name: name.name for name in node.names}
    return found


def of_import(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    for name in node.names:
        if module.partition(".")[0] in RUNS_WHEN_READ or name.name in RUNS_WHEN_READ:
            yield f"{node.lineno}: from {module} import {name.name}"
        if module in {"numpy", "torch"} and name.name in {"load", "jit"}:
            yield f"{node.lineno}: {module}.{name.name} by another name"
        if module == "yaml" and name.name in UNSAFE_YAML:
            yield f"{node.lineno}: from yaml import {name.name}"


def of_call(node: ast.Call, modules: dict[str, str]) -> Iterator[str]:
    told = {word.arg: word.value for word in node.keywords}
    name = ast.unparse(node.func)
    owner, _, function = name.rpartition(".")
    owner = modules.get(owner, owner)
    if not owner and function in RUNS_TEXT:
        yield f"{node.lineno}: {function}()"
    if "allow_pickle" in told and not is_constant(told["allow_pickle"], False):
        yield f"{node.lineno}: allow_pickle"
    if (owner, function) == ("numpy", "load") and "allow_pickle" not in told:
        yield f"{node.lineno}: numpy.load that leaves allow_pickle open"
    if (owner, function) == ("torch", "load") and not is_constant(told.get("weights_only"), True):
        yield f"{node.lineno}: torch.load without weights_only=True"
    if "trust_remote_code" in told and not is_constant(told["trust_remote_code"], False):
        yield f"{node.lineno}: trust_remote_code"


def is_constant(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_is_read_is_run(path: Path) -> None:
    assert list(offences(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import joblib.memory",
        "def late():\n    from dill import loads",
        "from pandas.compat import pickle",
        "import numpy as np\nnp.load(path)",
        "import numpy\nnumpy.load(path, allow_pickle=True)",
        "import numpy as np\nnp.save(path, a, allow_pickle=option)",
        "from numpy import load",
        "import torch\ntorch.load(path)",
        "import torch as t\nt.load(path, weights_only=False)",
        "import yaml\nyaml.load(text, Loader=yaml.UnsafeLoader)",
        "import yaml\nyaml.full_load(text)",
        "from yaml import unsafe_load",
        "eval(text)",
        "exec(code, {})",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
    ],
)
def test_what_would_be_run_is_found(source: str) -> None:
    assert list(offences(source))


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.load(path, allow_pickle=False)",
        "import torch\ntorch.load(path, weights_only=True)",
        "import yaml\nyaml.safe_load(text)",
        "import re\nre.compile(text)",
        "model.eval()",
        "self.exec(command)",
    ],
)
def test_what_only_reads_is_let_pass(source: str) -> None:
    assert not list(offences(source))
