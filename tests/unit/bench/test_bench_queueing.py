"""The model of workers behind Kafka, against hand-worked cases and closed formulas."""

import numpy as np
import pytest

from tests.bench.queueing.contention import stretch
from tests.bench.queueing.demand import at_once, at_random, daily_profile, hourly_rates
from tests.bench.queueing.formulas import md1_wait, processes_needed
from tests.bench.queueing.service import ServiceCurve, ServiceTime, fitted
from tests.bench.queueing.simulation import Station, simulate


def test_a_lone_message_takes_a_hop_and_a_batch_of_one() -> None:
    station = Station(ServiceTime(0.5, 0.25), processes=1, partitions=1, hop=0.1)
    served = simulate(np.array([2.0]), np.array([7]), station)
    assert served.started.tolist() == pytest.approx([2.1])
    assert served.finished.tolist() == pytest.approx([2.85])
    assert served.batches == 1


def test_what_comes_during_a_batch_is_the_next_batch() -> None:
    # 0 is begun alone and done at 2; 1 and 1.5 wait and go together until 2 + 1 + 2 = 5.
    station = Station(ServiceTime(1.0, 1.0), processes=1, partitions=1)
    served = simulate(np.array([0.0, 1.0, 1.5, 6.0]), np.arange(4), station)
    assert served.started.tolist() == [0.0, 2.0, 2.0, 6.0]
    assert served.finished.tolist() == [2.0, 5.0, 5.0, 8.0]
    assert served.waiting.tolist() == [0.0, 1.0, 0.5, 0.0]
    assert served.batches == 3


def test_a_batch_is_never_larger_than_allowed() -> None:
    station = Station(ServiceTime(1.0, 0.0), processes=1, partitions=1, batch=2)
    served = simulate(at_once(5), np.arange(5), station)
    assert served.finished.tolist() == [1.0, 1.0, 2.0, 2.0, 3.0]


def test_messages_of_one_key_go_in_waves() -> None:
    # Keys 1 1 1 2: three waves of 1 s, and 4 messages of 0.1 s.
    station = Station(ServiceTime(1.0, 0.1), processes=1, partitions=1)
    served = simulate(at_once(4), np.array([1, 1, 1, 2]), station)
    assert served.finished.tolist() == pytest.approx([3.4] * 4)


def test_a_key_stays_with_one_process_in_its_order() -> None:
    random = np.random.default_rng(1)
    arrivals = at_random(50, 20, random)
    keys = random.integers(0, 40, len(arrivals))
    station = Station(ServiceTime(0.02, 0.01), processes=3, partitions=12)
    served = simulate(arrivals, keys, station)
    for key in range(40):
        of_key = served.finished[keys == key]
        assert np.all(np.diff(of_key) >= 0)
        assert len(set(station.process_of(station.partition_of(keys[keys == key])))) == 1


def test_as_one_server_it_waits_as_theory_says() -> None:
    # M/D/1 at a load of 0.7: 0.7 * 0.01 / (2 * 0.3) = 11.67 ms in the queue.
    assert md1_wait(70.0, 0.01) == pytest.approx(0.0116667, rel=1e-4)
    random = np.random.default_rng(2)
    arrivals = at_random(70, 3_000, random)
    station = Station(ServiceTime(0.0, 0.01), processes=1, partitions=1, batch=1)
    served = simulate(arrivals, np.arange(len(arrivals)), station)
    assert float(served.waiting.mean()) == pytest.approx(0.0116667, rel=0.05)


def test_processes_with_their_own_partitions_are_so_many_single_servers() -> None:
    random = np.random.default_rng(3)
    arrivals = at_random(4 * 70, 1_000, random)
    station = Station(ServiceTime(0.0, 0.01), processes=4, partitions=4_096, batch=1)
    served = simulate(arrivals, np.arange(len(arrivals)), station)
    assert float(served.waiting.mean()) == pytest.approx(md1_wait(70.0, 0.01), rel=0.1)


def test_a_backlog_is_taken_at_the_speed_of_full_batches() -> None:
    service = ServiceTime(0.1, 0.005)
    station = Station(service, processes=1, partitions=6)
    served = simulate(at_once(2_560), np.arange(2_560), station)
    assert served.per_second == pytest.approx(service.most_per_second(256))
    assert service.most_per_second(256) == pytest.approx(256 / 1.38)


def test_past_its_limit_a_server_never_catches_up() -> None:
    with pytest.raises(ValueError, match="not below 1"):
        md1_wait(100.0, 0.01)


