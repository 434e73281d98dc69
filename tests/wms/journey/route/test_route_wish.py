"""Planners lock orders to vans, move them and forbid vans, and the next plan obeys."""

import asyncpg
import pytest

from tests.builders import NOW
from tests.wms.journey.route.yard import NORTH, open_yard, rounds
from wms.error import Conflict, NotFound, Refused
from wms.journey.route.route_wish import drop_wish


async def test_a_stop_is_locked_moved_and_let_go(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    first, second = await yard.put_out(NORTH[0], NORTH[0])
    departure = await yard.departure()
    together = rounds(await yard.plan(departure))
    [van] = together
    other = "VAN-2" if van == "VAN-1" else "VAN-1"
    await yard.wish(departure, second, van=van)
    await yard.wish(departure, first, van=other)
    assert (await yard.reading(departure)).stale
    assert rounds(await yard.plan(departure)) == {van: [second], other: [first]}
    await yard.wish(departure, first, van=van)
    assert sorted(rounds(await yard.plan(departure))[van]) == sorted([first, second])
    await drop_wish(house, departure, first)
    assert set((await yard.reading(departure)).wishes) == {second}
    # To forget what is forgotten changes nothing.
    await drop_wish(house, departure, first)


async def test_a_van_that_is_forbidden_for_a_stop_does_not_go_there(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    for van, other in (("VAN-1", "VAN-2"), ("VAN-2", "VAN-1")):
        await yard.wish(departure, order, forbidden=(van,))
        assert rounds(await yard.plan(departure)) == {other: [order]}


async def test_a_stop_goes_by_a_van_that_has_what_it_needs(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.enter_van("LIFT", skills=("tail lift",))
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.wish(departure, order, skills=("tail lift",))
    assert rounds(await yard.plan(departure)) == {"LIFT": [order]}
    await yard.wish(departure, order, skills=("crane",))
    plan = await yard.plan(departure)
    [left] = plan["unserved"]
    assert left["order_id"] == order
    assert {reason["van"] for reason in left["reasons"]} == {"VAN-1", "LIFT"}
    assert left["remedies"]


async def test_where_not_all_can_be_served_the_higher_goes_first(house: asyncpg.Pool) -> None:
    yard = await open_yard(house)
    await yard.enter_van("TINY", mass_g_max=160)
    first, second = await yard.put_out(NORTH[0], NORTH[0])
    departure = await yard.departure()
    for higher, lower in ((first, second), (second, first)):
        await yard.wish(departure, higher, priority=9)
        await yard.wish(departure, lower, priority=0)
        plan = await yard.plan(departure)
        assert rounds(plan) == {"TINY": [higher]}
        assert [left["order_id"] for left in plan["unserved"]] == [lower]


async def test_wishes_that_make_no_sense_are_refused(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    await yard.enter_van("OLD", in_service=False)
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    for code, error, order_id, words in (
        ("unknown_stop", NotFound, order + 1, {"van": "VAN-1"}),
        ("unknown_van", NotFound, order, {"van": "VAN-9"}),
        ("unknown_van", NotFound, order, {"forbidden": ("VAN-9",)}),
        ("no_van_left", Refused, order, {"forbidden": ("VAN-1",)}),
        ("no_van_left", Refused, order, {"van": "OLD"}),
        ("no_van_left", Refused, order, {"van": "VAN-1", "forbidden": ("VAN-1",)}),
    ):
        with pytest.raises(error) as refused:
            await yard.wish(departure, order_id, **words)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        await drop_wish(house, departure + 1, order)


async def test_goods_that_are_in_a_van_stay_there(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.plan(departure)
    await (await yard.load(order)).do("close")
    with pytest.raises(Conflict) as refused:
        await yard.wish(departure, order, van="VAN-2")
    assert refused.value.code == "aboard"


async def test_a_carriers_vans_are_not_ours_to_give(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", own=False)
    [order] = await yard.put_out(NORTH[0])
    with pytest.raises(Conflict) as refused:
        await yard.wish(await yard.departure(), order, van="VAN-1")
    assert refused.value.code == "not_own_vans"


async def test_a_lock_to_a_van_that_went_out_of_service_is_named(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1", "VAN-2")
    [order] = await yard.put_out(NORTH[0])
    departure = await yard.departure()
    await yard.wish(departure, order, van="VAN-2")
    await yard.enter_van("VAN-2", in_service=False)
    plan = await yard.plan(departure, NOW)
    [left] = plan["unserved"]
    assert "VAN-2" in left["reasons"][0]["reason"]
