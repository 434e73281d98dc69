"""Quotes that say what the order will get: by day, by warehouse, and without what is mailed."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from tests.builders import NOW, PROMISE_LASTS, add_items, an_item, rows
from tests.wms.journey.buyer.shelf import a_game, put_codes
from tests.wms.journey.order.two import (
    an_order,
    expect,
    parts,
    place,
    shop_of_two,
    waits_for_day,
)
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.items.item import Component, ItemKind
from wms.journey.order import intake
from wms.journey.order.option import put_option
from wms.journey.order.quote import Asked, make_quote
from wms.journey.order.source import name_sources
from wms.journey.request import Request
from wms.orders.order import Fulfilment, NewLine
from wms.outbox.command import Answer
from wms.quote.calendar import EVERY_DAY, WORKING_DAYS
from wms.quote.option import DeliveryOption, Kind
from wms.tenants.shop import Shop

AVAILABLE, TOGETHER = Fulfilment.FILL_AVAILABLE, Fulfilment.SHIP_TOGETHER
DAY = NOW + timedelta(days=20)
LASTS = timedelta(hours=12)


def an_option(**changed: Any) -> DeliveryOption:
    """An option that is packed at once, picked up the same day and there the day after."""
    told: dict[str, Any] = {
        "code": "standard",
        "name": "Standard",
        "kind": Kind.STANDARD,
        "cut_off": time(23),
        "pickup_time": time(23),
        "transit_days_low": 1,
        "transit_days_high": 1,
        "fee_minor": 395,
        "currency": "GBP",
        "pickup_days": EVERY_DAY,
        "delivery_days": EVERY_DAY,
        "packing_minutes": 0,
        "packing_minutes_high": 0,
        "works_holidays": True,
    }
    return DeliveryOption(**told | changed)


async def two_houses(pool: asyncpg.Pool, **stock: tuple[int, int]) -> Shop:
    """A shop with goods in two warehouses that offer the same way for the same fee."""
    shop = await shop_of_two(pool, **stock)
    for warehouse in ("MAIN", "SOUTH"):
        await put_option(pool, an_option(), warehouse)
    return shop


async def ask(
    pool: asyncpg.Pool,
    shop: Shop,
    *lines: tuple[str, int],
    fulfilment: Fulfilment = TOGETHER,
    now: datetime = NOW,
) -> tuple[int, dict[str, Any]]:
    """The number of a quote, and what it says of its one option."""
    new = tuple(NewLine(sku, quantity, 0) for sku, quantity in lines)
    asked = Asked(new, "GB", "LS1 4AP", fulfilment=fulfilment)
    key = f"quote {lines} {fulfilment} {now}"
    answer = await make_quote(pool, Request(shop, key, "quote", b"q"), asked, LASTS, now)
    options = answer.body["options"]
    assert isinstance(options, list) and len(options) == 1
    return int(str(answer.body["id"])), options[0]


async def order_with(
    pool: asyncpg.Pool,
    shop: Shop,
    quote_id: int,
    *lines: tuple[str, int],
    fulfilment: Fulfilment = TOGETHER,
    now: datetime = NOW,
) -> Answer:
    order = replace(
        an_order(f"of {quote_id} at {now}", *lines, fulfilment=fulfilment),
        quote_id=quote_id,
        delivery_option="standard",
    )
    request = Request(shop, f"key {order.external_order_id}", "orders", order.body_hash)
    return await intake.place_order(pool, request, order, PROMISE_LASTS, now)


def shipments(option: dict[str, Any]) -> list[tuple[str, list[int], str]]:
    """Warehouse, lines and last day of each shipment of an option."""
    return [
        (one["warehouse"], [line["line"] for line in one["lines"]], one["delivery"]["latest"])
        for one in option["shipments"]
    ]


async def test_a_quote_that_fills_parts_what_is_sold_ahead_from_what_is_there(
    house: asyncpg.Pool,
) -> None:
    shop = await two_houses(house, CUP=(5, 0), TOY=(5, 0))
    await waits_for_day(house, shop, "TOY", available_from=DAY)
    lines = (("CUP", 1), ("TOY", 1))
    _, together = await ask(house, shop, *lines)
    assert shipments(together) == [("MAIN", [1, 2], "2010-12-22")]
    quote_id, option = await ask(house, shop, *lines, fulfilment=AVAILABLE)
    assert shipments(option) == [("MAIN", [1], "2010-12-02"), ("MAIN", [2], "2010-12-22")]
    assert option["delivery"]["latest"] == "2010-12-22"
    assert [line["availability"] for line in option["lines"]] == ["stock", "presale"]
    assert option["valid_until"] == (NOW + LASTS).isoformat()
    # The order that refers to it comes apart just so, and keeps the days.
    order = await order_with(house, shop, quote_id, *lines, fulfilment=AVAILABLE)
    assert parts(order) == [("MAIN", "open", [(1, 1)]), ("MAIN", "scheduled", [(2, 1)])]
    delivery = order.body["delivery"]
    assert isinstance(delivery, dict)
    assert [one["latest"] for one in delivery["shipments"]] == ["2010-12-02", "2010-12-22"]
    assert delivery["latest"] == "2010-12-22"


async def test_a_quote_of_what_is_made_names_the_warehouse_that_makes_it(
    house: asyncpg.Pool,
) -> None:
    shop = await two_houses(house, TOY=(0, 0))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    quote_id, option = await ask(house, shop, ("TOY", 1))
    # Thursday, Friday and Monday.
    assert shipments(option) == [("MAIN", [1], "2010-12-07")]
    order = await order_with(house, shop, quote_id, ("TOY", 1))
    assert parts(order) == [("MAIN", "scheduled", [(1, 1)])]
    # Where only the other ships for the shop, it is made there.
    await name_sources(house, shop, ["SOUTH"])
    quote_id, option = await ask(house, shop, ("TOY", 2))
    assert shipments(option) == [("SOUTH", [1], "2010-12-07")]
    order = await order_with(house, shop, quote_id, ("TOY", 2))
    assert parts(order) == [("SOUTH", "scheduled", [(1, 2)])]


async def test_a_quote_just_before_midnight_holds_for_what_is_begun_a_day_later(
    house: asyncpg.Pool,
) -> None:
    shop = await two_houses(house, TOY=(0, 0))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    evening = datetime(2010, 12, 1, 23, 58, tzinfo=UTC)
    quote_id, option = await ask(house, shop, ("TOY", 1), now=evening)
    assert option["lines"][0]["available_at"] == "2010-12-07T00:00:00+00:00"
    assert option["valid_until"] > "2010-12-02T00:03"
    order = await order_with(house, shop, quote_id, ("TOY", 1), now=evening + timedelta(minutes=4))
    [due_at] = await rows(house, "select due_at from fulfilment_order")
    assert due_at["due_at"] == datetime(2010, 12, 7, tzinfo=UTC)
    assert parts(order) == [("MAIN", "scheduled", [(1, 1)])]
    noon = datetime(2010, 12, 2, 12, 30, tzinfo=UTC)
    _, option = await ask(house, shop, ("TOY", 1), now=noon)
    assert option["valid_until"] == "2010-12-02T23:59:59+00:00"


async def test_what_is_mailed_is_in_no_parcel_and_moves_no_date(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(0, 5))
    await add_items(house, shop, a_game())
    await put_codes(house, shop, "CODE-1", "CODE-2")
    quote_id, option = await ask(house, shop, ("GAME", 2), ("CUP", 1))
    assert shipments(option) == [("SOUTH", [2], "2010-12-02")]
    game, cup = option["lines"]
    assert (game["availability"], game["available_at"]) == ("mail", NOW.isoformat())
    assert (cup["availability"], option["warehouse"]) == ("stock", "SOUTH")
    order = await order_with(house, shop, quote_id, ("GAME", 2), ("CUP", 1))
    assert parts(order) == [("SOUTH", "open", [(2, 1)]), ("MAIN", "open", [(1, 2)])]
    lacking = await ask(house, shop, ("GAME", 3), ("CUP", 1))
    assert (lacking[1]["available"], lacking[1]["delivery"]) == (False, None)
    assert "GAME" in lacking[1]["why_not"] and "CUP" not in lacking[1]["why_not"]


async def test_nothing_but_mail_needs_no_way_at_all(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(0, 5))
    await add_items(house, shop, a_game())
    asked = Asked((NewLine("GAME", 1, 0),), "GB")
    answer = await make_quote(house, Request(shop, "q", "quote", b"q"), asked, LASTS, NOW)
    assert answer.body["options"] == []
    assert "sent by mail" in str(answer.body["why_none"])


async def test_goods_of_two_warehouses_are_quoted_as_they_will_ship(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(5, 0), MUG=(0, 5))
    lines = (("CUP", 1), ("MUG", 1))
    quote_id, option = await ask(house, shop, *lines)
    assert shipments(option) == [("MAIN", [1], "2010-12-02"), ("SOUTH", [2], "2010-12-02")]
    assert option["fee"] == {"amount_minor": 395, "currency": "GBP"}
    order = await order_with(house, shop, quote_id, *lines)
    assert parts(order) == [("MAIN", "open", [(1, 1)]), ("SOUTH", "open", [(2, 1)])]


async def test_warehouses_that_ask_other_fees_share_no_order(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(5, 0), MUG=(0, 5))
    await put_option(house, an_option(fee_minor=500), "SOUTH")
    _, option = await ask(house, shop, ("CUP", 1), ("MUG", 1))
    assert (option["available"], option["shipments"]) == (False, [])


async def test_goods_that_a_quote_says_are_coming_are_waited_for(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(0, 0))
    await expect(house, shop, "CUP", "MAIN", 5, days=3)
    quote_id, option = await ask(house, shop, ("CUP", 4))
    assert [line["availability"] for line in option["lines"]] == ["supply"]
    order = await order_with(house, shop, quote_id, ("CUP", 4))
    assert parts(order) == [("MAIN", "backordered", [(1, 4)])]
    assert order.body["expected_at"] == option["lines"][0]["available_at"]


async def test_a_quote_for_goods_that_others_took_meanwhile_is_over(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(0, 0))
    await expect(house, shop, "CUP", "MAIN", 5, days=3)
    quote_id, _ = await ask(house, shop, ("CUP", 4))
    await place(house, shop, an_order("faster", ("CUP", 3), backorder=True))
    with pytest.raises(Refused) as refusal:
        await order_with(house, shop, quote_id, ("CUP", 4))
    assert (refusal.value.code, refusal.value.pointer) == ("quote_expired", "/quote_id")


async def test_a_quote_for_another_wish_is_another_quote(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(5, 0))
    quote_id, _ = await ask(house, shop, ("CUP", 1), fulfilment=AVAILABLE)
    with pytest.raises(Refused) as refusal:
        await order_with(house, shop, quote_id, ("CUP", 1))
    assert (refusal.value.code, refusal.value.pointer) == ("quote_differs", "/fulfilment")


async def test_what_would_never_ship_is_told_beforehand(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, CUP=(2, 1), MUG=(0, 0))
    lines = (("CUP", 5), ("MUG", 1))
    quote_id, option = await ask(house, shop, *lines, fulfilment=AVAILABLE)
    assert [line["left_out"] for line in option["lines"]] == [2, 1]
    assert shipments(option) == [("MAIN", [1], "2010-12-02"), ("SOUTH", [1], "2010-12-02")]
    order = await order_with(house, shop, quote_id, *lines, fulfilment=AVAILABLE)
    found = order.body["lines"]
    assert isinstance(found, list)
    assert [line["cancelled"] for line in found] == [2, 1]


async def test_a_rest_that_waits_is_not_dated_by_the_stock_that_ships_before_it(
    house: asyncpg.Pool,
) -> None:
    shop = await two_houses(house, CUP=(3, 0))
    await expect(house, shop, "CUP", "MAIN", 10, days=3)
    _, option = await ask(house, shop, ("CUP", 6), fulfilment=AVAILABLE)
    assert shipments(option) == [("MAIN", [1], "2010-12-02"), ("MAIN", [1], "2010-12-05")]
    assert [line["quantity"] for one in option["shipments"] for line in one["lines"]] == [3, 3]


async def test_a_promise_over_the_date_line_is_exact_to_the_second_and_kept_with_the_order(
    house: asyncpg.Pool,
) -> None:
    # Thanksgiving is Thursday, 26 November 2026, in Los Angeles; the buyer is in Auckland.
    shop = await two_houses(house, CUP=(9, 0))
    async with staff_transaction(house) as connection:
        await connection.execute(
            "update warehouse set time_zone = 'America/Los_Angeles', country = 'US'"
        )
    midnight = time(23, 59, 59)
    option = an_option(
        cut_off=midnight,
        pickup_time=midnight,
        pickup_days=WORKING_DAYS,
        delivery_days=WORKING_DAYS,
        works_holidays=False,
    )
    await put_option(house, option, "MAIN")
    last = datetime(2026, 11, 25, 23, 59, 59, tzinfo=ZoneInfo("America/Los_Angeles"))

    async def latest(now: datetime) -> tuple[int, dict[str, Any]]:
        asked = Asked((NewLine("CUP", 1, 0),), "NZ", "1010", time_zone="Pacific/Auckland")
        request = Request(shop, f"quote {now}", "quote", b"q")
        answer = await make_quote(house, request, asked, LASTS, now)
        options = answer.body["options"]
        assert isinstance(options, list)
        return int(str(answer.body["id"])), options[0]

    async def order(quote_id: int, now: datetime) -> Answer:
        new = an_order(f"of {quote_id} at {now}", ("CUP", 1))
        there = dict(new.ship_to) | {"country": "NZ", "postal_code": "1010", "city": "Auckland"}
        new = replace(new, ship_to=there, quote_id=quote_id, delivery_option="standard")
        request = Request(shop, f"key {new.external_order_id}", "orders", new.body_hash)
        return await intake.place_order(house, request, new, PROMISE_LASTS, now)

    quote_id, told = await latest(last)
    assert told["delivery"]["latest"] == "2026-11-27"
    kept = (await order(quote_id, last + timedelta(minutes=5))).body["delivery"]
    assert isinstance(kept, dict)
    assert (kept["latest"], kept["time_zone"]) == ("2026-11-27", "Pacific/Auckland")
    with pytest.raises(Refused) as refusal:
        await order(quote_id, last + timedelta(minutes=5, seconds=1))
    assert refusal.value.code == "quote_expired"
    _, late = await latest(last + timedelta(seconds=1))
    assert late["delivery"]["latest"] == "2026-11-30"


async def test_a_bundle_waits_for_what_is_made_for_it(house: asyncpg.Pool) -> None:
    shop = await two_houses(house, TOY=(0, 0), CUP=(5, 0))
    await waits_for_day(house, shop, "TOY", made_to_order_days=3)
    bundle = replace(
        an_item("SET"), kind=ItemKind.BUNDLE, components=(Component("TOY", 1), Component("CUP", 1))
    )
    await add_items(house, shop, bundle)
    lines = (("TOY", 1), ("SET", 1))
    quote_id, option = await ask(house, shop, *lines)
    assert [line["availability"] for line in option["lines"]] == ["made_to_order"] * 2
    order = await order_with(house, shop, quote_id, *lines)
    assert parts(order) == [("MAIN", "scheduled", [(1, 1), (2, 1)])]
    made = await rows(house, "select quantity from supply where source like 'made/%'")
    assert [row["quantity"] for row in made] == [2]
