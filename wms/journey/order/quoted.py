"""An order that is placed with a quote: held to it, and promised what it said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import asyncpg

from wms.bins import queries as bins
from wms.error import Refused
from wms.journey.order.way import Goods, positions_of, way_of
from wms.orders import commands as orders
from wms.orders.commands import Facts
from wms.orders.line import Line
from wms.orders.nearness import Source
from wms.orders.order import Fulfilment, NewOrder
from wms.quote import queries as quote_rows
from wms.quote.availability import Supply
from wms.quote.estimate import GRACE
from wms.quote.quote import House, check_quote, hash_of_lines
from wms.tenants.shop import Shop

# Goods that wait are dated by others that are coming, and these may be somebody else's by now.
_WAITS = (Supply.COMING, Supply.MADE_TO_ORDER)


@dataclass(frozen=True, slots=True)
class Quoted:
    """An order as its quote has it: its service, who ships, and what its buyer was told."""

    order: NewOrder
    facts: Facts
    delivery: dict[str, object]


async def take_quote(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: Sequence[Line],
    now: datetime,
) -> Quoted:
    """Holds an order to the quote that it names, and the house to what it said.

    Goods that the quote said were coming are waited for, whether or not the order says so too.

    Raises:
        Refused: `unknown_quote`, `unknown_option`, `quote_expired`, `quote_differs`.
    """
    quote_id = order.quote_id
    assert quote_id is not None and order.delivery_option is not None
    row = await quote_rows.quote_of_id(connection, shop.tenant_id, shop.shop_id, quote_id)
    country = str(order.ship_to["country"])
    option = check_quote(
        None if row is None else dict(row),
        quote_id,
        order.delivery_option,
        hash_of_lines((line.item.item_id, line.quantity) for line in lines),
        country,
        str(order.ship_to.get("postal_code") or ""),
        order.fulfilment.value,
        now,
    )
    shipments = _rows(option["shipments"])
    facts = replace(facts, sources=_sources(facts, shipments))
    order = replace(order, service=str(option["service"]))
    waits = any(line["availability"] in _WAITS for line in _rows(option["lines"]))
    if waits and order.fulfilment is Fulfilment.SHIP_TOGETHER:
        order = replace(order, backorder=True)
    if waits or order.fulfilment is Fulfilment.FILL_AVAILABLE:
        await _still_so(connection, shop, order, facts, lines, option, now)
    return Quoted(order, facts, _promised(quote_id, option, shipments))


def _sources(facts: Facts, shipments: Sequence[dict[str, object]]) -> tuple[Source, ...]:
    """The dates are those of some warehouses, so it is they that ship."""
    codes = {str(one["warehouse"]) for one in shipments}
    sources = tuple(one for one in facts.sources if one.code in codes)
    if len(sources) < len(codes):
        raise _over(f"Not all of {', '.join(sorted(codes))} ship for the shop any more")
    return sources


def _rows(said: object) -> list[dict[str, object]]:
    assert isinstance(said, list), "a quote lists its lines and its shipments"
    return said


def _over(why: str) -> Refused:
    return Refused("quote_expired", f"{why}. Ask for another quote.", "/quote_id")


def _promised(
    quote_id: int, option: dict[str, object], shipments: Sequence[dict[str, object]]
) -> dict[str, object]:
    told, parts = option["delivery"], option["parts"]
    assert isinstance(told, dict) and isinstance(parts, dict)
    return {
        "quote_id": quote_id,
        "option": option["code"],
        "name": option["name"],
        "kind": option["kind"],
        "carrier": option["carrier"],
        "warehouse": option["warehouse"],
        "fee": option["fee"],
        "earliest": told["earliest"],
        "likely": told["likely"],
        "latest": told["latest"],
        "time_zone": told["time_zone"],
        "region": option["region"],
        "pickup_at": parts["pickup"]["latest"]["pickup_at"],
        "shipments": [_shipment(one) for one in shipments],
        "redated_at": None,
    }


def _shipment(one: dict[str, object]) -> dict[str, object]:
    days = one["delivery"]
    assert isinstance(days, dict)
    return {
        "warehouse": one["warehouse"],
        "lines": [line["line"] for line in _rows(one["lines"])],
        **{name: days[name] for name in ("earliest", "likely", "latest")},
    }


async def _still_so(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: Sequence[Line],
    option: dict[str, object],
    now: datetime,
) -> None:
    """Passes where the goods can still be had as early as the quote said; they stay locked.

    Raises:
        Refused: `quote_expired`, somebody else was faster.
    """
    await orders.look_around(connection, facts.sources, order.ship_to, facts.channel, lines)
    positions = await positions_of(connection, shop, facts, lines)
    shipped = tuple(line for line in lines if line.item.digital_at is None)
    goods = Goods(shipped, facts, order.ship_to, order.fulfilment, positions)
    houses = [
        House(row["id"], row["code"], row["time_zone"], row["country"], row["subdivision"])
        for row in [
            await bins.warehouse_of_id(connection, one.warehouse_id) for one in facts.sources
        ]
    ]
    # A quote gives whoever orders the same grace.
    way = way_of(goods, houses, now - GRACE)
    for said in _rows(option["lines"]):
        number = int(str(said["line"]))
        line = lines[number - 1]
        if line.item.digital_at is not None:
            continue
        at = None if way is None else way.ready_of(number).at
        told = said["available_at"]
        left = line.units if way is None else way.left.get(number, 0)
        by = now if told is None else max(now, datetime.fromisoformat(str(told)))
        late = told is not None and (at is None or at > by)
        if late or Decimal(str(line.said(left * line.factor))) > Decimal(str(said["left_out"])):
            raise _over(f"{line.item.sku} comes later than quote {order.quote_id} said")