def test_batches_make_up_for_what_a_single_server_could_not_take() -> None:
    # 12 ms alone is a load of 1.2 at 100 a second; in batches 2 ms of each 12 are left: 0.2.
    random = np.random.default_rng(4)
    arrivals = at_random(100, 200, random)
    station = Station(ServiceTime(0.010, 0.002), processes=1, partitions=1)
    served = simulate(arrivals, np.arange(len(arrivals)), station)
    assert float(np.quantile(served.sojourn, 0.99)) < 0.05
    assert served.batches < len(arrivals)


def test_more_processes_than_partitions_do_not_help() -> None:
    service = ServiceTime(0.0, 0.01)
    some = simulate(at_once(1_200), np.arange(1_200), Station(service, 6, 6))
    more = simulate(at_once(1_200), np.arange(1_200), Station(service, 60, 6))
    assert more.per_second == pytest.approx(some.per_second)


def test_a_service_time_is_found_in_what_was_observed() -> None:
    # Three rounds: 4 batches of 1, 2 of 50, 1 of 256, at 20 ms and 5 ms.
    batches, messages = [4, 2, 1], [4, 100, 256]
    seconds = [4 * 0.02 + 4 * 0.005, 2 * 0.02 + 100 * 0.005, 0.02 + 256 * 0.005]
    found = fitted(batches, messages, seconds)
    assert found.per_wave == pytest.approx(0.02)
    assert found.per_message == pytest.approx(0.005)


def test_a_service_time_is_never_negative() -> None:
    # A straight line through these would start below 0.
    found = fitted([1, 1], [1, 10], [0.01, 0.2])
    assert found.per_wave == 0.0
    assert found.per_message > 0.0


def test_the_day_has_its_mean_and_its_peak() -> None:
    profile = daily_profile(3.0)
    assert sum(profile) / 24 == pytest.approx(1.0)
    assert max(profile) == profile[12] == pytest.approx(3.0)
    assert min(profile) == profile[0] > 0.0
    rates = hourly_rates(10_000_000, profile)
    assert rates[12] == pytest.approx(3 * 10_000_000 / 86_400)
    assert sum(rate * 3_600 for rate in rates) == pytest.approx(10_000_000)


def test_an_even_day_has_no_peak_and_an_impossible_one_is_refused() -> None:
    assert daily_profile(1.0) == pytest.approx((1.0,) * 24)
    with pytest.raises(ValueError, match="from 1 to below 24"):
        daily_profile(24.0)


def test_as_many_processes_as_keep_to_the_utilisation() -> None:
    # 100 a second, 30 each at most, six tenths of it used: 18 each, so 5.6 processes.
    assert processes_needed(100, 30, 0.6) == 6
    assert processes_needed(18, 30, 0.6) == 1
    assert processes_needed(18.1, 30, 0.6) == 2
    assert processes_needed(0, 30, 0.6) == 1


def test_processes_share_the_cores_there_are() -> None:
    # One alone on two cores has what it needs.
    assert stretch(1, 2, slowdown=1.2, others=0.5) == 1.0
    # Two with a core each only share caches; with 0.3 for others, 2 * 1.5 core-seconds are wanted
    # of 2 a second.
    assert stretch(2, 2, slowdown=1.2, others=0.0) == pytest.approx(1.2)
    assert stretch(2, 2, slowdown=1.2, others=0.3) == pytest.approx(1.5)
    assert stretch(2, 8, slowdown=1.2, others=0.3) == pytest.approx(1.2)


def test_a_curve_goes_through_what_was_measured_and_on_in_proportion() -> None:
    curve = ServiceCurve.observed([(10, 640, 6.4), (4, 4, 0.08), (2, 16, 0.24)])
    assert curve.messages == (1, 8, 64)
    assert [curve.of(size) for size in (1, 8, 64)] == pytest.approx([0.02, 0.12, 0.64])
    assert curve.of(36) == pytest.approx(0.38)
    assert curve.of(256) == pytest.approx(4 * 0.64)
    assert curve.of(16, waves=2) == pytest.approx(2 * 0.12)
    assert curve.stretched(2).most_per_second(256) == pytest.approx(50)


def test_a_backlog_goes_at_the_pace_of_full_batches() -> None:
    curve = ServiceCurve([1, 10], [0.02, 0.1])
    station = Station(curve, processes=1, partitions=1, batch=10)
    assert simulate(at_once(100), np.arange(100), station).per_second == pytest.approx(100)
