"""The load scenario: what was loaded is handed over, and what was not goes with the next."""

import asyncio

import asyncpg

from tests.builders import (
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    firm_order,
    rows,
    value,
)
from tests.wms.journey.people import (
    loader_at_dock,
    pack_parcel,
    packed_order,
    packer_at_carton,
    person,
    print_labels,
    sorted_order,
    sscc_of,
    state_of,
    told_of,
    verdict,
    wait_for_lock,
)
from wms.database.pool import staff_transaction
from wms.tenants.shop import Shop


async def _shop(house: asyncpg.Pool, quantity: int = 20) -> Shop:
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=quantity)
    return shop


async def _packed(house: asyncpg.Pool, shop: Shop, *quantities: int) -> list[int]:
    orders = [await firm_order(house, shop, ("MUG", quantity)) for quantity in quantities]
    await sorted_order(house, *orders)
    for order in orders:
        await packed_order(house, order)
    return orders


async def test_closing_hands_over_what_was_loaded_and_only_that(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    first, second = await _packed(house, shop, 3, 4)
    loader = await loader_at_dock(house)
    assert loader.screen["progress"] == {"done": 0, "total": 2}
    assert verdict(await loader.do("close")) == "nothing_loaded"
    await loader.scan_all(f"]C100{await sscc_of(house, first)}")
    screen = await loader.do("close")
    assert "1 parcels handed over" in screen["verdict"]["text"]
    assert [await state_of(house, order) for order in (first, second)] == ["handed_over", "packed"]
    # What left is no longer promised and no longer there; what waits is both.
    assert await availability(house, shop, "MUG") == (17, 4)
    promises = await rows(house, "select quantity, kept, state from promise order by id")
    assert [tuple(row) for row in promises] == [(3, 3, "kept"), (4, 0, "firm")]
    assert await differences(house) == []
    told = await rows(
        house,
        "select data from event where type = 'order.handed_over'",
    )
    tracking = await value(
        house, "select tracking_number from waybill where sscc = $1", await sscc_of(house, first)
    )
    assert [row["data"]["tracking_numbers"] for row in told] == [[tracking]]
    assert (await told_of(house, first))[-1] == "order.handed_over"
    jobs = await rows(house, "select subject from job where kind = 'routes'")
    assert len(jobs) == 1


async def test_what_was_left_behind_goes_with_the_next(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    first, second = await _packed(house, shop, 3, 4)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, first)}")
    await loader.do("close")
    assert loader.screen["progress"] == {"done": 0, "total": 1}
    await loader.scan_all(f"]C100{await sscc_of(house, second)}")
    await loader.do("close")
    assert await state_of(house, second) == "handed_over"
    closed = await rows(house, "select state from departure order by id")
    assert [row["state"] for row in closed] == ["closed", "closed"]
    assert await availability(house, shop, "MUG") == (13, 0)
    assert await differences(house) == []


async def test_a_wrong_label_is_a_verdict(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    [order] = await _packed(house, shop, 3)
    waiting = await firm_order(house, shop, ("MUG", 1))
    loader = await person(house, "Lou")
    await loader.do("load")
    assert verdict(await loader.scan("PACK-01")) == "wrong_place"
    await loader.scan_all("DOCK-1")
    assert verdict(await loader.scan("MUG")) == "unknown_label"
    assert verdict(await loader.scan(f"]C100{await sscc_of(house, waiting)}")) == "wrong_dock"
    label = f"]C100{await sscc_of(house, order)}"
    await loader.scan_all(label)
    assert (await loader.scan(label))["verdict"] == {
        "ok": True,
        "code": "ok",
        "text": "This parcel is loaded already.",
    }
    assert loader.screen["progress"] == {"done": 1, "total": 1}
    await loader.do("close")
    assert verdict(await loader.scan(label)) == "wrong_dock"


async def test_a_void_label_is_not_loaded(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    order = await firm_order(house, shop, ("MUG", 3))
    await sorted_order(house, order)
    old = await sscc_of(house, order)
    packer = await packer_at_carton(house, order)
    await packer.scan_all("C-M", "MUG")
    await print_labels(house)
    await packer.scan_all(f"]C100{await sscc_of(house, order)}")
    loader = await loader_at_dock(house)
    assert verdict(await loader.scan(f"]C100{old}")) == "void_label"


async def test_an_order_whose_first_parcel_left_before_is_packed_and_handed_over(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house, 600)
    order = await firm_order(house, shop, ("MUG", 300))
    await sorted_order(house, order)
    packer = await packer_at_carton(house, order)
    await pack_parcel(house, packer)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, order)}")
    await loader.do("close")
    assert await state_of(house, order) == "sorted"
    left = await value(house, "select kept from promise")
    assert isinstance(left, int) and 0 < left < 300
    assert await differences(house) == []
    numbers = []
    while packer.screen["step"] == "carton":
        numbers.append(int(packer.screen["lines"][0].split()[1]))
        await pack_parcel(house, packer)
    assert await state_of(house, order) == "packed"
    for number in numbers:
        await loader.scan_all(f"]C100{await sscc_of(house, order, number)}")
    await loader.do("close")
    assert await state_of(house, order) == "handed_over"
    assert await availability(house, shop, "MUG") == (300, 0)
    assert await value(house, "select state from promise") == "kept"
    assert await differences(house) == []


async def test_a_parcel_put_out_while_the_departure_closes_is_not_lost(house: asyncpg.Pool) -> None:
    shop = await _shop(house)
    first = await firm_order(house, shop, ("MUG", 1))
    second = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, first, second)
    await packed_order(house, first)
    packer = await packer_at_carton(house, second)
    await packer.scan_all("C-S", "MUG")
    await print_labels(house)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, first)}")
    label = f"]C100{await sscc_of(house, second)}"
    # Both want the departure that this transaction holds; the packer asks first.
    async with staff_transaction(house) as connection:
        await connection.execute("select 1 from departure for no key update")
        put_out = asyncio.create_task(packer.scan(label))
        await wait_for_lock(house, 1)
        closed = asyncio.create_task(loader.do("close"))
        await wait_for_lock(house, 2)
    assert [verdict(screen) for screen in await asyncio.gather(put_out, closed)] == ["ok", "ok"]
    assert [await state_of(house, order) for order in (first, second)] == ["handed_over", "packed"]
    await loader.scan_all(label)
    await loader.do("close")
    assert await state_of(house, second) == "handed_over"
    assert await differences(house) == []


async def test_a_parcel_loaded_while_the_departure_closes_goes_with_the_next(
    house: asyncpg.Pool,
) -> None:
    shop = await _shop(house)
    first, second = await _packed(house, shop, 1, 2)
    loader, other = await loader_at_dock(house), await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, first)}")
    async with staff_transaction(house) as connection:
        await connection.execute("select 1 from departure for no key update")
        closed = asyncio.create_task(loader.do("close"))
        await wait_for_lock(house, 1)
        loaded = asyncio.create_task(other.scan(f"]C100{await sscc_of(house, second)}"))
        await wait_for_lock(house, 2)
    assert [verdict(screen) for screen in await asyncio.gather(closed, loaded)] == ["ok", "ok"]
    assert [await state_of(house, order) for order in (first, second)] == ["handed_over", "packed"]
    await other.do("close")
    assert await state_of(house, second) == "handed_over"
    assert await differences(house) == []
