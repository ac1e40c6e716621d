"""Write Grafana's dashboards and Prometheus' rules from their code, or check that they agree."""

import argparse
import sys
from pathlib import Path

from deploy.monitoring import files


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.monitoring", description=__doc__)
    parser.add_argument(
        "do", choices=("write", "check"), help="write the files; or say which differ, and exit 1"
    )
    given = parser.parse_args()
    paths = files.write() if given.do == "write" else files.outdated()
    for path in paths:
        print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    if given.do == "check" and paths:
        print("these differ from their code: python -m deploy.monitoring write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
