"""What changes stock: postings, and the reservations of bins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.error import Conflict
from wms.stock import movement_store, store
from wms.stock.ledger import Goods, Line
from wms.stock.want import Want

# What the database's own guards are called where a posting runs into them.
REFUSALS = {
    "goods_not_expired": ("expired", "The goods have expired."),
    "balance_serial_is_one": ("serial_elsewhere", "A serial number is of one piece."),
    "balance_serial_once": ("serial_elsewhere", "The piece of that serial number is elsewhere."),
    "reversal_pkey": ("reversed_before", "The movement was undone before."),
}
_GUARDS = (asyncpg.CheckViolationError, asyncpg.UniqueViolationError)


@dataclass(frozen=True, slots=True)
class Move:
    """A handling unit that goes to a place, by the command of that number."""

    unit_id: int
    to_place_id: int
    command_id: str


async def post(
    connection: asyncpg.Connection,
    tenant_id: int,
    kind: str,
    lines: list[Line],
    *,
    command_id: str,
    actor: str,
    device: str = "",
    reason: str = "",
    now: datetime,
    reverses: int | None = None,
) -> int:
    """Posts one movement with the balances and the availability it changes; answers its number.

    Raises:
        Conflict: the database refused and nothing was changed: `not_enough_stock`, a source does
            not hold what is taken, or a promise stands on it; `expired`, the goods are no longer
            picked or packed; `serial_elsewhere`, that very piece is in the house already;
            `reversed_before`.
    """
    assert lines, "a movement has lines"
    try:
        return await store.post(
            connection,
            tenant_id,
            kind,
            reason,
            command_id,
            actor,
            device,
            now,
            [line.row() for line in lines],
            reverses,
        )
    except _GUARDS as error:
        raise _refusal(kind, error) from error


def _refusal(
    kind: str, error: asyncpg.CheckViolationError | asyncpg.UniqueViolationError
) -> Exception:
    """What a guard that a posting ran into says; an unknown one speaks for itself."""
    if error.constraint_name in REFUSALS:
        return Conflict(*REFUSALS[error.constraint_name])
    if isinstance(error, asyncpg.UniqueViolationError):
        return error
    return Conflict("not_enough_stock", f"{kind}: {error.constraint_name}")


async def reserve_one(
    connection: asyncpg.Connection,
    tenant_id: int,
    balance_id: int,
    fulfilment_line_id: int,
    quantity: int,
) -> int:
    """Reserves a quantity of one balance for a line of an order; the reservation's number.

    Raises:
        Conflict: `not_enough_stock`, less of it is free.
    """
    try:
        return await store.reserve_one(
            connection, tenant_id, balance_id, fulfilment_line_id, quantity
        )
    except asyncpg.CheckViolationError as error:
        raise Conflict("not_enough_stock", "Less of it is free to be reserved.") from error


async def move_units(
    connection: asyncpg.Connection,
    unit_ids: list[int],
    to_place_id: int,
    *,
    kind: str,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
) -> None:
    """Moves handling units with all they hold to one place, as `move_each` does each move."""
    moves = [Move(unit_id, to_place_id, command_id) for unit_id in unit_ids]
    await move_each(connection, moves, kind=kind, actor=actor, device=device, now=now)


async def move_each(
    connection: asyncpg.Connection,
    moves: Sequence[Move],
    *,
    kind: str,
    actor: str,
    device: str,
    now: datetime,
) -> None:
    """Moves handling units with all they hold, in one movement for each command and tenant.

    Units that stand in them move with them. No unit is in two of the moves.

    Raises:
        Conflict: as `post`.
    """
    if not moves:
        return
    rows = [(move.unit_id, move.to_place_id, move.command_id) for move in moves]
    try:
        moved = await store.post_moves(connection, kind, actor, device, now, rows)
    except _GUARDS as error:
        raise _refusal(kind, error) from error
    await bins.place_units(connection, {row["unit"]: row["place"] for row in moved})


def goods_from(row: asyncpg.Record) -> Goods:
    """What a balance's row is kept of."""
    return Goods(
        row["owner_id"],
        row["item_id"],
        row["lot"],
        row["serial"],
        row["status"],
        row["expires_on"],
    )


async def reserve_lines(
    connection: asyncpg.Connection,
    warehouse_id: int,
    wants: Sequence[Want],
    now: datetime,
    *,
    whole: bool = False,
) -> list[asyncpg.Record]:
    """Reserves bins for many lines at once, first expired first, in the order given.

    Answers rows of fulfilment_line_id, reservation_id, balance_id, place_id and quantity; what a
    line does not find is missing there. With `whole` a line that falls short gets nothing.
    """
    return await store.reserve_lines(
        connection,
        warehouse_id,
        [want.fulfilment_line_id for want in wants],
        [want.item_id for want in wants],
        [want.quantity for want in wants],
        [want.days_left_min for want in wants],
        now,
        whole,
    )


MONTHS_AHEAD = 24
MONTHS_AHEAD_MIN = 12


async def extend_ledger(connection: asyncpg.Connection) -> int:
    """Makes the ledger's months for the next years where fewer lie ahead; how many there were."""
    months = await movement_store.partitions_ahead(connection)
    if months < MONTHS_AHEAD_MIN:
        await movement_store.make_partitions(connection, MONTHS_AHEAD)
    return months


balance_for_update = store.balance_for_update
lock_items = store.lock_items
next_sscc_serial = store.next_sscc_serial
drop_reservation = store.drop_reservation
shrink_reservation = store.shrink_reservation
release_reserved = store.release_reserved
reservations_youngest_first = store.reservations_youngest_first
reserve_wave = store.reserve_wave
unreserve_wave = store.unreserve_wave
