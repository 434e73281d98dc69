"""The pack scenario.

The packer scans their packing place once, then any tote of an order that stands there complete.
For each planned parcel: take the carton shown and scan it (another that is large enough may be
taken: its waybill is made anew), scan the items into it, put the printed label on and scan that,
and put the parcel out for its departure. When the last parcel is out, the totes are empty and free.
"""

from datetime import datetime

import asyncpg

from routing.pack.rule import holds
from routing.pack.solver import FILL_MAX
from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.database.seal import PersonalText
from wms.items import queries as items
from wms.journey.floor import label, message
from wms.journey.floor.amount import amount_of, ask_of
from wms.journey.floor.screen import Fact, Input, Progress, Screen, Verdict
from wms.journey.floor.stage import stage_parcel
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import State
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.packing.carton import carton_from, pack_item, whole_units
from wms.shipping import commands as shipping
from wms.shipping import queries as shipping_rows
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff

NOTE_SHOWN = 300


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen this packer is at."""
    place_id = staff.state.get("place_id")
    if not isinstance(place_id, int):
        return Screen(
            "pack",
            "station",
            "Where do you pack?",
            "PACKING PLACE",
            lines=("Scan the label of your packing place.",),
            expect="place",
            actions=(message.LEAVE,),
        )
    order_id = staff.state.get("fulfilment_order_id")
    if not isinstance(order_id, int):
        return await _tote_screen(connection, place_id)
    parcels = await packing_rows.parcels_of_fulfilment(connection, order_id)
    parcel = _current(parcels)
    if parcel is None:
        return await _tote_screen(connection, place_id)
    place = 1 + [other["id"] for other in parcels].index(parcel["id"])
    return await _parcel_screen(connection, parcel, place, len(parcels))


async def _tote_screen(connection: asyncpg.Connection, place_id: int) -> Screen:
    place = await bin_rows.place_of_id(connection, place_id)
    ready = await packing_rows.ready_at_station(connection, place_id)
    idle = ready == 0
    return Screen(
        "pack",
        "tote",
        "Nothing to pack yet" if idle else "Scan a tote",
        place["code"],
        lines=("Totes come by themselves.",) if idle else ("Any tote that stands here.",),
        facts=(Fact("Orders ready", str(ready)),),
        expect="tote",
        actions=(message.REFRESH, message.LEAVE),
        idle=idle,
    )


async def _current_parcel(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> asyncpg.Record | None:
    return _current(await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id))


def _current(parcels: list[asyncpg.Record]) -> asyncpg.Record | None:
    waiting = (parcel for parcel in parcels if parcel["state"] in ("planned", "open", "closed"))
    return next(waiting, None)


async def _parcel_screen(
    connection: asyncpg.Connection, parcel: asyncpg.Record, place: int, parcels: int
) -> Screen:
    """`place` is which of the order's parcels it is: numbers go on where some were voided."""
    of = (Fact("Parcel", f"{place} of {parcels}"),)
    contents = await packing_rows.contents_of_parcel(connection, parcel["id"])
    progress = Progress(_pieces(contents, "packed"), _pieces(contents, "quantity"))
    if parcel["state"] == "planned":
        return Screen(
            "pack",
            "carton",
            "Take this carton",
            parcel["planned_carton_code"],
            lines=(f"Parcel {place} of {parcels}",),
            facts=(Fact("Pieces", str(progress.total)),),
            expect="carton",
            progress=progress,
        )
    if parcel["state"] == "open":
        missing = [x for x in contents if x["packed"] < x["quantity"]]
        order_id, words = await _words(connection, parcel["fulfilment_order_id"])
        return Screen(
            "pack",
            "item",
            "Scan an item into the carton",
            parcel["carton_code"],
            lines=words,
            facts=of + tuple(Fact(_printed(x), _said(x)) for x in missing),
            expect="item",
            ask=ask_of(_missing(missing[0]), missing[0]["unit"], missing[0]["scale"]),
            progress=progress,
            order_id=order_id,
        )
    return await label.show(connection, parcel, of, progress)


