"""What the planners' screens show, as values; every function reads in the caller's transaction."""

import json
from collections import defaultdict
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import keyset_of
from wms.digital.digital import without_codes
from wms.error import NotFound
from wms.orders.buyer import mail_index, reference_index
from wms.overview import clock_store, dispatch, store
from wms.overview.alarm import alarms
from wms.overview.floor import Floor, LeftOut, Visit, Walk, WaveOnFloor, WaveRow
from wms.overview.pipeline import (
    WAIT_BOUNDS_S,
    Depth,
    Happening,
    Overview,
    Site,
    Slot,
    Stage,
    StageCount,
    Trouble,
    Waited,
    WaitingOrder,
)
from wms.overview.story import (
    OrderRow,
    OrderStory,
    StoryFulfilment,
    StoryHold,
    StoryLine,
    StoryParcel,
    StoryTask,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# From payment to a waybill that the carrier knows of.
PROMISED = timedelta(minutes=5)
SLOT_S = 15
SLOTS = 60
HAPPENINGS = 14
ROWS = 100


wave_can_be_taken_back = store.wave_can_be_taken_back
wave_can_be_planned_anew = store.wave_can_be_planned_anew
departure_rows = dispatch.departure_rows
departure = dispatch.departure
newest_with_routes = dispatch.newest_with_routes
routes_can_be_planned = dispatch.routes_can_be_planned


async def site(connection: asyncpg.Connection) -> Site | None:
    """The warehouse that the screens are about, or None before one was entered."""
    row = await store.site(connection)
    return None if row is None else Site(row["name"], row["time_zone"])


async def overview(connection: asyncpg.Connection, now: datetime) -> Overview:
    """The whole house at one glance."""
    counted = {row["stage"]: row for row in await store.stages(connection, now - DAY)}
    until = now.replace(second=now.second - now.second % SLOT_S, microsecond=0)
    until += timedelta(seconds=SLOT_S)
    since = until - timedelta(seconds=SLOT_S * SLOTS)
    pace = await store.pace(connection, now - HOUR, now - DAY)
    oldest = await store.oldest_waiting(connection)
    queues = tuple(Depth(**row) for row in await store.queues(connection))
    out = await clock_store.run_out(connection, now - PROMISED)
    trouble = _trouble(await store.trouble(connection, now - HOUR, now), out)
    waited = await clock_store.waits(connection, now - DAY, list(WAIT_BOUNDS_S))
    return Overview(
        at=now,
        stages=tuple(_stage_count(stage, counted.get(stage)) for stage in Stage),
        slots=tuple(Slot(**row) for row in await store.slots(connection, since, until, SLOT_S)),
        handed_over_hour=pace["handed_over_hour"],
        handed_over_day=pace["handed_over_day"],
        waybill_p50_ms=pace["waybill_p50_ms"],
        waybill_p99_ms=pace["waybill_p99_ms"],
        oldest=None if oldest is None else _waiting(oldest),
        queues=queues,
        trouble=trouble,
        alarms=alarms(queues, trouble, now),
        happenings=tuple(_happening(row) for row in await store.happenings(connection, HAPPENINGS)),
        waited=tuple(Waited(**row | {"within": tuple(row["within"])}) for row in map(dict, waited)),
    )


async def order_rows(
    connection: asyncpg.Connection,
    *,
    stage: str | None = None,
    text: str = "",
    before_id: int | None = None,
    limit: int = ROWS,
) -> tuple[OrderRow, ...]:
    """The newest orders, at most `limit`, of one stage, before `before_id`.

    `text` is a part of their number, or the whole mail address or customer number of their buyer:
    names and towns are sealed.
    """
    buyers = await _buyers(connection, text) if text else []
    rows = await store.order_rows(connection, stage, text, buyers, before_id, limit)
    return tuple(_order_row(row) for row in rows)


async def _buyers(connection: asyncpg.Connection, text: str) -> list[bytes]:
    keyset = keyset_of(connection)
    if "@" in text:
        return [mail_index(keyset, text)]
    shops = await store.shop_ids(connection)
    return [reference_index(keyset, shop_id, text) for shop_id in shops]


async def order_story(connection: asyncpg.Connection, order_id: int) -> OrderStory:
    """All that is known of one order.

    Raises:
        NotFound: `unknown_order`.
    """
    head = await store.order_head(connection, order_id)
    if head is None:
        raise NotFound("unknown_order", f"There is no order {order_id}.")
    return OrderStory(
        row=_order_row(head),
        stage=Stage(head["stage"]) if head["stage"] in set(Stage) else None,
        service=head["service"],
        ship_to=_address(head["ship_to"]),
        admission=head["admission"],
        placed_at=head["placed_at"],
        paid_at=head["paid_at"],
        lines=tuple(_line(row) for row in await store.order_lines(connection, order_id)),
        fulfilments=tuple(
            _fulfilment(row) for row in await store.order_fulfilments(connection, order_id)
        ),
        tasks=tuple(StoryTask(**row) for row in await store.order_tasks(connection, order_id)),
        parcels=tuple(_parcel(row) for row in await store.order_parcels(connection, order_id)),
        happenings=tuple(
            _happening(row) for row in await store.order_happenings(connection, order_id)
        ),
        holds=tuple(
            StoryHold(**row) for row in await clock_store.order_holds(connection, order_id)
        ),
        touches=await clock_store.order_touches(connection, order_id),
        note=(head["buyer_note"] or {}).get("text") or "",
    )


async def wave_rows(connection: asyncpg.Connection, limit: int = ROWS) -> tuple[WaveRow, ...]:
    """The newest waves, at most `limit`."""
    return tuple(_wave_row(row) for row in await store.wave_rows(connection, limit))


async def wave_on_floor(connection: asyncpg.Connection, wave_id: int) -> WaveOnFloor:
    """One wave with its floor and walks.

    Raises:
        NotFound: `unknown_wave`.
    """
    row = await store.wave_row(connection, wave_id)
    if row is None:
        raise NotFound("unknown_wave", f"There is no wave {wave_id}.")
    house = await store.warehouse(connection, row["warehouse_id"])
    visits: defaultdict[int, list[Visit]] = defaultdict(list)
    for visit in await store.wave_visits(connection, wave_id):
        visits[visit["batch_id"]].append(_visit(visit, house["aisle_pitch_mm"]))
    walks = await store.wave_walks(connection, wave_id)
    return WaveOnFloor(
        row=_wave_row(row),
        floor=_floor(house, await store.bins(connection, house["id"])),
        walks=tuple(_walk(walk, tuple(visits[walk["id"]])) for walk in walks),
        left_out=await _left_out(connection, json.loads(row["left_out"])),
    )


def _stage_count(stage: Stage, row: asyncpg.Record | None) -> StageCount:
    return StageCount(stage, row["orders"] if row else 0, row["oldest_at"] if row else None)


def _waiting(row: asyncpg.Record) -> WaitingOrder:
    return WaitingOrder(row["id"], row["external_order_id"], row["state"], row["firm_at"])


def _trouble(row: asyncpg.Record, out: asyncpg.Record) -> Trouble:
    return Trouble(
        labels_unsure=row["labels_unsure"],
        missorts=row["missorts"],
        holds=row["holds"],
        waves_refused=row["waves_refused"],
        leases_lost=tuple(row["leases_lost"]),
        labels_failed=row["labels_failed"],
        dead_letters=row["dead_letters"],
        bad_messages=row["bad_messages"],
        devices_away=tuple(row["devices_away"]),
        old_boots=tuple(row["old_boots"]),
        stock_below=row["stock_below"],
        full_days=row["full_days"],
        tickets_late=row["tickets_late"],
        steps_overdue=row["steps_overdue"],
        holds_overdue=out["holds_overdue"],
        promises_at_risk=out["at_risk"],
        promises_late=out["late"],
    )


def _happening(row: asyncpg.Record) -> Happening:
    return Happening(
        at=row["occurred_at"],
        type=row["type"],
        subject=row["subject"],
        actor=row["actor"],
        order_id=row["order_id"],
        external_order_id=row["external_order_id"],
        data=without_codes(row["data"]),
    )


def _order_row(row: asyncpg.Record) -> OrderRow:
    return OrderRow(
        order_id=row["id"],
        external_order_id=row["external_order_id"],
        stage=row["stage"],
        payment_state=row["payment_state"],
        customer=str((row["customer"] or {}).get("name") or ""),
        city=str(row["ship_to"].get("city") or ""),
        country=str(row["ship_to"].get("country") or ""),
        lines=row["lines"],
        units=row["units"],
        total_minor=row["total_minor"],
        currency=row["currency"],
        received_at=row["received_at"],
        handed_over_at=row["handed_over_at"],
    )


def _address(ship_to: dict[str, object]) -> tuple[str, ...]:
    lines = ship_to.get("lines")
    town = f"{ship_to.get('postal_code') or ''} {ship_to.get('city') or ''}".strip()
    parts = [ship_to.get("name"), *(lines if isinstance(lines, list) else []), town]
    return tuple(str(part) for part in [*parts, ship_to.get("country")] if part)


def _line(row: asyncpg.Record) -> StoryLine:
    return StoryLine(
        line=row["line"],
        sku=row["sku"],
        name=row["name"],
        quantity=row["quantity"],
        picked=row["picked"],
        packed=row["packed"],
        promise=row["promise"],
        promise_expires_at=row["expires_at"],
    )


def _fulfilment(row: asyncpg.Record) -> StoryFulfilment:
    return StoryFulfilment(
        fulfilment_order_id=row["id"],
        state=row["state"],
        packing_place=row["packing_place"],
        firm_at=row["firm_at"],
        waybill_ready_at=row["waybill_ready_at"],
        released_at=row["released_at"],
        picked_at=row["picked_at"],
        sorted_at=row["sorted_at"],
        packed_at=row["packed_at"],
        handed_over_at=row["handed_over_at"],
        warehouse=row["warehouse"],
        units=row["units"],
    )


def _parcel(row: asyncpg.Record) -> StoryParcel:
    return StoryParcel(
        number=row["number"],
        carton=row["carton_code"],
        planned_carton=row["planned_carton_code"],
        state=row["state"],
        mass_g=row["mass_g"],
        sscc=row["sscc"],
        tracking_number=row["tracking_number"],
        routing_code=row["routing_code"],
        waybill_state=row["waybill_state"],
        void_reason=row["void_reason"],
        ready_at=row["made_at"],
        told_at=row["told_at"],
        label_printed_at=row["label_printed_at"],
        carrier_accepted_at=row["carrier_accepted_at"],
    )


def _wave_row(row: asyncpg.Record) -> WaveRow:
    return WaveRow(
        wave_id=row["id"],
        state=row["state"],
        asked_by=row["asked_by"],
        method=row["method"],
        orders=row["orders"],
        carts=row["carts"],
        carts_done=row["carts_done"],
        tasks=row["tasks"],
        tasks_done=row["tasks_done"],
        distance_mm=row["distance_mm"],
        baseline_mm=row["baseline_mm"],
        left_out=row["left_out_count"],
        refusal=row["refusal"],
        created_at=row["created_at"],
        released_at=row["released_at"],
        bound_mm=row["bound_mm"],
        walk_s=row["walk_s"],
        solve_s=row["solve_s"],
        solve_s_max=row["solve_s_max"],
        choice=None if row["choice"] is None else json.loads(row["choice"]),
        reason=row["reason"],
    )


def _floor(house: asyncpg.Record, bins: list[asyncpg.Record]) -> Floor:
    return Floor(
        code=house["code"],
        name=house["name"],
        aisles=house["aisles"],
        aisle_length_mm=house["aisle_length_mm"],
        aisle_pitch_mm=house["aisle_pitch_mm"],
        depot_aisle=house["depot_aisle"],
        bins=tuple((row["x_mm"], row["y_mm"]) for row in bins),
        drop_aisle=house["drop_aisle"],
        drop_at_back=house["drop_at_back"],
    )


def _visit(row: asyncpg.Record, aisle_pitch_mm: int) -> Visit:
    return Visit(
        code=row["code"],
        x_mm=row["aisle"] * aisle_pitch_mm,
        y_mm=row["y_mm"],
        tasks=row["tasks"],
        done=row["done"],
        short=row["short"],
    )


def _walk(row: asyncpg.Record, visits: tuple[Visit, ...]) -> Walk:
    return Walk(
        number=row["number"],
        state=row["state"],
        picker=row["picker"],
        cart=row["cart"],
        orders=row["orders"],
        distance_mm=row["distance_mm"],
        tasks=sum(visit.tasks for visit in visits),
        tasks_done=sum(visit.done for visit in visits),
        path=tuple((int(x), int(y)) for x, y in json.loads(row["path"])),
        visits=visits,
    )


async def _left_out(
    connection: asyncpg.Connection, left_out: list[dict[str, object]]
) -> tuple[LeftOut, ...]:
    ids = [int(str(one["order"])) for one in left_out]
    rows = await store.orders_of_fulfilments(connection, ids) if ids else []
    known = {row["fulfilment_order_id"]: row for row in rows}
    return tuple(
        LeftOut(
            order_id=known[at]["order_id"] if at in known else None,
            external_order_id=known[at]["external_order_id"] if at in known else None,
            fulfilment_order_id=at,
            reason=str(one["reason"]),
        )
        for at, one in zip(ids, left_out, strict=True)
    )
