"""Fulfilment orders that are moved, parted and closed short before anybody has begun with them."""

import asyncio

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    an_item,
    differences,
    order_id_of,
    pay,
    planned_wave,
    planner,
    rows,
    value,
)
from tests.wms.journey.order.two import (
    an_order,
    expect,
    part_ids,
    parts,
    place,
    promised,
    shop_of_two,
)
from tests.wms.promise.scene import unsound
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.journey.claim.claim import expire_promises
from wms.journey.order.move import move_fulfilment
from wms.journey.order.source import name_sources
from wms.journey.order.split import close_short, split_fulfilment
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request, StaffRequest
from wms.orders.order import Fulfilment
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


def asks(shop: Shop, key: str = "k") -> Request:
    return Request(shop, key, "parts", key.encode())


async def move(
    house: asyncpg.Pool,
    shop: Shop,
    number: int,
    to: str,
    version: int | None = None,
    key: str = "k",
) -> Answer:
    return await move_fulfilment(house, asks(shop, key), number, to, version, NOW)


async def split(
    house: asyncpg.Pool, shop: Shop, number: int, *lines: tuple[int, int | str], key: str = "s"
) -> Answer:
    return await split_fulfilment(house, asks(shop, key), number, lines, None, NOW)


async def short(house: asyncpg.Pool, shop: Shop, order: Answer, number: int) -> Answer:
    return await close_short(house, asks(shop, "c"), order_id_of(order), number, None, NOW)


async def sound(house: asyncpg.Pool) -> None:
    """Promises are what the books say, and each line's promises cover no more than the line."""
    async with staff_transaction(house) as connection:
        assert await unsound(connection) == []
        over = await connection.fetch(
            """
            select l.id from fulfilment_line l join promise p on p.fulfilment_line_id = l.id
            where p.state in ('open', 'firm') group by l.id, l.quantity
            having sum(p.quantity) > l.quantity
            """
        )
    assert over == []
    assert await differences(house) == []


async def test_a_moved_part_is_promised_there_and_no_longer_here(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    await pay(house, shop, order)
    [number] = part_ids(order)
    assert await prepare_waybills(house, number, NOW)
    answer = await move(house, shop, number, "SOUTH")
    assert parts(answer) == [("SOUTH", "open", [(1, 2)])]
    assert await promised(house, shop) == {("MUG", "MAIN"): (5, 0, 0), ("MUG", "SOUTH"): (5, 2, 0)}
    # The waybills that were made are void, and others are made for the other house's cartons.
    assert await value(house, "select count(*) from waybill where state = 'made'") == 0
    assert await prepare_waybills(house, number, NOW)
    assert await value(house, "select count(*) from waybill where state = 'made'") == 1
    [told] = await rows(house, "select data from event where type = 'order.moved'")
    assert (told["data"]["from"], told["data"]["to"]) == ("MAIN", "SOUTH")
    wave = await planned_wave(house)
    assert await value(house, "select state from wave where id = $1", wave) == "refused"
    await sound(house)


async def test_a_move_to_where_too_little_is_changes_nothing(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 1))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    [number] = part_ids(order)
    before = await promised(house, shop)
    with pytest.raises(Conflict) as refusal:
        await move(house, shop, number, "SOUTH")
    assert refusal.value.code == "not_available"
    assert await promised(house, shop) == before
    assert await value(house, "select version from fulfilment_order") == 1
    await sound(house)


