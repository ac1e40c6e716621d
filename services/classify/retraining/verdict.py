"""A verdict with all its figures, for programs and for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """One thing a candidate must show, the figures it was judged by, and in words what was seen."""

    name: str
    passed: bool
    figures: Mapping[str, float]
    said: str


@dataclass(frozen=True)
class Verdict:
    """All checks on so many rows of the holdout."""

    rows: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """In one line: what was seen, or only what failed."""
        failed = [check.said for check in self.checks if not check.passed]
        return "; ".join(failed or (check.said for check in self.checks))

    def with_check(self, check: Check) -> "Verdict":
        """The verdict when that one is asked for too."""
        return Verdict(self.rows, (*self.checks, check))

    def as_json(self) -> dict[str, Any]:
        """JSON's types only."""
        return {
            "passed": self.passed,
            "reason": self.reason,
            "rows": self.rows,
            "checks": [
                {
                    "name": check.name,
                    "passed": check.passed,
                    "said": check.said,
                    "figures": {name: round(value, 6) for name, value in check.figures.items()},
                }
                for check in self.checks
            ],
        }

    def table(self) -> str:
        """A line for each check."""
        lines = [f"{self.rows} rows of the holdout", f"{'check':<12} {'':<7} figures"]
        for check in self.checks:
            figures = ", ".join(f"{name} {value:.4g}" for name, value in check.figures.items())
            lines.append(
                f"{check.name:<12} {'passed' if check.passed else 'FAILED':<7} {check.said}"
                f" ({figures})"
            )
        return "\n".join(lines)
