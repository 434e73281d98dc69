"""What changes stock: postings, and the reservations of bins."""

from datetime import datetime

import asyncpg

from wms.bins import commands as bins
from wms.error import Conflict
from wms.stock import store
from wms.stock.ledger import Goods, Line


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
        Conflict: `not_enough_stock`, a source does not hold what is taken, or a promise stands on
            it; the database refused and nothing was changed.
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
    except asyncpg.CheckViolationError as error:
        raise Conflict("not_enough_stock", f"{kind}: {error.constraint_name}") from error


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
    """Moves handling units with all they hold, in one movement for each tenant."""
    contents = await store.contents_of_units(connection, unit_ids)
    lines_of: dict[int, list[Line]] = {}
    for row in contents:
        if row["place_id"] == to_place_id:
            continue
        lines_of.setdefault(row["tenant_id"], []).append(
            Line(
                goods_from(row),
                row["on_hand"],
                row["place_id"],
                to_place_id,
                row["handling_unit_id"],
                row["handling_unit_id"],
                row["reserved"],
            )
        )
    for tenant_id, lines in lines_of.items():
        await post(
            connection,
            tenant_id,
            kind,
            lines,
            command_id=command_id,
            actor=actor,
            device=device,
            now=now,
        )
    await bins.place_units(connection, unit_ids, to_place_id)


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


balance_for_update = store.balance_for_update
drop_reservation = store.drop_reservation
shrink_reservation = store.shrink_reservation
release_reserved = store.release_reserved
reserve_one = store.reserve_one
reservations_youngest_first = store.reservations_youngest_first
reserve_wave = store.reserve_wave
unreserve_wave = store.unreserve_wave
partitions_ahead = store.partitions_ahead