async def _words(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> tuple[int | None, tuple[str, ...]]:
    """What the buyer wrote for the card and for the packer, and in which order, if they did."""
    cards = await order_rows.gift_words(connection, fulfilment_order_id)
    note = await order_rows.buyer_note(connection, fulfilment_order_id)
    said = [f"Gift card: {text}" for text in cards]
    said += [f"The buyer wrote: {_short(note)}"] if note else []
    if not said:
        return None, ()
    order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
    return order["order_id"], tuple(PersonalText(line) for line in said)


def _short(note: str) -> str:
    """As much of a long note as leaves room for the work; the order's page has all of it."""
    return note if len(note) <= NOTE_SHOWN else f"{note[:NOTE_SHOWN]}…"


def _pieces(contents: list[asyncpg.Record], name: str) -> int:
    """How many whole units that is; a length of ribbon counts by its started metres."""
    return sum(whole_units(content[name], content["scale"]) for content in contents)


def _missing(content: asyncpg.Record) -> int:
    left: int = content["quantity"] - content["packed"]
    return left


def _said(content: asyncpg.Record) -> str:
    if content["scale"]:
        left = amount_of(_missing(content), content["unit"], content["scale"])
        return f"{left} of {content['name']}"
    return f"{_missing(content)} × {content['name']}"


def _printed(content: asyncpg.Record) -> str:
    """What stands under an item's bar code: a GTIN-13 has one digit less than it is kept with."""
    barcode: str = content["barcode"] or content["sku"]
    return barcode[1:] if len(barcode) == 14 and barcode.startswith("0") else barcode


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan at this step leads to."""
    if given.action == message.REFRESH.code:
        return await show(connection, staff, now)
    if given.action:
        said = await _press(connection, staff, given, now)
        return (await show(connection, staff, now)).said(said)
    place_id = staff.state.get("place_id")
    if not isinstance(place_id, int):
        verdict, state = await _take_station(connection, staff, given)
    else:
        order_id = staff.state.get("fulfilment_order_id")
        parcel, stopped = None, False
        if isinstance(order_id, int):
            # Locked, so that nobody stops the order while its goods go into a parcel.
            order = await orders.fulfilment_for_update(connection, order_id)
            stopped = order is not None and order["state"] == State.CANCELLED
            parcel = await _current_parcel(connection, order_id)
        if stopped:
            verdict, state = message.order_stopped(), {"place_id": place_id}
        elif parcel is None:
            verdict, state = await _take_tote(connection, staff, place_id, given, now)
        else:
            assert isinstance(order_id, int)
            verdict = await _take_for_parcel(
                connection, staff, order_id, parcel, place_id, given, now
            )
            state = staff.state
            # Only one that was closed is out now, and may have been the last.
            out = verdict.ok and parcel["state"] == "closed"
            if out and await _current_parcel(connection, order_id) is None:
                await _finish_order(connection, order_id)
                state = {"place_id": place_id}
    if state != staff.state:
        await tenants.save_session(connection, staff.session_id, "pack", state)
        staff = staff.at("pack", state)
    return (await show(connection, staff, now)).said(verdict)


async def _press(
    connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime
) -> Verdict:
    order_id, place_id = staff.state.get("fulfilment_order_id"), staff.state.get("place_id")
    parcel = await _current_parcel(connection, order_id) if isinstance(order_id, int) else None
    if parcel is None or parcel["state"] != "closed" or not isinstance(place_id, int):
        return message.unknown_action(given.action)
    printer = await _printer_at(connection, place_id)
    return await label.act(connection, staff, parcel, given.action, printer, now)


async def _take_station(
    connection: asyncpg.Connection, staff: Staff, given: Input
) -> tuple[Verdict, dict[str, object]]:
    place = await bin_rows.place_of_code(connection, staff.works_in, given.code)
    if place is None or place["kind"] != "packing":
        return message.unknown_place(given.code, "a packing place"), {}
    return message.right(), {"place_id": place["id"]}


async def _take_tote(
    connection: asyncpg.Connection, staff: Staff, place_id: int, given: Input, now: datetime
) -> tuple[Verdict, dict[str, object]]:
    row = await packing_rows.order_at_station(connection, given.code, place_id)
    stay: dict[str, object] = {"place_id": place_id}
    if row is None:
        return message.no_tote_label(given.code), stay
    if not row["here"] or row["fulfilment_order_id"] is None:
        return message.not_for_this_station(given.code), stay
    await packing.lock_order(connection, row["fulfilment_order_id"])
    if row["state"] != "sorted":
        return message.not_complete(given.code), stay
    if await packing_rows.packed_elsewhere(
        connection, row["fulfilment_order_id"], staff.session_id, now
    ):
        return message.packed_elsewhere(), stay
    return message.right(), stay | {"fulfilment_order_id": row["fulfilment_order_id"]}


async def _take_for_parcel(
    connection: asyncpg.Connection,
    staff: Staff,
    fulfilment_order_id: int,
    parcel: asyncpg.Record,
    place_id: int,
    given: Input,
    now: datetime,
) -> Verdict:
    if parcel["state"] == "planned":
        return await _take_carton(connection, fulfilment_order_id, parcel, place_id, given, now)
    if parcel["state"] == "open":
        return await _take_item(
            connection, staff, fulfilment_order_id, parcel, place_id, given, now
        )
    await label.see(connection, staff, parcel, given.code, now)
    return await stage_parcel(connection, staff, fulfilment_order_id, parcel, given, now)


async def _take_carton(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    parcel: asyncpg.Record,
    place_id: int,
    given: Input,
    now: datetime,
) -> Verdict:
    order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
    cartons = await packing_rows.cartons_of(connection, order["warehouse_id"])
    chosen = next((carton for carton in cartons if carton["code"] == given.code), None)
    if chosen is None:
        return message.unknown_carton(given.code)
    contents = await packing_rows.contents_of_parcel(connection, parcel["id"])
    verdict = message.right()
    mass_g = parcel["mass_g"]
    if chosen["code"] != parcel["planned_carton_code"]:
        boxes = [pack_item(x["fulfilment_line_id"], x["quantity"], x) for x in contents]
        goods = [(box, box.quantity) for box in boxes]
        if not holds(carton_from(chosen), goods, FILL_MAX):
            return message.carton_too_small(given.code)
        mass_g = chosen["tare_g"] + sum(box.quantity * box.mass_g for box in boxes)
        await shipping.void_waybill(connection, parcel["id"], f"packed into {given.code}")
        await shipping.make_waybills(connection, order, [(parcel["id"], mass_g)], now)
        verdict = message.new_waybill(given.code)
    unit_id = await bins.enter_unit(
        connection,
        order["warehouse_id"],
        f"P-{parcel['id']}",
        "parcel",
        place_id,
        fulfilment_order_id,
    )
    await packing.open_parcel(connection, parcel["id"], given.code, mass_g, unit_id)
    return verdict


async def _take_item(
    connection: asyncpg.Connection,
    staff: Staff,
    fulfilment_order_id: int,
    parcel: asyncpg.Record,
    place_id: int,
    given: Input,
    now: datetime,
) -> Verdict:
    contents = await packing_rows.contents_of_parcel(connection, parcel["id"])
    missing = [x for x in contents if x["packed"] < x["quantity"]]
    item = await items.barcode_names(connection, missing[0]["item_id"], given.code)
    wanted = [x for x in missing if item is not None and x["item_id"] == item["id"]]
    if not wanted:
        return message.not_in_parcel()
    most = sum(x["quantity"] - x["packed"] for x in wanted)
    quantity = most if given.quantity is None else given.quantity
    if not 1 <= quantity <= most:
        return message.wrong_quantity(amount_of(most, wanted[0]["unit"], wanted[0]["scale"]))
    lines: list[Line] = []
    totes = [
        [row, row["on_hand"]]
        for row in await packing_rows.tote_contents_of(
            connection, fulfilment_order_id, wanted[0]["item_id"]
        )
    ]
    left = quantity
    for content in wanted:
        share = min(left, content["quantity"] - content["packed"])
        if share == 0:
            break
        left -= share
        await packing.add_packed(connection, parcel["id"], content["fulfilment_line_id"], share)
        await orders.add_packed(connection, content["fulfilment_line_id"], share)
        lines += _from_totes(totes, share, place_id, parcel["handling_unit_id"])
    await stock.post(
        connection,
        parcel["tenant_id"],
        "pack",
        lines,
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    if sum(x["quantity"] - x["packed"] for x in missing) == quantity:
        await _close_parcel(connection, staff, parcel, place_id, now)
    return message.right()


def _from_totes(
    totes: list[list[object]], quantity: int, place_id: int, unit_id: int
) -> list[Line]:
    """Lines that take a quantity out of an order's totes, one tote after the other."""
    lines: list[Line] = []
    for entry in totes:
        row, left = entry
        assert isinstance(row, asyncpg.Record) and isinstance(left, int)
        taken = min(left, quantity)
        if taken == 0:
            continue
        entry[1] = left - taken
        quantity -= taken
        lines.append(
            Line(
                goods_from(row),
                taken,
                row["place_id"],
                place_id,
                row["handling_unit_id"],
                unit_id,
            )
        )
    return lines


async def _close_parcel(
    connection: asyncpg.Connection,
    staff: Staff,
    parcel: asyncpg.Record,
    place_id: int,
    now: datetime,
) -> None:
    """The last item is in: the parcel is closed and its label goes to the printer."""
    await packing.set_parcel_state(connection, parcel["id"], "closed", now)
    printer = await _printer_at(connection, place_id)
    await label.ask(connection, staff, parcel, printer, now)


async def _printer_at(connection: asyncpg.Connection, place_id: int) -> str:
    """The printer that stands at a packing place; nothing where there is none."""
    return await shipping_rows.printer_of_place(connection, place_id) or ""


async def _finish_order(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    totes = await bin_rows.units_of_order(connection, fulfilment_order_id, "tote")
    await bins.free_units(connection, [tote["id"] for tote in totes])
