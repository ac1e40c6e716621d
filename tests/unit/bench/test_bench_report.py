"""The page of results keeps what was not measured again."""

from tests.bench.figures import Figure, Result
from tests.bench.report import renewed

PAGE = """# Benchmarks

Measured today.

## Speed

| old |

- note

## Memory

| kept |
"""


def test_a_section_takes_the_place_of_its_older_self() -> None:
    assert renewed(PAGE, ["## Speed\n\n| new |\n"]) == PAGE.replace("| old |\n\n- note", "| new |")


def test_what_is_new_comes_last() -> None:
    assert renewed(PAGE, ["## Burst\n\n| 10x |\n"]) == PAGE + "\n## Burst\n\n| 10x |\n"


def test_a_result_put_there_again_changes_nothing() -> None:
    result = Result("Speed", [Figure("loop", "10 msg/s", goal="at least 5", reached=True)], ["n"])
    once = renewed(PAGE, [result.markdown()])
    assert "| loop | 10 msg/s |  |  | at least 5 | reached |" in once
    assert renewed(once, [result.markdown()]) == once
