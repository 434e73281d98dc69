"""Whoever wants the same rows of an order waits in one line: the server never has to end one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from itertools import count
from typing import Any

import asyncpg
import pytest

from tests.builders import (
    NOW,
    add_stock,
    enter_house,
    firm_order,
    planned_wave,
    value,
)
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from tests.server import Servers
from tests.wms.journey.order.editing import edit, order_of, sound
from tests.wms.journey.order.racing import (
    MUGS,
    at_the_tote,
    cancel,
    in_hand,
    kept,
    papers_of,
    put_back,
    shop_of,
)
from tests.wms.journey.people import (
    Handheld,
    loader_at_dock,
    packed_order,
    person,
    sort_all,
    sorted_order,
    sscc_of,
    state_of,
    take_cart,
    wait_for_lock,
)
from wms.database.pool import open_pool
from wms.error import Conflict, Refused
from wms.journey.order.hold_place import place_hold
from wms.journey.order.payment import take_payment
from wms.journey.request import Request
from wms.orders.order import NewPayment
from wms.tenants.shop import Shop

ROUNDS = 50
ON_A_CART = 10
PRICE_MINOR = 510

# What a shop wants of an order of two mugs.
Wish = Callable[[asyncpg.Pool, Shop, int], Coroutine[Any, Any, object]]

_numbers = count(1)


@pytest.fixture
def url(servers: Servers, server_name: str) -> Iterator[str]:
    """A database of a test's own."""
    url = servers.create_database(server_name)
    yield url
    servers.drop_database(server_name, url)


