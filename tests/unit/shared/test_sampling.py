"""Ratios of traces: the same traces in every worker, and as many as was asked for."""

import pytest

from shared import trace
from shared.sampling import Sampler, Sampling

STARTED = [trace.started(f"event {number}") for number in range(10_000)]
"""Traces of ours: their ids are UUIDs."""


@pytest.mark.parametrize("ratio", [0.0, 0.01, 0.1, 0.5, 0.75, 1.0])
def test_as_many_traces_as_asked_for(ratio: float) -> None:
    taken = sum(map(Sampling.of("traceidratio", ratio).takes, STARTED)) / len(STARTED)
    # Four standard deviations of a share of 10,000.
    assert taken == pytest.approx(ratio, abs=4 * (ratio * (1 - ratio) / len(STARTED)) ** 0.5)


def test_all_events_of_a_trace_are_decided_the_same_way() -> None:
    sampling = Sampling.of("parentbased_traceidratio", 0.3)
    for first in STARTED[:500]:
        then = trace.continued(first, "6f1c5a0e-3f43-5d3b-9a53-0c8d2b7f4e11")
        assert sampling.takes(first) == sampling.takes(then)


def test_a_higher_ratio_takes_what_a_lower_one_takes() -> None:
    low, high = Sampling.of("traceidratio", 0.2), Sampling.of("traceidratio", 0.4)
    assert all(high.takes(one) for one in STARTED if low.takes(one))


@pytest.mark.parametrize(
    ("randomness", "taken"), [(0x7FFFFFFFFFFFFF, False), (0x80000000000000, True)]
)
def test_the_threshold_is_opentelemetrys(randomness: int, taken: bool) -> None:
    """At 50 %, T is 2^55: the first of the random 56 bits decides, whatever stands before."""
    traceparent = f"00-{'f' * 18}{randomness:014x}-00000000000000ab-01"
    assert Sampling.of("traceidratio", 0.5).takes(traceparent) is taken


@pytest.mark.parametrize(
    ("sampler", "sampled", "unsampled"),
    [
        ("always_on", True, True),
        ("always_off", False, False),
        ("traceidratio", True, True),
        ("parentbased_always_on", True, False),
        ("parentbased_traceidratio", True, False),
    ],
)
def test_what_upstream_decided_is_heeded_where_the_name_says_so(
    sampler: Sampler, sampled: bool, unsampled: bool
) -> None:
    sampling = Sampling.of(sampler, 1.0)
    assert sampling.takes(STARTED[0]) is sampled
    assert sampling.takes(f"{STARTED[0][:-2]}00") is unsampled
    # The other flags mean something else: 0x02 says that the trace id is random.
    assert sampling.takes(f"{STARTED[0][:-2]}03") is sampled
    assert sampling.takes(f"{STARTED[0][:-2]}02") is unsampled
