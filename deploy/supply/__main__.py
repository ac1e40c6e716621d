"""`python -m deploy.supply sbom [--out FOLDER] | licences | audit`: what careloop is made of."""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from deploy.lock import ROOT
from deploy.supply.audit import audit
from deploy.supply.display import rows, show_audit, show_licences
from deploy.supply.errors import SupplyError
from deploy.supply.packages import everything, shipped
from deploy.supply.policy import policy
from deploy.supply.sbom import write

OUT = Path(".careloop/sbom")
WIDE = 160
FOUND = 1
UNANSWERED = 3
EXITS = "Exit codes: 0 nothing to object to, 1 something is not as it should be, 3 it is not known."


def main() -> int:
    options = _parse()
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    try:
        code: int = options.run(options, console)
        return code
    except (SupplyError, OSError) as error:
        print(error, file=sys.stderr)
        return UNANSWERED


def sboms(options: argparse.Namespace, console: Console) -> int:
    for path in write(options.out, policy()):
        console.print(str(path), highlight=False, soft_wrap=True)
    return 0


def licences(_options: argparse.Namespace, console: Console) -> int:
    found = rows(everything(), shipped(), policy())
    show_licences(found, console)
    return 0 if all(row.verdict.allowed for row in found) else FOUND


def weaknesses(options: argparse.Namespace, console: Console) -> int:
    found = audit(policy().advisories, options.osv_url)
    show_audit(found, console)
    return FOUND if found.weaknesses else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.supply", epilog=EXITS)
    commands = parser.add_subparsers(required=True, metavar="sbom | licences | audit")
    making = commands.add_parser(
        "sbom", help="bills of material (CycloneDX 1.6, JSON), one for each image and one of all"
    )
    making.add_argument("--out", type=Path, default=ROOT / OUT, help=f"folder (default: {OUT})")
    making.set_defaults(run=sboms)
    listing = commands.add_parser(
        "licences", help="the licence of every package, and whether policy.toml allows it"
    )
    listing.set_defaults(run=licences)
    asking = commands.add_parser(
        "audit", help="known weaknesses of what is locked; asks an OSV service, so needs a network"
    )
    asking.add_argument(
        "--osv-url",
        default=os.environ.get("OSV_URL", ""),
        help="query address of a service of your own (default: OSV_URL, else the public one)",
    )
    asking.set_defaults(run=weaknesses)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
