"""The load scenario.

The loader scans the place that a departure leaves from, then the label of every parcel that goes
into a van, and closes the departure: what was loaded is handed over, the rest goes with the next.
A parcel whose order was stopped or held meanwhile has to be taken out, and scanned, before that.
Where own vans have their routes, the screen says which parcel goes into which van next, the last
stop's first.
"""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.journey.floor import message
from wms.journey.floor.screen import Fact, Input, Progress, Screen, Verdict
from wms.journey.wave.departure import close_departure
from wms.picking import commands as picking
from wms.shipping import commands as shipping
from wms.shipping import queries as shipping_rows
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff

VANS_SHOWN = 4


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen this loader is at."""
    place_id = staff.state.get("place_id")
    if not isinstance(place_id, int):
        return Screen(
            "load",
            "departure",
            "Which departure?",
            "DEPARTURE",
            lines=("Scan the label of the place it leaves from.",),
            expect="place",
            actions=(message.LEAVE,),
        )
    place = await bins.place_of_id(connection, place_id)
    departure = await shipping_rows.departure_at(connection, place_id)
    staged = departure["staged"] if departure else 0
    loaded = departure["loaded"] if departure else 0
    idle = staged == loaded
    wanted = await shipping_rows.next_into_vans(connection, departure["id"]) if departure else []
    stopped = await shipping_rows.stopped_parcels(connection, departure["id"]) if departure else []
    return Screen(
        "load",
        "parcel",
        "No parcel waits here" if idle else "Scan a parcel into the van",
        place["code"],
        lines=(
            *(f"Take out {tracking_number}" for tracking_number in stopped),
            *(message.next_into(one["van"], one["tracking_number"]) for one in wanted[:VANS_SHOWN]),
        ),
        facts=(Fact("Waiting", str(staged - loaded)), Fact("Loaded", str(loaded))),
        expect="label",
        actions=(message.CLOSE, message.REFRESH, message.LEAVE),
        progress=Progress(loaded, staged),
        idle=idle,
    )


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan or an action at this step leads to."""
    if given.action == message.REFRESH.code:
        return await show(connection, staff, now)
    place_id = staff.state.get("place_id")
    if not isinstance(place_id, int):
        place = await bins.place_of_code(connection, staff.works_in, given.code)
        if place is None or place["kind"] != "departure":
            verdict = message.unknown_place(given.code or given.action, "a departure")
            return (await show(connection, staff, now)).said(verdict)
        state: dict[str, object] = {"place_id": place["id"]}
        await tenants.save_session(connection, staff.session_id, "load", state)
        return (await show(connection, staff.at("load", state), now)).said(message.right())
    if given.action == message.CLOSE.code:
        verdict = await _close(connection, staff, place_id, given, now)
    elif given.action:
        verdict = message.unknown_action(given.action)
    else:
        verdict = await _load(connection, place_id, given, now)
    return (await show(connection, staff, now)).said(verdict)


async def _load(
    connection: asyncpg.Connection, place_id: int, given: Input, now: datetime
) -> Verdict:
    # Held first and read after: one that is closing, or getting another label, is waited for.
    await shipping.hold_departure(connection, place_id)
    parcel = await shipping_rows.parcel_of_sscc(connection, given.code)
    if parcel is None:
        return message.unknown_label()
    if parcel["waybill_state"] == "void" and not _is_stopped(parcel, place_id):
        return message.void_label()
    if _is_stopped(parcel, place_id):
        stays = parcel["parcel_state"] != "void"
        await shipping.unload_parcel(connection, parcel["parcel_id"], stays=stays)
        return message.taken_out()
    if parcel["place_id"] != place_id or parcel["departure_state"] != "open":
        return message.not_at_this_dock()
    if parcel["loaded_at"] is not None:
        return message.loaded_before()
    if parcel["held_by"] is not None:
        return message.held_parcel(parcel["held_by"])
    await shipping.load_parcel(connection, parcel["parcel_id"], now)
    van = await shipping_rows.van_of_parcel(connection, parcel["parcel_id"])
    if van is None:
        return message.right()
    return message.into_van(van["van"], van["loading"], van["stops"])


def _is_stopped(parcel: asyncpg.Record, place_id: int) -> bool:
    """Whether a parcel in a van here may not leave: its order was stopped, or is held."""
    return (
        parcel["loaded_at"] is not None
        and parcel["place_id"] == place_id
        and parcel["departure_state"] == "open"
        and (parcel["parcel_state"] == "void" or parcel["held_by"] is not None)
    )


async def _close(
    connection: asyncpg.Connection, staff: Staff, place_id: int, given: Input, now: datetime
) -> Verdict:
    # Locked first and read after: a parcel that is being put out just now is waited for. Whoever
    # stops an order, or puts its parcel out, has it locked before its departure.
    await picking.lock_loaded(connection, place_id)
    await shipping.lock_departure(connection, place_id)
    departure = await shipping_rows.departure_at(connection, place_id)
    if departure is None or departure["loaded"] == 0:
        return message.nothing_loaded()
    stopped = await shipping_rows.stopped_parcels(connection, departure["id"])
    if stopped:
        return message.take_out(stopped[0])
    # Goods come before what may be sold of them, of which promises are kept.
    await picking.lock_loaded_goods(connection, place_id)
    await close_departure(connection, departure, staff, given.id, now)
    return message.right(f"{departure['loaded']} parcels handed over.")
