"""Which carrier takes a parcel: the one that the buyer was promised."""

from dataclasses import replace
from datetime import time, timedelta

import asyncpg

from tests.builders import NOW, buy, new_order, order_id_of, pay, stocked_shop, value
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.order import intake
from wms.journey.order.option import put_option
from wms.journey.order.quote import Asked, make_quote
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.outbox.command import Answer
from wms.quote.option import DeliveryOption, Kind
from wms.tenants.shop import Shop

EXPRESS = DeliveryOption(
    code="express",
    name="Express",
    kind=Kind.EXPRESS,
    cut_off=time(15),
    pickup_time=time(18),
    transit_days_low=1,
    transit_days_high=2,
    fee_minor=990,
    currency="GBP",
    service="express",
    carrier="SWIFT",
)
LASTS = timedelta(hours=1)


async def shop_with_two_carriers(house: asyncpg.Pool) -> Shop:
    """A shop of a house that works with SIMEX, and with SWIFT since."""
    async with staff_transaction(house) as connection:
        await entry.enter_carrier(connection, "SWIFT", "Swift", "http://127.0.0.1:2", "secret")
    return await stocked_shop(house, MUG=20)


async def carrier_of(house: asyncpg.Pool, shop: Shop, order: Answer) -> str:
    """Who brings a paid order, and who was told of it."""
    await pay(house, shop, order)
    number = order_id_of(order)
    part = await value(house, "select id from fulfilment_order where order_id = $1", number)
    assert isinstance(part, int)
    assert await prepare_waybills(house, part, NOW)
    code = await value(
        house,
        "select c.code from carrier c join waybill w on w.carrier_id = c.id "
        "join parcel p on p.id = w.parcel_id "
        "join outbox b on b.subject = 'parcel/' || p.id and b.target = c.id "
        "where p.fulfilment_order_id = $1",
        part,
    )
    assert isinstance(code, str)
    return code


async def ordered(house: asyncpg.Pool, shop: Shop, number: str, **changed: object) -> Answer:
    order = replace(new_order([("MUG", 1)], number), **changed)  # type: ignore[arg-type]
    request = Request(shop, f"key {number}", "order", order.body_hash)
    return await intake.place_order(house, request, order, LASTS, NOW)


async def test_the_option_that_was_promised_names_the_carrier(house: asyncpg.Pool) -> None:
    shop = await shop_with_two_carriers(house)
    await put_option(house, EXPRESS)
    await put_option(house, replace(EXPRESS, code="night", kind=Kind.NIGHT, carrier="SIMEX"))
    order = new_order([("MUG", 1)], "Q-1")
    asked = Asked(order.lines, str(order.ship_to["country"]))
    quote = await make_quote(house, Request(shop, "quote", "quote", b""), asked, LASTS, NOW)
    said = {"quote_id": quote.body["id"]}
    express = await ordered(house, shop, "Q-1", delivery_option="express", **said)
    night = await ordered(house, shop, "Q-2", delivery_option="night", **said)
    delivery = express.body["delivery"]
    assert isinstance(delivery, dict)
    assert delivery["carrier"] == "SWIFT"
    # What was promised stays so, whatever the option says by now.
    await put_option(house, replace(EXPRESS, carrier="SIMEX"))
    assert await carrier_of(house, shop, express) == "SWIFT"
    assert await carrier_of(house, shop, night) == "SIMEX"


async def test_without_a_quote_it_is_whose_option_has_the_service_and_goes_there(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_with_two_carriers(house)
    await put_option(house, EXPRESS)
    abroad = replace(EXPRESS, code="abroad", service="parcel", countries=("FR",))
    await put_option(house, abroad)
    await put_option(
        house, replace(EXPRESS, code="isles", service="isles", postal_prefixes=("ZE",))
    )
    assert await carrier_of(house, shop, await buy(house, shop, ("MUG", 1))) == "SIMEX"
    for service, carrier in (("express", "SWIFT"), ("parcel", "SIMEX"), ("isles", "SIMEX")):
        order = await ordered(house, shop, service, service=service)
        assert await carrier_of(house, shop, order) == carrier, service
