"""The lines of a receipt, read against what the house knows: items, places, units and dates."""

from datetime import datetime

import asyncpg

from devices.gs1 import is_sscc
from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.error import Conflict, NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.tracking import can_expire_on
from wms.items.unit import format_quantity, smallest_units
from wms.journey.inbound.inbound_line import items_by_sku
from wms.journey.inbound.returning import lock_returned_order, refuse_more_than_shipped
from wms.receiving import commands as receiving
from wms.receiving import queries as inbounds
from wms.receiving.arrival import Arrival
from wms.receiving.inbound import ArrivedLine, ExpectedLine, Kind

# Kinds of handling units that goods come in on; totes and parcels belong to orders.
CARRIERS = ("case", "pallet")


async def read_arrivals(
    connection: asyncpg.Connection,
    shipment: asyncpg.Record,
    arrived: tuple[ArrivedLine, ...],
    now: datetime,
) -> list[tuple[Arrival, str]]:
    """What came, checked and in smallest units, each with the pointer to its line.

    Raises:
        Conflict: `serial_elsewhere`, `unit_elsewhere`, `unit_in_use`.
        Refused: `lines_missing`, `unknown_item`, `wrong_unit`, `bad_quantity`, `lot_missing`,
            `expiry_missing`, `bad_date`, `serial_missing`, `serial_twice`, `serial_quantity`,
            `bad_unit_code`, `bundle_has_no_stock`, `unknown_place`.
    """
    if not arrived:
        raise Refused("lines_missing", "A receipt says what came.", "/lines")
    owner_id, warehouse_id = shipment["owner_id"], shipment["warehouse_id"]
    found = await items_by_sku(connection, owner_id, [line.sku for line in arrived])
    factors = await items.factors_of(connection, [row["id"] for row in found.values()])
    # A day that cannot be is refused below, with its line; the database could not count to it.
    days = await bin_rows.days_left(
        connection,
        warehouse_id,
        {x.expires_on for x in arrived if x.expires_on and can_expire_on(x.expires_on)},
        now,
    )
    arrivals: list[tuple[Arrival, str]] = []
    seen: set[tuple[int, str]] = set()
    for number, line in enumerate(arrived):
        pointer = f"/lines/{number}"
        item = found[canonical_sku(line.sku)]
        quantity = _smallest(line, item, factors[item["id"]], pointer)
        await _check(connection, item, quantity, line, seen, pointer)
        place_id = await _place_id(connection, warehouse_id, line.place, pointer)
        arrival = Arrival(
            item["id"],
            quantity,
            line.lot,
            line.serials,
            line.expires_on,
            line.condition,
            line.expires_on is not None and days[line.expires_on] < 0,
            place_id,
            await _unit_id(connection, warehouse_id, place_id, line.unit_code, pointer),
        )
        arrivals.append((arrival, pointer))
    return arrivals


async def lines_for(
    connection: asyncpg.Connection, shipment: asyncpg.Record, arrivals: list[tuple[Arrival, str]]
) -> dict[int, asyncpg.Record]:
    """The shipment's line of each item; without an announcement it gets one.

    Raises:
        Refused: `not_announced`, `over_receipt`, `not_shipped`, `more_than_shipped`.
    """
    came: dict[int, tuple[int, str]] = {}
    for arrival, pointer in arrivals:
        quantity, first = came.get(arrival.item_id, (0, pointer))
        came[arrival.item_id] = (quantity + arrival.quantity, first)
    if shipment["kind"] == Kind.RETURN:
        order_id = shipment["order_id"]
        await lock_returned_order(connection, shipment["tenant_id"], shipment["owner_id"], order_id)
        await refuse_more_than_shipped(connection, order_id, came)
    lines = {row["item_id"]: row for row in await inbounds.lines_of(connection, shipment["id"])}
    missing = [item_id for item_id in came if item_id not in lines]
    if missing and shipment["kind"] == Kind.ASN:
        raise Refused(
            "not_announced",
            "This item is not on the ASN. Receive it as a shipment of its own.",
            f"{came[missing[0]][1]}/sku",
        )
    if missing:
        await receiving.add_lines(
            connection,
            shipment["tenant_id"],
            shipment["id"],
            [ExpectedLine(item_id, 0, None) for item_id in missing],
        )
        lines = {row["item_id"]: row for row in await inbounds.lines_of(connection, shipment["id"])}
    for item_id, (quantity, pointer) in came.items():
        _refuse_over(lines[item_id], quantity, pointer)
    return lines


