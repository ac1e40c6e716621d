"""Orders to the real back office, each carried out once whatever drops, is slow or is down.

The fast ones keep results in memory; the slow ones in the real database.
"""

import asyncio
import time
from dataclasses import replace

from aiohttp import web

from services.generate.actions.executor import Results
from services.generate.domain.actions.orders import NOT_SENT, OUTCOME, UNKNOWN, Result
from tests.component.generate.actions.driver import KEY, ORDER
from tests.component.generate.actions.kit import (
    BALANCE,
    Office,
    Runner,
    orders,
    serving,
)


async def test_an_order_is_done_once_however_often_it_is_given(
    office: Office, results: Results
) -> None:
    runner = Runner(results, office.url)
    first = await runner.run(ORDER, ORDER)
    again = await runner.run(ORDER)
    assert first == [again[0], again[0]]
    assert first[0].status == "done"
    assert first[0].fields["balance"] == "8150.00 CNY"
    assert await office.moved() == {KEY: 1}


async def test_two_processes_at_once_move_money_once_and_say_the_same(
    office: Office, results: Results
) -> None:
    told = await asyncio.gather(*[Runner(results, office.url).run(ORDER) for _ in range(8)])
    assert all(one == told[0] for one in told)
    assert await office.moved() == {KEY: 1}


async def test_a_refusal_is_a_result_and_final(office: Office, results: Results) -> None:
    poor = replace(ORDER, arguments={**ORDER.arguments, "amount": "9000.00 CNY"})
    (told,) = await Runner(results, office.url).run(poor)
    assert (told.status, told.fields) == ("refused", {"error": "insufficient_funds"})
    assert await Runner(results, "http://127.0.0.1:9").run(poor) == [told]


async def test_an_answer_lost_on_the_way_is_asked_for_again(
    office: Office, results: Results
) -> None:
    await office.faults(drop=2)
    (told,) = await Runner(results, office.url).run(ORDER)
    assert told.status == "done"
    assert await office.moved() == {KEY: 1}


async def test_an_answer_that_never_comes_leaves_it_open_whether_it_happened(
    office: Office, results: Results
) -> None:
    await office.faults(drop=99)
    (told,) = await Runner(results, office.url).run(ORDER)
    assert (told.status, told.fields[OUTCOME]) == ("failed", UNKNOWN)
    await office.faults()
    # Final: the reply that says so may be on its way already.
    assert await Runner(results, office.url).run(ORDER) == [told]
    assert await office.moved() == {KEY: 1}


async def test_a_slow_system_is_not_waited_for(office: Office, results: Results) -> None:
    await office.faults(slow_seconds=30)
    began = time.monotonic()
    (told,) = await Runner(results, office.url, seconds=0.2, attempts=2).run(ORDER)
    assert time.monotonic() - began < 3
    assert (told.status, told.fields) == ("failed", {OUTCOME: UNKNOWN, "reason": "timed_out"})


async def test_a_look_that_fails_has_certainly_changed_nothing(
    office: Office, results: Results
) -> None:
    await office.faults(down=True)
    (told,) = await Runner(results, office.url).run(BALANCE)
    assert (told.status, told.fields[OUTCOME]) == ("failed", NOT_SENT)


async def test_a_system_that_is_down_has_certainly_done_nothing(
    office: Office, results: Results
) -> None:
    office.kill()
    runner = Runner(results, office.url, base_seconds=0.2)
    (told,) = await runner.run(ORDER)
    assert (told.status, told.fields) == ("failed", {OUTCOME: NOT_SENT, "reason": "unreachable"})
    assert len(runner.waited) == 2
    assert 0.1 <= runner.waited[0] <= 0.2 <= runner.waited[1] <= 0.4


async def test_if_an_earlier_process_may_have_sent_it_nobody_is_certain(
    office: Office, results: Results
) -> None:
    await results.begin([ORDER])  # and then that process died
    office.kill()
    (told,) = await Runner(results, office.url).run(ORDER)
    assert (told.status, told.fields[OUTCOME]) == ("failed", UNKNOWN)


async def test_of_a_failure_and_a_success_at_the_same_time_the_first_counts(
    office: Office, results: Results
) -> None:
    # Another process has begun, and is not done yet, when this one finds the system unreachable.
    await results.begin([ORDER])
    (told,) = await Runner(results, "http://127.0.0.1:9").run(ORDER)
    late = Result(ORDER.key, "done", {"reference": "T-1"})
    assert await results.finish([ORDER], {ORDER.key: late}) == {ORDER.key: told}
    assert told.may_have_happened


async def test_results_come_in_the_order_of_orders(office: Office, results: Results) -> None:
    given = orders(20, arguments={**ORDER.arguments, "amount": "1.00 CNY"})
    told = await Runner(results, office.url).run(*given[::3])
    told = await Runner(results, office.url).run(*given)
    assert [one.key for one in told] == [one.key for one in given]
    assert await office.moved() == {one.key: 1 for one in given}


async def test_a_system_that_is_down_costs_the_next_tickets_nothing(results: Results) -> None:
    calls = 0

    async def down(_: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response({"error": "down"}, status=503)

    async with serving(down) as url:
        runner = Runner(results, url, failures=5, at_once=1)
        told = await runner.run(*orders(50))
        assert calls == 5
        assert [one.status for one in told] == ["failed"] * 50
        # Those that were never sent are known not to have been.
        assert told[-1].fields == {OUTCOME: NOT_SENT, "reason": "system_down"}
        assert told[0].fields[OUTCOME] == UNKNOWN
        runner.time = 31.0
        await runner.run(replace(ORDER, key="later"), replace(ORDER, key="later still"))
        assert calls == 6, "one tries whether it is back"


async def test_one_call_that_got_through_is_enough_to_be_unsure(results: Results) -> None:
    calls = 0

    async def busy_later(_: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response({"error": "busy"}, status=503 if calls == 1 else 429)

    async with serving(busy_later) as url:
        (told,) = await Runner(results, url).run(ORDER)
    assert calls == 3
    assert told.fields == {OUTCOME: UNKNOWN, "reason": "too_many_requests"}