async def test_a_move_that_cannot_be_says_why(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    [number] = part_ids(order)
    for to, code in (("NOWHERE", "unknown_warehouse"), ("MAIN", "same_warehouse")):
        with pytest.raises(Refused) as refused:
            await move(house, shop, number, to)
        assert refused.value.code == code
    await name_sources(house, shop, ["MAIN"])
    with pytest.raises(Refused) as refused:
        await move(house, shop, number, "SOUTH")
    assert refused.value.code == "not_a_source"
    await name_sources(house, shop, [])
    with pytest.raises(Conflict) as conflict:
        await move(house, shop, number, "SOUTH", version=7)
    assert conflict.value.code == "version_differs"
    with pytest.raises(NotFound):
        await move(house, shop, 999, "SOUTH")


async def test_what_is_released_is_moved_no_more(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    await pay(house, shop, order)
    [number] = part_ids(order)
    await prepare_waybills(house, number, NOW)
    await planned_wave(house, number, release=True)
    with pytest.raises(Conflict) as refusal:
        await move(house, shop, number, "SOUTH")
    assert refusal.value.code == "wrong_state" and "released already" in refusal.value.detail


async def test_what_is_planned_only_leaves_its_wave_when_it_moves(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    await pay(house, shop, order)
    [number] = part_ids(order)
    await prepare_waybills(house, number, NOW)
    await planned_wave(house, number)
    await move(house, shop, number, "SOUTH")
    assert await value(house, "select count(*) from wave_order where standing") == 0
    await sound(house)


async def test_an_expired_promise_is_not_moved_into_another(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    await expire_promises(house, NOW + 2 * PROMISE_LASTS)
    with pytest.raises(Conflict) as refusal:
        await move(house, shop, part_ids(order)[0], "SOUTH")
    assert refusal.value.code == "promise_expired"


async def test_an_unpaid_promise_that_moves_still_expires(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    await move(house, shop, part_ids(order)[0], "SOUTH")
    assert await expire_promises(house, NOW + 2 * PROMISE_LASTS) == 1
    assert {left for _, left, _ in (await promised(house, shop)).values()} == {0}


async def test_a_backorder_that_moves_to_where_goods_are_waits_no_more(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(0, 0))
    await expect(house, shop, "MUG", "MAIN", 2)
    await expect(house, shop, "MUG", "SOUTH", 9)
    order = await place(house, shop, an_order("1", ("MUG", 2), backorder=True))
    assert parts(order)[0][1] == "backordered"
    answer = await move(house, shop, part_ids(order)[0], "SOUTH")
    assert parts(answer) == [("SOUTH", "backordered", [(1, 2)])]
    assert await promised(house, shop) == {("MUG", "MAIN"): (0, 0, 0), ("MUG", "SOUTH"): (0, 0, 2)}


async def test_moves_crosswise_at_once_neither_oversell_nor_hang(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(6, 6), CUP=(6, 6))
    orders = [await place(house, shop, an_order(f"{n}", ("MUG", 1), ("CUP", 1))) for n in range(8)]
    numbers = [part_ids(order)[0] for order in orders]

    async def try_move(number: int, to: str) -> None:
        try:
            await move(house, shop, number, to, key=f"{number} {to}")
        except (Conflict, Refused):
            return

    wishes = [try_move(n, to) for n in numbers for to in ("SOUTH", "MAIN")]
    await asyncio.gather(*wishes)
    assert sum(left for _, left, _ in (await promised(house, shop)).values()) == 16
    await sound(house)


async def test_a_part_of_a_line_gets_a_fulfilment_order_of_its_own(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0), CUP=(5, 0))
    order = await place(house, shop, an_order("1", ("MUG", 4), ("CUP", 1)))
    await pay(house, shop, order)
    [number] = part_ids(order)
    await prepare_waybills(house, number, NOW)
    answer = await split(house, shop, number, (1, 1), (2, 1))
    assert parts(answer) == [("MAIN", "open", [(1, 3)]), ("MAIN", "open", [(1, 1), (2, 1)])]
    for part in part_ids(answer):
        assert await prepare_waybills(house, part, NOW)
    assert await value(house, "select count(*) from waybill where state = 'made'") == 2
    assert await promised(house, shop) == {("MUG", "MAIN"): (5, 4, 0), ("CUP", "MAIN"): (5, 1, 0)}
    await planned_wave(house, release=True)
    states = await rows(house, "select state from fulfilment_order")
    assert [row["state"] for row in states] == ["released", "released"]
    await sound(house)


async def test_a_split_takes_what_is_there_first(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(2, 0), CUP=(0, 0))
    await expect(house, shop, "MUG", "MAIN", 9)
    await expect(house, shop, "CUP", "MAIN", 9)
    order = await place(house, shop, an_order("1", ("MUG", 2), ("CUP", 3), backorder=True))
    assert parts(order)[0][1] == "backordered"
    answer = await split(house, shop, part_ids(order)[0], (1, 2))
    assert parts(answer) == [("MAIN", "backordered", [(2, 3)]), ("MAIN", "open", [(1, 2)])]
    await sound(house)


async def test_a_split_of_a_hold_is_held_twice(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 0))
    item = an_item("PEARL")
    assert item.sku == "PEARL"
    order = await place(house, shop, an_order("1", ("MUG", 4)))
    [number] = part_ids(order)
    async with staff_transaction(house) as connection:
        await connection.execute(
            "insert into hold (tenant_id, fulfilment_order_id, kind, reason, owned_by, until) "
            "values ($1, $2, 'approval', 'look', 'supervisor', now())",
            shop.tenant_id,
            number,
        )
    answer = await split(house, shop, number, (1, 1))
    holds = answer.body["holds"]
    assert isinstance(holds, list)
    assert [hold["fulfilment_order_id"] for hold in holds] == part_ids(answer)


@pytest.mark.parametrize(
    ("lines", "code", "pointer"),
    [
        ([(9, 1)], "unknown_line", "/lines/0/line"),
        ([(1, 1), (1, 1)], "doubled_line", "/lines/1/line"),
        ([(1, 5)], "too_much", "/lines/0/quantity"),
        ([(1, 4)], "nothing_left", "/lines"),
        ([(1, "0.5")], "wrong_unit", "/lines/0/quantity"),
        ([(1, 0)], "bad_quantity", "/lines/0/quantity"),
    ],
)
async def test_a_split_that_cannot_be_points_at_its_line(
    house: asyncpg.Pool, lines: list[tuple[int, int | str]], code: str, pointer: str
) -> None:
    shop = await shop_of_two(house, MUG=(5, 0))
    order = await place(house, shop, an_order("1", ("MUG", 4)))
    with pytest.raises(Refused) as refusal:
        await split(house, shop, part_ids(order)[0], *lines)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)


async def test_the_waiting_rest_is_ended_and_what_is_there_ships(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0))
    await expect(house, shop, "MUG", "MAIN", 9)
    wish = Fulfilment.FILL_AVAILABLE
    order = await place(house, shop, an_order("1", ("MUG", 5), fulfilment=wish))
    await pay(house, shop, order)
    here, waits = part_ids(order)
    answer = await short(house, shop, order, waits)
    assert parts(answer) == [("MAIN", "open", [(1, 3)]), ("MAIN", "incomplete", [(1, 2)])]
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert (lines[0]["quantity"], lines[0]["cancelled"], lines[0]["promise"]) == (5, 2, "firm")
    [told] = await rows(house, "select data from event where type = 'order.incomplete'")
    assert [(x["quantity"], x["amount"]["amount_minor"]) for x in told["data"]["lines"]] == [
        (2, 510)
    ]
    # The total stays what was agreed, and what is left of it is said beside it.
    assert answer.body["total"] == order.body["total"] == {"amount_minor": 1275, "currency": "GBP"}
    assert answer.body["current_total"] == {"amount_minor": 765, "currency": "GBP"}
    assert await promised(house, shop) == {("MUG", "MAIN"): (3, 3, 0)}
    assert await prepare_waybills(house, here, NOW)
    assert not await prepare_waybills(house, waits, NOW)
    await sound(house)


async def test_of_one_that_waits_in_part_what_is_there_goes_on(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0), CUP=(0, 0))
    await expect(house, shop, "CUP", "MAIN", 9)
    order = await place(house, shop, an_order("1", ("MUG", 3), ("CUP", 1), backorder=True))
    await pay(house, shop, order)
    answer = await short(house, shop, order, part_ids(order)[0])
    assert parts(answer) == [("MAIN", "open", [(1, 3)]), ("MAIN", "incomplete", [(2, 1)])]
    assert await promised(house, shop) == {("MUG", "MAIN"): (3, 3, 0), ("CUP", "MAIN"): (0, 0, 0)}
    await sound(house)


