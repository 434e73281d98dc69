"""The receive scenario.

Whoever unloads scans the shipment's label or the number on its papers, or says that nothing was
announced and whose goods they are. Then each item: its barcode, which may say lot, last day and
serial number as well; what it does not say and the item needs is asked; and last how many there
are, good or damaged. Each is booked at once and its way into storage planned. A receiving place or
a pallet's label that is scanned in between is where the next goods stand. "That is all" closes the
shipment; where something is missing, it asks first.
"""

from datetime import datetime

import asyncpg

from devices.gs1 import ScanKind, parse_scan
from wms.bins import queries as bins
from wms.error import WmsError
from wms.items import queries as items
from wms.items.unit import QUANTITY_MAX
from wms.journey.floor import message
from wms.journey.floor.receive_screen import (
    confirm_screen,
    goods_screen,
    item_screen,
    owner_screen,
    shipment_screen,
)
from wms.journey.floor.screen import Input, Screen, Verdict
from wms.journey.inbound.inbound import close_received, enter_announced
from wms.journey.inbound.receipt import Who, book_receipt
from wms.receiving import queries as inbounds
from wms.receiving.inbound import Condition, Kind, NewInbound, State, label_of
from wms.receiving.label import goods_label
from wms.receiving.taking import Taking, taking_from
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff

OWNERS_MAX = 20
SHIPMENTS_MAX = 8
OPEN = (State.ANNOUNCED, State.RECEIVING)
CONDITIONS = {
    message.GOOD.code: Condition.GOOD,
    message.DAMAGED.code: Condition.DAMAGED,
}
Told = tuple[dict[str, object], Verdict]


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen that whoever unloads is at."""
    shipment = await _shipment(connection, staff)
    if shipment is None:
        if staff.state.get("blind"):
            return owner_screen(await inbounds.owners(connection, OWNERS_MAX))
        waiting = await inbounds.inbounds_waiting(connection, staff.works_in, SHIPMENTS_MAX)
        return shipment_screen(waiting)
    taking = taking_from(staff.state.get("taking"))
    if taking is not None:
        return goods_screen(taking)
    lines = await inbounds.lines_of(connection, shipment["id"])
    if staff.state.get("closing"):
        return confirm_screen(shipment, [x for x in inbounds.differences_of(lines) if x.under])
    return item_screen(shipment, lines, _word(staff, "place"), _word(staff, "unit_code"))


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan or an action at this step leads to."""
    if given.action == message.REFRESH.code:
        return await show(connection, staff, now)
    state, verdict = await _take(connection, staff, given, now)
    if state != staff.state:
        await tenants.save_session(connection, staff.session_id, "receive", state)
        staff = staff.at("receive", state)
    return (await show(connection, staff, now)).said(verdict)


async def _take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Told:
    if given.action == message.OTHER_SHIPMENT.code:
        return {}, message.right()
    shipment = await _shipment(connection, staff)
    if shipment is None:
        return await _take_shipment(connection, staff, given, now)
    taking = taking_from(staff.state.get("taking"))
    if taking is not None:
        return await _take_goods(connection, staff, shipment, taking, given, now)
    if staff.state.get("closing") or given.action == message.FINISH.code:
        return await _take_end(connection, staff, shipment, given, now)
    if given.action:
        return staff.state, message.unknown_action(given.action)
    return await _take_item(connection, staff, shipment, given, now)


async def _shipment(connection: asyncpg.Connection, staff: Staff) -> asyncpg.Record | None:
    """The shipment that this person is at, as long as it takes goods in."""
    inbound_id = staff.state.get("inbound_id")
    if not isinstance(inbound_id, int):
        return None
    shipment = await inbounds.the_inbound(connection, inbound_id)
    return shipment if shipment["state"] in OPEN else None


async def _take_shipment(
    connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime
) -> Told:
    if given.action:
        return await _take_owner(connection, staff, given, now)
    code = given.raw.strip() or given.code
    digits = code.upper().removeprefix("IN-")
    inbound_id = int(digits) if digits.isascii() and digits.isdecimal() else 0
    known = inbound_id if 0 < inbound_id <= QUANTITY_MAX else None
    everywhere = await inbounds.inbounds_of_code(connection, known, code)
    found = [row for row in everywhere if row["warehouse_id"] == staff.works_in]
    if everywhere and not found:
        return {}, message.shipment_elsewhere(code, everywhere[0]["warehouse"])
    if not found:
        return {}, message.unknown_shipment(code)
    if len(found) > 1:
        return {}, message.several_shipments(code, [label_of(row["id"]) for row in found])
    return {"inbound_id": found[0]["id"]}, message.right()


