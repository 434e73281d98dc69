"""Release a wave: it is asked for, planned elsewhere, reserved and released, or taken back."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg

from wms.bins import commands as bin_commands
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound
from wms.journey.request import StaffRequest, once
from wms.journey.wave.walk_end import end_idle_walks
from wms.orders import commands as orders
from wms.orders.fulfilment import Event, State
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.picking.wave import Mode
from wms.sorting import commands as sorting
from wms.stock import commands as stock


async def request_wave(
    pool: asyncpg.Pool,
    asked_by: str,
    only: list[int] | None,
    *,
    release_when_planned: bool,
    seed: int,
    now: datetime,
    mode: Mode = Mode.CLUSTER,
    warehouse: str | None = None,
    request: StaffRequest | None = None,
) -> int:
    """Asks for a wave of these fulfilment orders, or of all that wait in a warehouse; its number.

    With a request, once for its key.

    Raises:
        NotFound: `unknown_warehouse`.
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    async with staff_transaction(pool) as connection:

        async def ask() -> int:
            row = await bins.the_warehouse(connection, warehouse)
            return await ask_for_wave(
                connection,
                row["id"],
                asked_by,
                only,
                mode,
                release_when_planned=release_when_planned,
                seed=seed,
                now=now,
            )

        return await act_once(connection, request, ask)


async def act_once(
    connection: asyncpg.Connection,
    request: StaffRequest | None,
    act: Callable[[], Awaitable[int]],
) -> int:
    """The number of the wave that `act` is about; under a key it acts once."""
    if request is None:
        return await act()

    async def answer() -> Answer:
        return Answer(200, {"wave_id": await act()})

    wave_id = (await once(connection, request, answer)).body["wave_id"]
    assert isinstance(wave_id, int)
    return wave_id


async def ask_for_wave(
    connection: asyncpg.Connection,
    warehouse_id: int,
    asked_by: str,
    only: list[int] | None,
    mode: Mode,
    *,
    release_when_planned: bool,
    seed: int,
    now: datetime,
    reason: str = "",
    replans: bool = False,
) -> int:
    """Asks for a wave inside the caller's transaction; its number."""
    wave_id = await picking.request_wave(
        connection,
        warehouse_id,
        asked_by,
        only,
        mode,
        seed,
        release_when_planned,
        now,
        reason,
        replans,
    )
    await outbox.enqueue(connection, "wave", f"wave/{wave_id}", {"wave_id": wave_id}, now)
    return wave_id


@again_on_deadlock
async def release_wave(
    pool: asyncpg.Pool,
    wave_id: int,
    actor: str,
    now: datetime,
    request: StaffRequest | None = None,
) -> None:
    """Reserves the bins of a planned wave and hands its carts to the pickers.

    With a request, once for its key.

    Raises:
        NotFound: `unknown_wave`.
        Conflict: `wrong_state`, or `plan_stale` where a bin no longer holds what the plan wants.
    """
    async with staff_transaction(pool) as connection:

        async def release() -> int:
            wave = await wave_of_id(connection, wave_id)
            if wave["state"] != "planned":
                raise Conflict("wrong_state", f"A wave that is {wave['state']} cannot be released.")
            await release_planned(connection, wave_id, wave["warehouse_id"], actor, now)
            return wave_id

        await act_once(connection, request, release)


async def release_planned(
    connection: asyncpg.Connection, wave_id: int, warehouse_id: int, actor: str, now: datetime
) -> None:
    """Reserves and releases inside the caller's transaction.

    Raises:
        Conflict: `plan_stale`.
    """
    short = await stock.reserve_wave(connection, wave_id)
    if short:
        raise Conflict(
            "plan_stale",
            f"{len(short)} bin(s) no longer hold what the plan wants: balance "
            f"{short[0]['balance_id']} has {short[0]['free']} free, {short[0]['wanted']} wanted.",
        )
    await _assign_packing_places(connection, wave_id, warehouse_id)
    for row in await picking_rows.orders_of_wave(connection, wave_id):
        # One that is walked for a second time is being picked already.
        if row["state"] == State.OPEN:
            await orders.apply_fulfilment_event(
                connection,
                row["fulfilment_order_id"],
                Event.RELEASE,
                actor,
                now,
                {"wave_id": wave_id},
            )
    await picking.set_wave_state(connection, wave_id, "released", now)
    await end_idle_walks(connection, warehouse_id, actor, now)


async def _assign_packing_places(
    connection: asyncpg.Connection, wave_id: int, warehouse_id: int
) -> None:
    """Gives each order the packing place with the fewest totes before it, the largest first."""
    places = await bins.places_of_kind(connection, warehouse_id, "packing")
    if not places:
        raise NotFound("unknown_place", "The warehouse has no packing place.")
    load = {place["id"]: 0 for place in places}
    for row in await picking_rows.busy_packing_places(connection):
        if row["place_id"] in load:
            load[row["place_id"]] += row["totes"]
    order_ids: list[int] = []
    place_ids: list[int] = []
    for row in await picking_rows.totes_of_orders(connection, wave_id):
        place_id = min(load, key=lambda place: (load[place], place))
        load[place_id] += row["totes"]
        order_ids.append(row["fulfilment_order_id"])
        place_ids.append(place_id)
    await orders.set_packing_places(connection, order_ids, place_ids)


@again_on_deadlock
async def unrelease_wave(
    pool: asyncpg.Pool,
    wave_id: int,
    actor: str,
    now: datetime,
    request: StaffRequest | None = None,
) -> None:
    """Takes back a wave that nobody has begun: reservations return exactly, orders wait again.

    With a request, once for its key.

    Raises:
        NotFound: `unknown_wave`.
        Conflict: `wave_begun`, or `wrong_state`.
    """
    async with staff_transaction(pool) as connection:

        async def take_back() -> int:
            await _unrelease(connection, wave_id, actor, now)
            return wave_id

        await act_once(connection, request, take_back)


async def _unrelease(
    connection: asyncpg.Connection, wave_id: int, actor: str, now: datetime
) -> None:
    wave = await wave_of_id(connection, wave_id)
    if wave["state"] not in ("planned", "released"):
        raise Conflict("wrong_state", f"A wave that is {wave['state']} cannot be taken back.")
    if await picking_rows.begun(connection, wave_id, now):
        raise Conflict("wave_begun", "A picker has begun this wave.")
    if wave["state"] == "released":
        await stock.unreserve_wave(connection, wave_id)
        for row in await picking_rows.orders_of_wave(connection, wave_id):
            if row["state"] != State.RELEASED:
                continue
            await orders.apply_fulfilment_event(
                connection,
                row["fulfilment_order_id"],
                Event.UNRELEASE,
                actor,
                now,
                {"wave_id": wave_id},
            )
    totes = await picking.void_wave(connection, wave_id)
    await bin_commands.free_units(connection, totes)
    await sorting.forget_routes(connection, totes)
    await picking.set_wave_state(connection, wave_id, "unreleased", now)


async def wave_of_id(connection: asyncpg.Connection, wave_id: int) -> asyncpg.Record:
    """A wave, locked.

    Raises:
        NotFound: `unknown_wave`.
    """
    wave = await picking.wave_for_update(connection, wave_id)
    if wave is None:
        raise NotFound("unknown_wave", f"There is no wave {wave_id}.")
    return wave
