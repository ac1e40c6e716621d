"""Every alert fires when it should, says what it should, and is quiet otherwise.

The cases stand in `alerts/*.yml`; Prometheus' own `promtool test rules` judges them.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.monitoring.files import RULES
from tests.unit.deploy.monitoring_kit import HERE, alerts, programs, run

CASES: list[Mapping[str, Any]] = [
    case for path in sorted((HERE / "alerts").glob("*.yml")) for case in yaml.safe_load(path.open())
]


def files(alert: str) -> list[str]:
    """What is recorded, and the file that holds the alert."""
    own = [path for path in RULES.glob("*.yml") if f"alert: {alert}\n" in path.read_text("utf-8")]
    return [str(RULES / "recorded.yml"), *map(str, own)]


def judged(case: Mapping[str, Any]) -> dict[str, Any]:
    """The case as a test of promtool's."""
    alert = alerts()[case["alert"]]
    expected: list[dict[str, Any]] = [
        {"eval_time": time, "alertname": case["alert"], "exp_alerts": []} for time in case["quiet"]
    ]
    if "fires" in case:
        told = {
            "exp_labels": {**alert["labels"], **case.get("labels", {})},
            "exp_annotations": {**alert["annotations"], "description": case["description"]},
        }
        expected.append(
            {"eval_time": case["fires"], "alertname": case["alert"], "exp_alerts": [told]}
        )
    series = [{"series": name, "values": values} for name, values in case["series"].items()]
    return {"interval": "1m", "input_series": series, "alert_rule_test": expected}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['alert']}: {case['case']}")
def test_alert(case: Mapping[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "alerts.test.yml"
    file.write_text(
        yaml.safe_dump(
            {
                "rule_files": files(case["alert"]),
                "evaluation_interval": "15s",
                "tests": [judged(case)],
            }
        ),
        "utf-8",
    )
    run(programs().promtool, "test", "rules", file)


def test_every_alert_is_seen_both_to_fire_and_to_be_quiet() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        seen[case["alert"]] |= {"quiet"} if case["quiet"] else set()
        seen[case["alert"]] |= {"fires"} if "fires" in case else set()
    assert seen.keys() == alerts().keys()
    # A heartbeat that were ever quiet would call somebody.
    heartbeats = {
        name for name, one in alerts().items() if one["labels"]["severity"] == "heartbeat"
    }
    assert {name for name, kinds in seen.items() if kinds == {"fires"}} == heartbeats
    assert all("fires" in kinds for kinds in seen.values())
