"""The waybill is made as soon as an order is firm, before anyone walks, and once."""

import asyncio

import asyncpg

from devices.gs1 import is_sscc
from tests.builders import (
    CARTONS,
    NOW,
    add_items,
    an_item,
    buy,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    planned_wave,
    planner,
    rows,
    stocked_shop,
    value,
)
from tests.wms.journey.people import holds_of, state_of, told_of
from wms.database.pool import staff_transaction
from wms.journey.entry import OpeningStock, enter_cartons, enter_stock
from wms.journey.order.hold import lift_hold
from wms.journey.order.waybill import carrier_accepted, carrier_told, prepare_waybills


async def _waybills(house: asyncpg.Pool, fulfilment_order_id: int) -> list[asyncpg.Record]:
    return await rows(
        house,
        "select w.*, p.number, p.carton_code, p.mass_g from waybill w "
        "join parcel p on p.id = w.parcel_id where p.fulfilment_order_id = $1 order by w.id",
        fulfilment_order_id,
    )


async def test_a_firm_order_has_cartons_numbers_and_the_carrier_s_ear(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await firm_order(house, shop, ("MUG", 3))
    [waybill] = await _waybills(house, order)
    assert (waybill["carton_code"], waybill["mass_g"], waybill["number"]) == ("C-S", 350, 1)
    assert is_sscc(waybill["sscc"])
    assert (waybill["state"], waybill["routing_code"]) == ("made", "GB-LS1-S")
    [message] = await rows(house, "select * from outbox where topic = 'carrier'")
    assert message["payload"]["path"] == "/pickups"
    body = message["payload"]["body"]
    assert body["waybill"]["sscc"] == waybill["sscc"]
    assert body["waybill"]["tracking_number"] == waybill["tracking_number"]
    assert body["ship_to"]["postal_code"] == "LS1 4AP"
    assert body["mass_g"] == 350
    assert await state_of(house, order) == "open"
    assert (await told_of(house, order))[-1] == "order.waybill_ready"


async def test_an_order_of_many_parcels_has_a_waybill_for_each(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=900)
    orders = [await firm_order(house, shop, ("MUG", 300)) for _ in range(2)]
    made = [row for order in orders for row in await _waybills(house, order)]
    assert len(made) >= 4
    assert len({row["sscc"] for row in made}) == len(made)
    assert len({row["tracking_number"] for row in made}) == len(made)
    assert all(is_sscc(row["sscc"]) for row in made)
    packed = await rows(
        house,
        "select f.quantity, sum(l.quantity) as planned from fulfilment_line f "
        "join parcel_line l on l.fulfilment_line_id = f.id group by f.id",
    )
    assert [(row["quantity"], row["planned"]) for row in packed] == [(300, 300)] * 2


async def test_waybills_are_made_once_whoever_asks_again(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await buy(house, shop, ("MUG", 3))
    await pay(house, shop, order)
    fulfilment = fulfilment_id_of(order)
    made = await asyncio.gather(*(prepare_waybills(house, fulfilment, NOW) for _ in range(3)))
    assert sorted(made) == [False, False, True]
    before = [dict(row) for row in await _waybills(house, fulfilment)]
    assert not await prepare_waybills(house, fulfilment, NOW)
    assert [dict(row) for row in await _waybills(house, fulfilment)] == before
    assert await value(house, "select count(*) from outbox") == 1


async def test_a_house_without_cartons_holds_the_order_until_it_has_some(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=10)
    async with staff_transaction(house) as connection:
        await connection.execute("delete from carton")
    order = await firm_order(house, shop, ("MUG", 1))
    assert await holds_of(house, order) == ["no_carton"]
    async with staff_transaction(house) as connection:
        await enter_cartons(connection, list(CARTONS))
    await rows(house, "update job set done_at = now() where kind = 'waybill' returning id")
    order_id, hold_id = (
        await rows(
            house,
            "select f.order_id, h.id from hold h join fulfilment_order f "
            "on f.id = h.fulfilment_order_id where f.id = $1",
            order,
        )
    )[0]
    await lift_hold(house, order_id, hold_id, planner(), NOW)
    assert await value(house, "select subject from job where done_at is null") == (
        f"fulfilment/{order}"
    )
    assert await prepare_waybills(house, order, NOW)
    assert len(await _waybills(house, order)) == 1


async def test_goods_that_fit_no_carton_hold_the_order(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    await add_items(house, shop, an_item("WARDROBE", edge_mm=1_900, mass_g=60_000))
    async with staff_transaction(house) as connection:
        stock = [OpeningStock("WARDROBE", "A-01-01-1", 1)]
        await enter_stock(connection, shop, stock, "", "test", NOW)
    order = await firm_order(house, shop, ("MUG", 1), ("WARDROBE", 1))
    assert await holds_of(house, order) == ["no_carton"]
    assert await _waybills(house, order) == []
    assert "order.held" in await told_of(house, order)
    wave = await planned_wave(house, order, release=True)
    assert await value(house, "select state from wave where id = $1", wave) == "refused"
    assert await state_of(house, order) == "open"


async def test_a_pickup_is_requested_when_the_carrier_knows_every_parcel(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=900)
    order = await firm_order(house, shop, ("MUG", 300))
    asked = "select pickup_requested_at from fulfilment_order where id = $1"
    made = await _waybills(house, order)
    for waybill in made:
        assert await value(house, asked, order) is None
        async with staff_transaction(house) as connection:
            await carrier_told(connection, waybill["tracking_number"], NOW)
    assert await value(house, asked, order) == NOW


async def test_only_the_parcel_s_own_carrier_accepts_it(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=10)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    await prepare_waybills(house, fulfilment_id_of(order), NOW)
    [waybill] = await _waybills(house, fulfilment_id_of(order))
    number = waybill["tracking_number"]
    assert not await carrier_accepted(house, "OTHER", number, NOW, NOW)
    assert not await carrier_accepted(house, "SIMEX", "SL1", NOW, NOW)
    assert await carrier_accepted(house, "SIMEX", number, NOW, NOW)
    [clock] = await _waybills(house, fulfilment_id_of(order))
    assert (clock["carrier_accepted_at"], clock["label_printed_at"]) == (NOW, None)
    told = await rows(
        house, "select type from event where order_id = $1 order by seq", order_id_of(order)
    )
    assert told[-1]["type"] == "order.carrier_accepted"
