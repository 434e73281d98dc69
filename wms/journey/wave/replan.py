"""Walks that nobody has begun are planned anew, together with orders that cannot wait.

It is time for it when an order's cut-off has come near, when a short pick has left an order that
lacks something, or when short picks have added much to walks that nobody is at; then only those are
planned anew. What a picker has claimed or begun stays as it is, and so does every cart that shares
an order with such a one: an order is taken back whole or not at all.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.bins import commands as bin_commands
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict
from wms.journey.request import StaffRequest
from wms.journey.wave.wave import act_once, ask_for_wave, wave_of_id
from wms.orders import commands as orders
from wms.orders.fulfilment import Event, State
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.picking.release import Rule, Waiting, grown, takeable, urgent
from wms.picking.wave import Mode
from wms.sorting import commands as sorting

ORDERS_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An order that was taken back, and how its wave was walked."""

    fulfilment_order_id: int
    mode: Mode


@again_on_deadlock
async def replan_wave(
    pool: asyncpg.Pool,
    wave_id: int,
    actor: str,
    rule: Rule,
    seed: int,
    now: datetime,
    request: StaffRequest | None = None,
) -> int:
    """Plans those walks of a wave anew that nobody has begun; the number of the new wave.

    Orders of its warehouse that cannot wait join them. The new wave is released as the old one
    was. With a request, once for its key.

    Raises:
        NotFound: `unknown_wave`.
        Conflict: `wrong_state`, or `wave_begun` where no walk of it can be taken back.
    """
    async with staff_transaction(pool) as connection:

        async def replan() -> int:
            wave = await wave_of_id(connection, wave_id)
            if wave["state"] not in ("planned", "released"):
                raise Conflict(
                    "wrong_state", f"A wave that is {wave['state']} cannot be planned anew."
                )
            warehouse = await bins.warehouse_of_id(connection, wave["warehouse_id"])
            waiting = await waiting_in(connection, warehouse["id"], now)
            join = _who_cannot_wait(waiting, rule, warehouse["time_zone"], now)
            reason = f"wave {wave_id} is planned anew"
            taken = await _take_back(connection, warehouse["id"], wave_id, None, reason, actor, now)
            if not taken:
                raise Conflict("wave_begun", "Every walk of this wave has been begun.")
            released = wave["state"] == "released" or wave["release_when_planned"]
            [again] = await _ask_again(
                connection, warehouse["id"], taken, join, reason, actor, released, seed, now
            )
            return again

        return await act_once(connection, request, replan)


async def waiting_in(
    connection: asyncpg.Connection, warehouse_id: int, now: datetime, limit: int = ORDERS_LOOKED_AT
) -> list[Waiting]:
    """The orders of a warehouse that a wave may be asked for now, by rank."""
    return [
        Waiting(row["id"], row["since"], row["cut_off"], row["state"] == State.PICKING)
        for row in await picking_rows.waiting_for_release(connection, warehouse_id, now, limit)
    ]


async def replan_due(
    connection: asyncpg.Connection,
    warehouse: asyncpg.Record,
    waiting: Collection[Waiting],
    rule: Rule,
    actor: str,
    seed: int,
    now: datetime,
) -> list[int]:
    """Plans a warehouse's walks anew where it is time; the new waves, one for each mode of theirs.

    An order that the last time brought onto no walk is no reason for another time.
    """
    last = await picking_rows.last_replan(connection, warehouse["id"])
    if last is not None and now - last["created_at"] < rule.replan_every:
        return []
    join = _who_cannot_wait(waiting, rule, warehouse["time_zone"], now)
    tried = set(last["orders_asked"] or ()) if last is not None else set()
    reason = _reason([order for order in join if order not in tried])
    carts = await _worth_it(connection, warehouse["id"], bool(reason), now)
    if not carts:
        return []
    reason = reason or "short picks made walks longer that nobody has begun"
    taken = await _take_back(connection, warehouse["id"], None, carts, reason, actor, now)
    if not taken:
        return []
    return await _ask_again(
        connection, warehouse["id"], taken, join, reason, actor, True, seed, now
    )