async def _take_owner(
    connection: asyncpg.Connection,
    staff: Staff,
    given: Input,
    now: datetime,
) -> Told:
    owners = await inbounds.owners(connection, OWNERS_MAX)
    by_action = {message.of_owner(row["id"], row["name"]).code: row for row in owners}
    if given.action == message.BLIND.code and len(owners) > 1:
        return {"blind": True}, message.right()
    owner = owners[0] if given.action == message.BLIND.code and owners else None
    owner = by_action.get(given.action, owner)
    if owner is None:
        return staff.state, message.unknown_action(given.action)
    facts: dict[str, object] = {
        "tenant_id": owner["tenant_id"],
        "owner_id": owner["id"],
        "warehouse_id": staff.works_in,
        "supplier_id": None,
    }
    inbound_id = await enter_announced(connection, facts, NewInbound(Kind.BLIND), staff.actor, now)
    return {"inbound_id": inbound_id}, message.right()


async def _take_item(
    connection: asyncpg.Connection,
    staff: Staff,
    shipment: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Told:
    scan = parse_scan(given.raw or given.code)
    if scan.kind is ScanKind.SSCC:
        return staff.state | {"unit_code": scan.value}, message.stands_on(scan.value)
    place = await bins.place_of_code(connection, shipment["warehouse_id"], given.code)
    if place is not None and place["kind"] == "receiving":
        state: dict[str, object] = {"inbound_id": shipment["id"], "place": place["code"]}
        return state, message.stands_at(place["code"])
    item = await items.item_of_barcode(connection, shipment["owner_id"], given.code)
    if item is None:
        return staff.state, message.unknown_goods(given.code)
    lines = await inbounds.lines_of(connection, shipment["id"])
    line = next((line for line in lines if line["item_id"] == item["id"]), None)
    whole: int = 10 ** item["scale"]
    left = 0 if line is None else line["expected"] - line["received"]
    taking = Taking(
        item["sku"],
        item["name"],
        item["unit"],
        item["scale"],
        item["factor"] if item["factor"] > whole else max(left, whole),
        item["track_lot"],
        item["track_expiry"],
        item["track_serial"],
    ).labelled(goods_label(given.raw or given.code, now.date()))
    return _asked(staff.state, taking), message.right()


def _asked(state: dict[str, object], taking: Taking | None) -> dict[str, object]:
    """The session with these goods in hand; `text` lets any code be a lot or a serial."""
    kept = {name: value for name, value in state.items() if name not in ("taking", "text")}
    if taking is None:
        return kept
    return kept | {"taking": taking.state(), "text": taking.wanted in ("lot", "serial")}


async def _take_goods(
    connection: asyncpg.Connection,
    staff: Staff,
    shipment: asyncpg.Record,
    taking: Taking,
    given: Input,
    now: datetime,
) -> Told:
    if given.action == message.NOT_THIS.code:
        return _asked(staff.state, None), message.right()
    if taking.wanted == "condition":
        return await _take_condition(connection, staff, shipment, taking, given, now)
    if given.action or not given.raw.strip():
        return staff.state, message.unknown_action(given.action)
    label = goods_label(given.raw, now.date())
    said = {"lot": label.lot, "serial": label.serial}.get(taking.wanted) or given.raw
    try:
        answered = taking.answered(said, now.date())
    except ValueError:
        return staff.state, message.not_a_date(given.raw)
    return _asked(staff.state, answered), message.right()


async def _take_condition(
    connection: asyncpg.Connection,
    staff: Staff,
    shipment: asyncpg.Record,
    taking: Taking,
    given: Input,
    now: datetime,
) -> Told:
    condition = CONDITIONS.get(given.action)
    if condition is None:
        return staff.state, message.condition_missing()
    quantity = taking.proposed if given.quantity is None else given.quantity
    if quantity == 0:
        return _asked(staff.state, None), message.nothing_taken()
    line = taking.arrived(
        quantity, condition, _word(staff, "place") or None, _word(staff, "unit_code") or None
    )
    who = Who(staff.actor, staff.device, given.id)
    try:
        # What is refused is undone to here, and the session goes on.
        async with connection.transaction():
            received = await book_receipt(connection, shipment["id"], (line,), who, now)
    except WmsError as error:
        return _asked(staff.state, None), message.refused(error.code, error.detail)
    became = sorted({str(each["status"]) for each in received.lines} - {"available"})
    return _asked(staff.state, None), message.taken_in(taking.sku, became)


async def _take_end(
    connection: asyncpg.Connection,
    staff: Staff,
    shipment: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Told:
    state = {name: value for name, value in staff.state.items() if name != "closing"}
    if given.action == message.MORE_COMES.code:
        return state, message.right()
    lines = await inbounds.lines_of(connection, shipment["id"])
    missing = any(each.under for each in inbounds.differences_of(lines))
    if missing and given.action == message.FINISH.code:
        return state | {"closing": True}, message.right()
    if given.action not in (message.FINISH.code, message.CLOSE_SHORT.code):
        return staff.state, message.unknown_action(given.action or given.code)
    try:
        async with connection.transaction():
            await close_received(connection, shipment["id"], staff.actor, now)
    except WmsError as error:
        return {}, message.refused(error.code, error.detail)
    moves = await inbounds.moves_waiting(connection, label_of(shipment["id"]))
    return {}, message.shipment_closed(label_of(shipment["id"]), moves)


def _word(staff: Staff, name: str) -> str:
    value = staff.state.get(name)
    return value if isinstance(value, str) else ""