async def test_what_nothing_waits_for_is_cancelled_not_closed_short(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(3, 0), CUP=(0, 0))
    await expect(house, shop, "CUP", "MAIN", 9)
    here = await place(house, shop, an_order("1", ("MUG", 3)))
    with pytest.raises(Conflict) as refusal:
        await short(house, shop, here, part_ids(here)[0])
    assert refusal.value.code == "nothing_waits"
    waits = await place(house, shop, an_order("2", ("CUP", 3), backorder=True))
    with pytest.raises(Conflict) as refusal:
        await short(house, shop, waits, part_ids(waits)[0])
    assert refusal.value.code == "nothing_left"
    with pytest.raises(NotFound):
        await short(house, shop, here, part_ids(waits)[0])


async def test_a_planner_may_move_what_a_shop_may_and_another_shop_may_not(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(5, 5))
    other = await shop_of_two(house, CUP=(1, 1))
    order = await place(house, shop, an_order("1", ("MUG", 2)))
    [number] = part_ids(order)
    with pytest.raises(NotFound):
        await move(house, other, number, "SOUTH")
    by = StaffRequest(planner(), "k", "move", b"k")
    answer = await move_fulfilment(house, by, number, "SOUTH", 1, NOW)
    assert parts(answer) == [("SOUTH", "open", [(1, 2)])]
    again = await move_fulfilment(house, by, number, "SOUTH", 1, NOW)
    assert again.replayed and again.body == answer.body
