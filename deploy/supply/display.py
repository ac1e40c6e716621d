"""Tables of licences and of weaknesses."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from deploy.supply.audit import Audit
from deploy.supply.licences import Verdict, judge, licence_of
from deploy.supply.packages import IMAGES, Package
from deploy.supply.policy import Policy

ALL_IMAGES = "all"
NO_IMAGE = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """A package with its licence, the images that have it, and whether it may be there."""

    package: Package
    licence: str | None
    images: Sequence[str]
    verdict: Verdict


def rows(packages: Sequence[Package], shipped: dict[str, list[str]], policy: Policy) -> list[Row]:
    """One for each package, judged."""
    found = []
    for package in packages:
        licence = licence_of(package.name, package.said, policy)
        images = shipped.get(package.name, [])
        verdict = judge(package.name, licence, policy, shipped=bool(images))
        found.append(Row(package, licence, images, verdict))
    return found


def show_licences(found: Sequence[Row], console: Console) -> None:
    """Every package, then those that may not be there."""
    table = _table("package", "version", "licence", "in images", "")
    for row in found:
        where = ALL_IMAGES if len(row.images) == len(IMAGES) else ", ".join(row.images) or NO_IMAGE
        style = None if row.verdict.allowed else "red"
        cells = (row.package.name, row.package.version, row.licence or "?", where, row.verdict.why)
        table.add_row(*cells, style=style)
    console.print(table)
    refused = [row for row in found if not row.verdict.allowed]
    for row in refused:
        console.print(f"[red]not allowed:[/] {row.package.name}: {row.verdict.why}")
    if not refused:
        in_images = sum(bool(row.images) for row in found)
        console.print(f"{len(found)} packages, {in_images} of them in images: all allowed")


def show_audit(audit: Audit, console: Console) -> None:
    """What was found, and of how many packages it was asked."""
    if audit.weaknesses:
        table = _table("package", "version", "advisory", "mended in")
        for weakness in audit.weaknesses:
            fixed = ", ".join(weakness.fixed) or "no version yet"
            table.add_row(weakness.package, weakness.version, weakness.advisory, fixed)
        console.print(table)
    console.print(f"{audit.packages} packages, {len(audit.weaknesses)} known weaknesses")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