def _who_cannot_wait(
    waiting: Collection[Waiting], rule: Rule, zone: str, now: datetime
) -> list[int]:
    """The orders whose cut-off is near, then those that lack what a walk did not find."""
    near = urgent(waiting, rule, zone, now)
    begun = [order.fulfilment_order_id for order in waiting if order.begun]
    return list(dict.fromkeys([*near, *begun]))


def _reason(join: list[int]) -> str:
    if not join:
        return ""
    named = ", ".join(str(order) for order in join[:3])
    more = f" and {len(join) - 3} more" if len(join) > 3 else ""
    return f"fulfilment order {named}{more} cannot wait"


async def _worth_it(
    connection: asyncpg.Connection, warehouse_id: int, wanted: bool, now: datetime
) -> set[int]:
    """The carts that can be taken back and should be; looked at without a lock.

    Where orders want to join, these are all; otherwise those that have grown.
    """
    idle = await picking_rows.idle_carts(connection, warehouse_id, now)
    if not (wanted or any(cart["added"] for cart in idle)):
        return set()
    slots = await picking_rows.slots_standing(connection, sorted({c["wave_id"] for c in idle}))
    carts, _ = takeable([cart["id"] for cart in idle], _lie(slots))
    if wanted:
        return carts
    picks_of = {c["id"]: (c["picks"], c["added"]) for c in idle if c["id"] in carts}
    return grown(picks_of, _lie(slots))


def _lie(slots: Iterable[asyncpg.Record]) -> list[tuple[int, int]]:
    return [(slot["batch_id"], slot["fulfilment_order_id"]) for slot in slots]


async def _take_back(
    connection: asyncpg.Connection,
    warehouse_id: int,
    wave_id: int | None,
    only: Collection[int] | None,
    reason: str,
    actor: str,
    now: datetime,
) -> list[TakenBack]:
    """Takes back what nobody has begun: reservations return exactly, its orders wait again.

    Where carts are named in `only`, others stay.
    A cart that a picker is claiming at this moment is his: its row is passed over.
    """
    waves = await picking.released_waves(connection, warehouse_id, wave_id)
    wave_ids = [wave["id"] for wave in waves]
    free = await picking.free_carts(connection, wave_ids, now)
    if only is not None:
        free = [cart for cart in free if cart in only]
    slots = await picking_rows.slots_standing(connection, wave_ids)
    carts, order_ids = takeable(free, _lie(slots))
    if not carts:
        return []
    await orders.lock_fulfilments(connection, sorted(order_ids))
    totes = await picking.void_carts(connection, sorted(carts))
    await bin_commands.free_units(connection, totes)
    await sorting.forget_routes(connection, totes)
    mode_of = {wave["id"]: Mode(wave["mode"]) for wave in waves}
    taken: list[TakenBack] = []
    for one in sorted({slot["wave_id"] for slot in slots if slot["batch_id"] in carts}):
        for row in await picking_rows.orders_of_wave(connection, one):
            if row["fulfilment_order_id"] not in order_ids:
                continue
            taken.append(TakenBack(row["fulfilment_order_id"], mode_of[one]))
            # One that is walked for a second time is being picked, and open again no more.
            if row["state"] == State.RELEASED:
                facts: dict[str, object] = {"wave_id": one, "reason": reason}
                await orders.apply_fulfilment_event(
                    connection, row["fulfilment_order_id"], Event.UNRELEASE, actor, now, facts
                )
        await picking.shrink_wave(connection, one, sorted(carts), now)
        await picking.finish_wave(connection, one, now)
    await picking.leave_wave(connection, sorted(order_ids))
    return taken


async def _ask_again(
    connection: asyncpg.Connection,
    warehouse_id: int,
    taken: list[TakenBack],
    join: list[int],
    reason: str,
    actor: str,
    released: bool,
    seed: int,
    now: datetime,
) -> list[int]:
    """Asks for a wave of each mode; who joins goes with the mode that most orders have."""
    by_mode = Counter(order.mode for order in taken).most_common()
    waves: list[int] = []
    for mode, _ in by_mode:
        only = [order.fulfilment_order_id for order in taken if order.mode is mode]
        if not waves:
            only = list(dict.fromkeys([*join, *only]))
        waves.append(
            await ask_for_wave(
                connection,
                warehouse_id,
                actor,
                only,
                mode,
                release_when_planned=released,
                seed=seed,
                now=now,
                reason=reason,
                replans=True,
            )
        )
    return waves
