"""Each clock is set by its own event, and by no other.

paid_at, waybill_ready_at, pickup_requested_at, label_printed_at, carrier_accepted_at.
"""

from datetime import datetime, timedelta

import asyncpg

from tests.builders import NOW, buy, fulfilment_id_of, order_id_of, pay, rows, stocked_shop
from tests.wms.journey.people import pack_parcel, packer_at_carton, sorted_order
from wms.database.pool import shop_transaction, staff_transaction
from wms.journey.order.order_view import order_view
from wms.journey.order.waybill import carrier_accepted, carrier_told, prepare_waybills
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

MINUTE = timedelta(minutes=1)
CLOCKS = (
    "paid_at",
    "waybill_ready_at",
    "pickup_requested_at",
    "label_printed_at",
    "carrier_accepted_at",
)


async def _clocks(house: asyncpg.Pool, shop: Shop, order: Answer) -> dict[str, datetime | None]:
    """As the shop reads them: of the order, its fulfilment order and its parcel, which agree."""
    async with shop_transaction(house, shop.tenant_id) as connection:
        view = await order_view(connection, shop, order_id_of(order))
    fulfilments, parcels = view["fulfilment_orders"], view["parcels"]
    assert isinstance(fulfilments, list) and isinstance(parcels, list)
    parcel = parcels[0] if parcels else {}
    for clock in ("waybill_ready_at", "pickup_requested_at"):
        assert parcel.get(clock) == fulfilments[0][clock]
    said = view | fulfilments[0] | parcel
    found: dict[str, datetime | None] = {}
    for clock in CLOCKS:
        at = said.get(clock)
        found[clock] = datetime.fromisoformat(str(at)) if at else None
    return found


async def _paid(house: asyncpg.Pool) -> tuple[Shop, Answer]:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order, now=NOW + MINUTE)
    return shop, order


async def _number(house: asyncpg.Pool) -> str:
    [row] = await rows(house, "select tracking_number from waybill")
    number: str = row["tracking_number"]
    return number


def _set(clocks: dict[str, datetime | None]) -> list[str]:
    return [clock for clock in CLOCKS if clocks[clock] is not None]


async def test_nothing_is_set_before_the_money_comes(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order, state="authorised")
    assert _set(await _clocks(house, shop, order)) == []


async def test_paid_at_is_set_by_the_payment_alone(house: asyncpg.Pool) -> None:
    shop, order = await _paid(house)
    await pay(house, shop, order, now=NOW + 9 * MINUTE)
    clocks = await _clocks(house, shop, order)
    assert (_set(clocks), clocks["paid_at"]) == (["paid_at"], NOW + MINUTE)


async def test_waybill_ready_at_is_set_when_the_waybill_is_made_and_says_nothing_of_the_carrier(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _paid(house)
    await prepare_waybills(house, fulfilment_id_of(order), NOW + 2 * MINUTE)
    clocks = await _clocks(house, shop, order)
    assert _set(clocks) == ["paid_at", "waybill_ready_at"]
    assert clocks["waybill_ready_at"] == NOW + 2 * MINUTE


async def test_pickup_requested_at_is_set_by_the_carrier_s_answer(house: asyncpg.Pool) -> None:
    shop, order = await _paid(house)
    await prepare_waybills(house, fulfilment_id_of(order), NOW + 2 * MINUTE)
    for minute in (3, 8):
        async with staff_transaction(house) as connection:
            await carrier_told(connection, await _number(house), NOW + minute * MINUTE)
    clocks = await _clocks(house, shop, order)
    assert _set(clocks) == ["paid_at", "waybill_ready_at", "pickup_requested_at"]
    assert clocks["pickup_requested_at"] == NOW + 3 * MINUTE
    assert clocks["waybill_ready_at"] == NOW + 2 * MINUTE


async def test_label_printed_at_is_set_by_the_printer_and_by_no_carrier(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _paid(house)
    number = fulfilment_id_of(order)
    await prepare_waybills(house, number, NOW + 2 * MINUTE)
    await sorted_order(house, number)
    packer = await packer_at_carton(house, number)
    assert "label_printed_at" not in _set(await _clocks(house, shop, order))
    await pack_parcel(house, packer)
    assert _set(await _clocks(house, shop, order)) == [
        "paid_at",
        "waybill_ready_at",
        "label_printed_at",
    ]


async def test_carrier_accepted_at_is_the_carrier_s_scan_and_no_hand_over_of_ours(
    house: asyncpg.Pool,
) -> None:
    shop, order = await _paid(house)
    await prepare_waybills(house, fulfilment_id_of(order), NOW + 2 * MINUTE)
    scanned = NOW + 7 * MINUTE
    assert await carrier_accepted(house, "SIMEX", await _number(house), scanned, NOW + 9 * MINUTE)
    clocks = await _clocks(house, shop, order)
    assert _set(clocks) == ["paid_at", "waybill_ready_at", "carrier_accepted_at"]
    assert clocks["carrier_accepted_at"] == scanned
