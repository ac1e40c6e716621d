"""Licences: understood as SPDX has them, and no image with one that is not allowed."""

import argparse
import dataclasses
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from deploy.supply import __main__ as command
from deploy.supply.display import rows, show_licences
from deploy.supply.errors import SupplyError
from deploy.supply.licences import SPDX, Said, judge, licence_of, permitted
from deploy.supply.packages import IMAGES, Package, everything, packages, shipped
from deploy.supply.policy import FILE, policy

POLICY = policy()
NOTHING = Said(None, None, ())


def test_all_that_is_locked_has_an_allowed_licence(capsys: pytest.CaptureFixture[str]) -> None:
    """As the command says it, of the packages that are installed here."""
    code = command.licences(argparse.Namespace(), Console(width=200))
    told = capsys.readouterr().out
    assert code == 0, told
    assert "not allowed" not in told
    for name in ("aiokafka", "onnxruntime", "torch", "cyclonedx-bom"):
        assert name in told


def test_nothing_of_an_image_needs_an_excuse() -> None:
    for image in IMAGES:
        for package in packages(image):
            licence = licence_of(package.name, package.said, POLICY)
            assert licence is not None and permitted(licence, POLICY), package.name


def test_the_embedded_database_is_excused_for_development_alone() -> None:
    (database,) = [package for package in everything() if package.name == "secantusdb"]
    licence = licence_of(database.name, database.said, POLICY)
    assert licence == "GPL-2.0-only AND CC-BY-4.0"
    at_work = judge(database.name, licence, POLICY, shipped=False)
    assert at_work.allowed and "never imported" in at_work.why
    in_image = judge(database.name, licence, POLICY, shipped=True)
    assert not in_image.allowed and "it is in an image" in in_image.why


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        (Said("Apache-2.0 AND MIT", "whatever", ("BSD License",)), "Apache-2.0 AND MIT"),
        (Said("mit", None, ()), "MIT"),
        (Said(None, "Apache 2.0", ()), "Apache-2.0"),
        (Said(None, "MIT\n", ()), "MIT"),
        (Said(None, None, ("ISC License (ISCL)",)), "ISC"),
        # Words that are no licence leave it to the classifier.
        (Said(None, "UNKNOWN", ("MIT License",)), "MIT"),
        (Said(None, "Copyright (c) 2001 Somebody. All rights reserved.", ()), None),
        # There are several BSD licences, and a package with two classifiers may mean AND or OR.
        (Said(None, "BSD", ("BSD License",)), None),
        (Said(None, None, ("MIT License", "Apache Software License")), None),
        (Said("LicenseRef-Own-Terms", None, ()), "LicenseRef-Own-Terms"),
        (NOTHING, None),
    ],
)
def test_what_is_said_is_understood_or_it_is_said_that_it_is_not(
    said: Said, licence: str | None
) -> None:
    assert licence_of("something", said, POLICY) == licence


def test_what_was_read_from_the_licence_file_counts_first() -> None:
    assert licence_of("google-re2", Said("MIT", "MIT", ()), POLICY) == "BSD-3-Clause"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-2.0-only)", True),
        ("(MIT OR Apache-2.0) AND AGPL-3.0-only", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GPL-3.0-or-later", False),
        ("LicenseRef-NVIDIA-Proprietary", False),
    ],
)
def test_of_an_and_all_parts_must_be_allowed_and_of_an_or_one(
    expression: str, allowed: bool
) -> None:
    assert permitted(expression, POLICY) is allowed


def test_what_is_not_allowed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        Package("fine", "1.0", Said("MIT", None, ()), ()),
        Package("copyleft", "2.0", Said("AGPL-3.0-only", None, ()), ()),
        Package("silent", "3.0", NOTHING, ()),
        Package("nvidia-cufft", "4.0", Said("LicenseRef-NVIDIA-Proprietary", None, ()), ()),
    ]
    found = rows(given, {"copyleft": ["ingest"], "nvidia-cufft": ["classify"]}, POLICY)
    show_licences(found, Console(width=200))
    told = capsys.readouterr().out
    assert "not allowed: copyleft: its licence is not allowed" in told
    assert "not allowed: silent: its metadata says no licence exactly" in told
    assert "not allowed: nvidia-cufft: only for development, and it is in an image" in told
    assert "not allowed: fine" not in told and "all allowed" not in told


def test_the_command_fails_with_what_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    without_mit = dataclasses.replace(POLICY, allowed=POLICY.allowed - {"MIT"})
    monkeypatch.setattr(command, "policy", lambda: without_mit)
    monkeypatch.setattr("sys.argv", ["supply", "licences"])
    assert command.main() == 1


def test_the_policy_names_licences_that_there_are_and_packages_that_are_locked() -> None:
    """What is left over from a package that is gone would excuse whoever takes its name."""
    known = {*POLICY.allowed, *POLICY.aliases.values(), *POLICY.classifiers.values()}
    for licence in known | set(POLICY.read.values()):
        refused = SPDX.validate(licence).errors
        assert not refused or licence.startswith("LicenseRef-"), licence
    names = {package.name for package in everything()}
    assert POLICY.read.keys() <= names
    for name in POLICY.development:
        assert any(dataclasses.replace(POLICY, development={name: "x"}).excused(n) for n in names)


def test_every_condition_and_every_exception_has_its_reason() -> None:
    content = tomllib.loads(FILE.read_text("utf-8"))
    for table in (content["allowed"]["while"], content["development"], content["advisories"]):
        assert all(len(reason.split()) >= 3 for reason in table.values())


def test_what_is_locked_and_not_installed_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "ingest.txt").write_text("aiokafka==0.0.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(
        SupplyError, match=r"aiokafka .* is installed and 0\.0\.1 locked: make setup"
    ):
        packages("ingest", tmp_path)
    (tmp_path / "ingest.txt").write_text("no-such-package==1 \\\n    --hash=sha256:00\n")
    with pytest.raises(SupplyError, match="no-such-package 1 is locked and not installed"):
        packages("ingest", tmp_path)


def test_a_package_says_in_which_images_it_is() -> None:
    where = shipped()
    assert set(where["aiokafka"]) == set(IMAGES)
    assert where["pypdf"] == ["ingest"]
    assert "torch" not in where and "pytest" not in where