def _refuse_over(line: asyncpg.Record, quantity: int, pointer: str) -> None:
    most = line["received_max"]
    if most is None or line["received"] + quantity <= most:
        return
    left = format_quantity(max(0, most - line["received"]), line["scale"])
    raise Refused(
        "over_receipt",
        f"Of {line['sku']} {format_quantity(line['expected'], line['scale'])} were announced and "
        f"{format_quantity(line['received'], line['scale'])} have come: at most {left} more.",
        f"{pointer}/quantity",
    )


def _smallest(
    line: ArrivedLine, item: asyncpg.Record, factors: dict[str, int], pointer: str
) -> int:
    quantity, _ = smallest_units(
        line.quantity,
        line.unit,
        item_unit=item["unit"],
        scale=item["scale"],
        packaging=factors,
        pointer=pointer,
    )
    return quantity


async def _check(
    connection: asyncpg.Connection,
    item: asyncpg.Record,
    quantity: int,
    line: ArrivedLine,
    seen: set[tuple[int, str]],
    pointer: str,
) -> None:
    """What goods must say of themselves, each piece of those with serial numbers."""
    tracking = items.tracking_of(item)
    if not line.serials:
        tracking.check(quantity, line.lot, "", line.expires_on, pointer)
        return
    if len(line.serials) != quantity:
        raise Refused(
            "serial_quantity",
            f"{quantity} pieces have {quantity} serial numbers, not {len(line.serials)}.",
            f"{pointer}/serials",
        )
    for number, serial in enumerate(line.serials):
        tracking.check(1, line.lot, serial, line.expires_on, pointer)
        if (item["id"], serial) in seen:
            raise Refused(
                "serial_twice",
                f"{serial} stands there twice.",
                f"{pointer}/serials/{number}",
            )
        seen.add((item["id"], serial))
    there = await inbounds.serials_in_house(connection, item["id"], list(line.serials))
    if there:
        number = next(n for n, serial in enumerate(line.serials) if serial in there)
        raise Conflict(
            "serial_elsewhere",
            f"{item['sku']} {line.serials[number]} is in the house already.",
            f"{pointer}/serials/{number}",
        )


async def _place_id(
    connection: asyncpg.Connection, warehouse_id: int, code: str | None, pointer: str
) -> int:
    place: asyncpg.Record | None
    if code is None:
        try:
            place = await bin_rows.place_of_kind(connection, warehouse_id, "receiving")
        except NotFound as error:
            raise Refused("unknown_place", "The warehouse has no receiving place.") from error
    else:
        place = await bin_rows.place_of_code(connection, warehouse_id, code)
    if place is None or place["kind"] != "receiving":
        raise Refused("unknown_place", f"{code} is not a receiving place.", f"{pointer}/place")
    place_id: int = place["id"]
    return place_id


async def _unit_id(
    connection: asyncpg.Connection,
    warehouse_id: int,
    place_id: int,
    code: str | None,
    pointer: str,
) -> int:
    """The handling unit of that label at that place, made where it is new; 0 for none.

    Raises:
        Conflict: `unit_elsewhere`, `unit_in_use`.
        Refused: `bad_unit_code`.
    """
    if code is None:
        return 0
    pointer = f"{pointer}/handling_unit"
    unit = await bin_rows.unit_of_code(connection, code)
    if unit is None:
        if len(code) == 18 and code.isdecimal() and not is_sscc(code):
            raise Refused("bad_unit_code", f"{code}: wrong check digit of an SSCC.", pointer)
        return await bins.enter_unit(connection, warehouse_id, code, "pallet", place_id, None)
    if unit["kind"] not in CARRIERS or unit["fulfilment_order_id"] is not None:
        raise Conflict("unit_in_use", f"{code} is an order's {unit['kind']}.", pointer)
    if unit["place_id"] != place_id:
        raise Conflict("unit_elsewhere", f"{code} stands at {unit['place']}.", pointer)
    unit_id: int = unit["id"]
    return unit_id
