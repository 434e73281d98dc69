"""What vans have behind them stays, and the rest is planned anew from where they are."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from tests.builders import NOW
from tests.wms.journey.route.yard import NORTH, Yard, open_yard, rounds
from wms.error import Conflict, NotFound, Refused
from wms.journey.route.route_progress import LateReport, StopReport
from wms.shipping.route import Outcome


async def _out(house: asyncpg.Pool, *vans: str, stops: int = 3) -> tuple[Yard, int, list[int]]:
    """A departure whose vans have just left by their plan."""
    yard = await open_yard(house, *vans)
    orders = await yard.put_out(*NORTH[:stops])
    departure = await yard.departure()
    await yard.plan(departure)
    await (await yard.load(*orders)).do("close")
    return yard, departure, orders


async def test_what_was_served_stays_behind_and_the_rest_begins_there(house: asyncpg.Pool) -> None:
    yard, departure, _ = await _out(house, "VAN-1")
    calls = sorted((await yard.reading(departure)).calls.values(), key=lambda call: call.position)
    first, *rest = calls
    at = first.leaves_at + timedelta(minutes=30)
    answer = await yard.report(departure, StopReport(first.order_id, Outcome.SERVED, at), at)
    assert answer.body == {"version": 2}
    plan = await yard.work(departure, at)
    [route] = plan["routes"]
    assert [stop["order_id"] for stop in route["visited"]] == [first.order_id]
    assert rounds(plan) == {"VAN-1": [call.order_id for call in rest]}
    assert datetime.fromisoformat(route["leaves_at"]) == at
    after = (await yard.reading(departure)).calls
    # Half an hour later there is half an hour later everywhere.
    for call in rest:
        assert after[call.order_id].expected_at - call.expected_at == timedelta(minutes=30)
    assert after[first.order_id].outcome is Outcome.SERVED
    assert after[first.order_id].expected_at == first.expected_at


async def test_a_van_that_is_on_the_way_to_a_door_comes_there_first(house: asyncpg.Pool) -> None:
    yard, departure, _ = await _out(house, "VAN-1")
    calls = sorted((await yard.reading(departure)).calls.values(), key=lambda call: call.position)
    last = calls[-1].order_id
    await yard.report(departure, StopReport(last, Outcome.BEGUN, NOW))
    assert rounds(await yard.work(departure))["VAN-1"][0] == last
    # It turns to another one: only one is begun.
    other = calls[0].order_id
    await yard.report(departure, StopReport(other, Outcome.BEGUN, NOW))
    assert rounds(await yard.work(departure))["VAN-1"][0] == other
    outcomes = {
        call.order_id: call.outcome for call in (await yard.reading(departure)).calls.values()
    }
    assert outcomes[last] is Outcome.PLANNED


async def test_a_stop_that_failed_is_not_tried_again_and_the_last_one_ends_the_plans(
    house: asyncpg.Pool,
) -> None:
    yard, departure, orders = await _out(house, "VAN-1", stops=2)
    for order_id in orders:
        await yard.report(departure, StopReport(order_id, Outcome.FAILED, NOW, "nobody in"))
        with pytest.raises(Conflict) as refused:
            await yard.report(departure, StopReport(order_id, Outcome.SERVED, NOW))
        assert refused.value.code == "visited"
    assert [state for _, state, _ in await yard.versions(departure)] == ["planned", "requested"]
    plan = await yard.work(departure)
    assert rounds(plan) == {}
    assert [stop["order_id"] for stop in plan["routes"][0]["visited"]] == orders


async def test_a_late_van_is_late_everywhere_and_its_shops_hear_of_it(house: asyncpg.Pool) -> None:
    yard, departure, _ = await _out(house, "VAN-1")
    before = (await yard.reading(departure)).calls
    await yard.report(departure, LateReport("VAN-1", 1800))
    await yard.work(departure)
    reading = await yard.reading(departure)
    for order_id, call in reading.calls.items():
        assert call.expected_at - before[order_id].expected_at == timedelta(minutes=30)
        # Which is more than the little that nobody is told.
        assert call.told_at == call.expected_at
    # Late by as much again is later by as much again: the plan knows of the first time.
    await yard.report(departure, LateReport("VAN-1", 600))
    await yard.work(departure)
    for order_id, call in (await yard.reading(departure)).calls.items():
        assert call.expected_at - before[order_id].expected_at == timedelta(minutes=40)
        assert call.told_at == before[order_id].expected_at + timedelta(minutes=30)


async def test_a_van_keeps_the_goods_that_are_in_it_however_late(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    first, second = await yard.put_out(NORTH[0], NORTH[1])
    departure = await yard.departure()
    await yard.wish(departure, first, van="VAN-1")
    await yard.wish(departure, second, van="VAN-2")
    await yard.plan(departure)
    await (await yard.load(first, second)).do("close")
    await yard.report(departure, LateReport("VAN-1", 14_400))
    assert rounds(await yard.work(departure)) == {"VAN-1": [first], "VAN-2": [second]}


async def test_a_van_whose_shift_is_over_still_comes_to_the_door_that_it_drives_to(
    house: asyncpg.Pool,
) -> None:
    yard, departure, orders = await _out(house, "VAN-1", stops=2)
    await yard.report(departure, StopReport(orders[0], Outcome.BEGUN, NOW))
    await yard.report(departure, LateReport("VAN-1", 50_000))
    plan = await yard.work(departure)
    assert (rounds(plan), plan["unserved"]) == ({"VAN-1": orders}, [])


async def test_a_van_that_was_quicker_than_feared_is_late_no_more(house: asyncpg.Pool) -> None:
    yard, departure, _ = await _out(house, "VAN-1")
    calls = sorted((await yard.reading(departure)).calls.values(), key=lambda call: call.position)
    await yard.report(departure, LateReport("VAN-1", 14_400))
    await yard.work(departure)
    at = calls[0].leaves_at + timedelta(minutes=10)
    await yard.report(departure, StopReport(calls[0].order_id, Outcome.SERVED, at), at)
    [route] = (await yard.work(departure, at))["routes"]
    assert datetime.fromisoformat(route["leaves_at"]) == at
    # A report from before a van was known to be late says nothing against it.
    await yard.report(departure, LateReport("VAN-1", 3_600), at + timedelta(minutes=5))
    early = StopReport(calls[1].order_id, Outcome.SERVED, at + timedelta(minutes=1))
    await yard.report(departure, early, at + timedelta(minutes=6))
    assert list((await yard.reading(departure)).ready_at) == ["VAN-1"]


async def test_before_the_vans_leave_a_late_one_leaves_its_stops_to_another(
    house: asyncpg.Pool,
) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    orders = await yard.put_out(NORTH[0], NORTH[1])
    departure = await yard.departure()
    [van] = rounds(await yard.plan(departure))
    other = "VAN-2" if van == "VAN-1" else "VAN-1"
    # So late that its shift is over.
    await yard.report(departure, LateReport(van, 50_000))
    assert {other: sorted(orders)} == {
        name: sorted(stops) for name, stops in rounds(await yard.work(departure)).items()
    }


async def test_a_report_is_taken_once(house: asyncpg.Pool) -> None:
    yard, departure, [order, *_] = await _out(house, "VAN-1")
    report = StopReport(order, Outcome.SERVED, NOW)
    first = await yard.report(departure, report, key="one")
    again = await yard.report(departure, report, key="one")
    assert (first.body, again.replayed) == (again.body, True)


async def test_reports_that_make_no_sense_are_refused(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    with pytest.raises(NotFound) as unknown:
        await yard.report(departure, StopReport(order, Outcome.SERVED, NOW))
    assert unknown.value.code == "unknown_stop"
    with pytest.raises(NotFound) as unknown:
        await yard.report(departure, LateReport("VAN-9", 60))
    assert unknown.value.code == "unknown_van"
    await yard.plan(departure)
    with pytest.raises(Conflict) as refused:
        await yard.report(departure, StopReport(order, Outcome.SERVED, NOW))
    assert refused.value.code == "still_open"
    await (await yard.load(order)).do("close")
    with pytest.raises(Refused) as early:
        tomorrow = NOW + timedelta(days=1)
        await yard.report(departure, StopReport(order, Outcome.SERVED, tomorrow))
    assert (early.value.code, early.value.pointer) == ("not_yet", "/at")