@pytest.fixture
async def house(url: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool over the test's database with the builders' warehouse."""
    async with await open_pool(url, application="test", keyset=KEYSET) as pool:
        await enter_house(pool)
        yield pool


async def deadlocks(house: asyncpg.Pool, url: str) -> int:
    """How many deadlocks the server found in a test's database, all of whose connections it ends.

    A connection tells its part at the latest when it ends.
    """
    await house.close()
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while await connection.fetchval(
                "select count(*) > 1 from pg_stat_activity "
                "where datname = current_database() and backend_type = 'client backend'"
            ):
                await asyncio.sleep(0.02)
        found: int = await connection.fetchval(
            "select deadlocks from pg_stat_database where datname = current_database()"
        )
    finally:
        await connection.close()
    return found


async def crossed(
    house: asyncpg.Pool, table: str, first: Awaitable[object], second: Awaitable[object]
) -> list[object]:
    """What two come to that meet: the first has got as far as a table, which is kept from it."""
    async with kept(house, table):
        one = asyncio.ensure_future(first)
        await wait_for_lock(house, 1)
        two = asyncio.ensure_future(second)
        await wait_for_lock(house, 2)
    return list(await asyncio.gather(one, two, return_exceptions=True))


async def cancelled(house: asyncpg.Pool, shop: Shop, order: int) -> object:
    return (await cancel(house, shop, order)).body["state"]


async def refunded(house: asyncpg.Pool, shop: Shop, order: int) -> object:
    key = f"refund {next(_numbers)}"
    payment = NewPayment("refunded", PRICE_MINOR, "GBP", key, NOW)
    request = Request(shop, key, "payments", key.encode())
    return (await take_payment(house, request, order, payment, NOW)).body["payment_state"]


async def one_less(house: asyncpg.Pool, shop: Shop, order: int) -> object:
    return (await edit(house, shop, order, (1, 1))).status


async def held(house: asyncpg.Pool, shop: Shop, order: int) -> object:
    key = f"hold {next(_numbers)}"
    request = Request(shop, key, "hold", key.encode())
    answer = await place_hold(house, request, order, "requested", "Wait.", None, None, NOW)
    return answer.status


WISHES: dict[str, Wish] = {
    "cancel": cancelled,
    "refund": refunded,
    "edit": one_less,
    "hold": held,
}


async def laid_out(house: asyncpg.Pool, shop: Shop, picker: Handheld, cart: str) -> list[int]:
    """Orders of two mugs each on one cart; the picker is at the first bin."""
    orders = [await firm_order(house, shop, ("MUG", 2)) for _ in range(ON_A_CART)]
    await planned_wave(house, *orders, release=True)
    await picker.do("pick")
    await take_cart(picker, cart)
    return orders


async def of_tote(house: asyncpg.Pool, tote: str) -> int:
    """The fulfilment order that a tote is bound to."""
    number = await value(
        house, "select fulfilment_order_id from handling_unit where code = $1", tote
    )
    assert isinstance(number, int)
    return number


async def picked_of(house: asyncpg.Pool, fulfilment: int) -> object:
    return await value(
        house,
        "select sum(picked)::bigint from fulfilment_line where fulfilment_order_id = $1",
        fulfilment,
    )


async def nothing_is_left_to_pick(house: asyncpg.Pool) -> None:
    assert await value(house, "select count(*) from pick_task where state = 'open'") == 0
    assert await value(
        house, "select count(*) from reservation where fulfilment_line_id is not null"
    ) == 0  # fmt: skip


async def agrees(house: asyncpg.Pool, wish: str, came: object, fulfilment: int) -> None:
    """Stock, tasks and label are what they should be after that came of a wish."""
    picked, state = await picked_of(house, fulfilment), await state_of(house, fulfilment)
    papers = await papers_of(house, fulfilment)
    if wish in ("cancel", "refund"):
        assert came in ("done", "refunded")
        assert (state, papers) == ("cancelled", {("void", False)})
        assert picked in (0, 2)
        assert (await put_back(house, fulfilment) or 0) == picked
    elif came == 201:
        # Taken off the walk before its first pick: it waits again.
        assert (state, picked) == ("open", 0)
        assert papers == {("void" if wish == "edit" else "made", False)}
    else:
        assert isinstance(came, Refused if wish == "edit" else Conflict), came
        assert (state, picked, papers) == ("sorted", 2, {("made", False)})


async def test_a_ring_of_two_is_counted(house: asyncpg.Pool, url: str) -> None:
    """Without this the other tests would show nothing."""
    shop = await shop_of(house)
    first, second = [await firm_order(house, shop, ("MUG", 1)) for _ in range(2)]
    lock = "select 1 from fulfilment_order where id = $1 for no key update"

    async def take(connection: asyncpg.Connection, mine: int, other: int) -> None:
        async with connection.transaction():
            await connection.execute(lock, mine)
            await both.wait()
            await connection.execute(lock, other)

    both = asyncio.Barrier(2)
    connections = [await asyncpg.connect(url) for _ in range(2)]
    came = await asyncio.gather(
        take(connections[0], first, second),
        take(connections[1], second, first),
        return_exceptions=True,
    )
    for connection in connections:
        await connection.close()
    assert [type(one) for one in came if one] == [asyncpg.DeadlockDetectedError]
    assert await deadlocks(house, url) == 1


@pytest.mark.parametrize("wish", WISHES)
async def test_an_order_s_first_pick_is_waited_for(
    house: asyncpg.Pool, url: str, wish: str
) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await at_the_tote(house, fulfilment, picker)
    tote, order = picker.screen["target"], await order_of(house, fulfilment)
    # The scan has its order and its task, and waits for the goods.
    _, came = await crossed(house, "balance", picker.scan(tote), WISHES[wish](house, shop, order))
    assert picker.screen["step"] == "drop"
    await picker.scan_all("CONVEYOR")
    await sort_all(house)
    await agrees(house, wish, came, fulfilment)
    await sound(house)
    assert await deadlocks(house, url) == 0


async def test_the_order_of_the_next_pick_goes_while_this_one_is_booked(
    house: asyncpg.Pool, url: str
) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    orders = [await firm_order(house, shop, ("MUG", 2)) for _ in range(2)]
    await planned_wave(house, *orders, release=True)
    await picker.do("pick")
    await take_cart(picker, "CART-01")
    await in_hand(picker)
    tote = picker.screen["target"]
    [other] = set(orders) - {await of_tote(house, tote)}
    # The scan has goods of the bin; the other order's tasks are of the same bin.
    _, came = await crossed(
        house,
        "fulfilment_line",
        picker.scan(tote),
        cancelled(house, shop, await order_of(house, other)),
    )
    assert came == "done"
    await picker.do("refresh")
    assert picker.screen["step"] == "drop"
    await sound(house)
    assert await deadlocks(house, url) == 0


async def test_the_end_of_a_walk_and_a_cancel_want_wave_and_order(
    house: asyncpg.Pool, url: str
) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await at_the_tote(house, fulfilment, picker)
    await picker.scan_all(picker.screen["target"])
    order = await order_of(house, fulfilment)
    _, came = await crossed(
        house, "fulfilment_order", picker.scan("CONVEYOR"), cancelled(house, shop, order)
    )
    assert came == "done"
    assert await value(house, "select state from wave") == "done"
    await sort_all(house)
    await agrees(house, "cancel", came, fulfilment)
    assert await deadlocks(house, url) == 0


async def test_a_short_pick_waits_for_an_edit_that_has_what_may_be_sold(
    house: asyncpg.Pool, url: str
) -> None:
    shop = await shop_of(house)
    await add_stock(house, shop, "MUG", bin1=MUGS)
    picker = await person(house, "Pia")
    mine = await firm_order(house, shop, ("MUG", 2))
    other = await firm_order(house, shop, ("MUG", 2))
    await at_the_tote(house, mine, picker)
    await planned_wave(house, other, release=True)
    await picker.do("short")
    await picker.do("not_found")
    edited, screen = await crossed(
        house,
        "availability",
        one_less(house, shop, await order_of(house, other)),
        picker.do("count", 0),
    )
    assert edited == 201
    assert isinstance(screen, dict)
    assert screen["verdict"]["ok"]
    await sound(house)
    assert await deadlocks(house, url) == 0


async def test_a_departure_that_closes_and_a_refund_want_order_and_departure(
    house: asyncpg.Pool, url: str
) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    await packed_order(house, fulfilment)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, fulfilment)}")
    order = await order_of(house, fulfilment)
    _, came = await crossed(house, "availability", loader.do("close"), refunded(house, shop, order))
    assert came == "refunded"
    assert await state_of(house, fulfilment) == "handed_over"
    await sound(house)
    assert await deadlocks(house, url) == 0


@pytest.mark.parametrize("wish", WISHES)
async def test_first_picks_that_race_their_shop_never_meet_in_a_ring(
    house: asyncpg.Pool, url: str, wish: str
) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    came: dict[int, object] = {}
    while len(came) < ROUNDS:
        await add_stock(house, shop, "MUG", bin0=MUGS)
        await laid_out(house, shop, picker, "CART-01")
        while picker.screen["step"] in ("bin", "put"):
            await in_hand(picker)
            tote = picker.screen["target"]
            fulfilment = await of_tote(house, tote)
            order = await order_of(house, fulfilment)
            race = [picker.scan(tote), WISHES[wish](house, shop, order)]
            if len(came) % 2:
                race.reverse()
            met = await asyncio.gather(*race, return_exceptions=True)
            [came[fulfilment]] = [one for one in met if not isinstance(one, dict)]
        if picker.screen["step"] == "drop":
            await picker.scan_all("CONVEYOR")
        await sort_all(house)
    for fulfilment, one in came.items():
        await agrees(house, wish, one, fulfilment)
    await nothing_is_left_to_pick(house)
    await sound(house)
    assert await deadlocks(house, url) == 0


async def test_short_picks_that_race_first_picks_and_cancels_never_meet_in_a_ring(
    house: asyncpg.Pool, url: str
) -> None:
    shop = await shop_of(house)
    pia, pat = await person(house, "Pia"), await person(house, "Pat")
    rounds = 0
    while rounds < ROUNDS:
        await add_stock(house, shop, "MUG", bin0=MUGS, bin1=MUGS)
        orders = await laid_out(house, shop, pia, "CART-01")
        orders += await laid_out(house, shop, pat, "CART-02")
        while at_work(pia) and at_work(pat) and rounds < ROUNDS:
            rounds += 1
            await add_stock(house, shop, "MUG", bin0=MUGS, bin1=MUGS)
            await to_the_tote(pia)
            await to_the_tote(pat)
            await pat.do("short")
            await pat.do("not_found")
            order = await order_of(house, await of_tote(house, pia.screen["target"]))
            race: list[Coroutine[Any, Any, object]] = [
                pia.scan(pia.screen["target"]),
                pat.do("count", rounds % 2),
            ]
            if rounds % 3 == 0:
                race.append(cancelled(house, shop, order))
            elif rounds % 3 == 1:
                race.append(one_less(house, shop, order))
            for one in await asyncio.gather(*race, return_exceptions=True):
                assert not isinstance(one, BaseException) or isinstance(one, Refused), one
            for picker in (pia, pat):
                await picker.do("refresh")
                if picker.screen["step"] == "empty":
                    await picker.do("empty")
        await finish(pia)
        await finish(pat)
        await sort_all(house)
        for fulfilment in orders:
            state, picked = await state_of(house, fulfilment), await picked_of(house, fulfilment)
            assert (state, picked) in (
                ("sorted", 2), ("cancelled", 0), ("cancelled", 1), ("cancelled", 2), ("open", 0),
            )  # fmt: skip
            printed = {("void" if state in ("cancelled", "open") else "made", False)}
            assert await papers_of(house, fulfilment) == printed
    await nothing_is_left_to_pick(house)
    await sound(house)
    assert await deadlocks(house, url) == 0


def at_work(picker: Handheld) -> bool:
    return picker.screen["step"] in ("bin", "put")


async def to_the_tote(picker: Handheld) -> None:
    """The picker has the next goods in hand, if they had not yet."""
    if picker.screen["step"] == "bin":
        await in_hand(picker)


async def finish(picker: Handheld) -> None:
    """Picks what is left of a walk, and puts its totes on the conveyor."""
    while picker.screen["step"] not in ("wait", "cart"):
        if picker.screen["step"] == "drop":
            await picker.scan_all("CONVEYOR")
        elif picker.screen["step"] == "empty":
            await picker.do("empty")
        else:
            await to_the_tote(picker)
            await picker.scan_all(picker.screen["target"])
