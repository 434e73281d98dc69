"""Kits put together out of free stock, and taken apart again; each is one movement.

Components are taken where they expire first, and never those that an order was promised. What went
into a kit, by lot and serial, comes back out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity, smallest_units
from wms.journey.claim.supply import supply_waiting
from wms.journey.request import StaffRequest, once
from wms.kitting import commands as kitting
from wms.kitting.kit import Piece, Stocked, needed, take_apart, take_stock
from wms.moving import commands as moving
from wms.outbox.command import Answer
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.ledger import Goods, Line
from wms.tenants import queries as tenants

ASSEMBLE = "assemble"
DISASSEMBLE = "disassemble"
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class KitWish:
    """So many of a shop's kit, and the place where what comes of it is put."""

    shop: str
    sku: str
    quantity: int | str
    place: str
    unit: str = ""
    warehouse: str | None = None
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Kit:
    """A wish with what its words mean."""

    words: KitWish
    item: asyncpg.Record
    warehouse_id: int
    place: asyncpg.Record
    production_id: int
    quantity: int
    wanted: dict[int, int]
    components: dict[int, asyncpg.Record]


@again_on_deadlock
async def assemble_kits(
    pool: asyncpg.Pool, request: StaffRequest, words: KitWish, now: datetime
) -> Answer:
    """Puts kits together once, out of stock that nobody was promised.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_shop`, `unknown_item`, `unknown_place`, `not_a_kit`, `wrong_unit`,
            `bad_quantity`, and what the kit's own tracking misses (`lot_missing` …).
        Conflict: `not_enough_stock`, `no_room`, `serial_elsewhere`, `in_flight`.
    """
    async with staff_transaction(pool) as connection:
        tenant_id = await _tenant_id(connection, words.shop)

        async def act() -> Answer:
            return await _assemble(connection, request, words, now)

        return await once(connection, replace(request, tenant_id=tenant_id), act)


@again_on_deadlock
async def disassemble_kits(
    pool: asyncpg.Pool, request: StaffRequest, words: KitWish, now: datetime
) -> Answer:
    """Takes free kits apart once; exactly the pieces that went into them come back.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_shop`, `unknown_item`, `unknown_place`, `not_a_kit`, `wrong_unit`,
            `bad_quantity`; `pieces_unknown`, the house did not put these kits together, and a
            component is tracked.
        Conflict: `not_enough_stock`, `no_room`, `in_flight`.
    """
    async with staff_transaction(pool) as connection:
        tenant_id = await _tenant_id(connection, words.shop)

        async def act() -> Answer:
            return await _disassemble(connection, request, words, now)

        return await once(connection, replace(request, tenant_id=tenant_id), act)


async def _assemble(
    connection: asyncpg.Connection, request: StaffRequest, words: KitWish, now: datetime
) -> Answer:
    kit = await _kit(connection, words)
    await stock.lock_items(connection, kit.warehouse_id, [*kit.wanted, kit.item["id"]])
    taken = take_stock(kit.wanted, await _free(connection, kit, list(kit.wanted), now))
    if taken is None:
        raise Conflict("not_enough_stock", "There is too little free stock of a component.")
    days = [one.piece.expires_on for one in taken if one.piece.expires_on is not None]
    expires_on = words.expires_on
    if kit.item["track_expiry"] and expires_on is None:
        # A kit lasts as long as what in it goes off first.
        expires_on = min(days, default=None)
    items.tracking_of(kit.item).check(kit.quantity, words.lot, words.serial, expires_on)
    await _refuse_without_room(connection, kit, [Piece(kit.item["id"], kit.quantity, words.lot)])
    made = Goods(
        kit.item["owner_id"], kit.item["id"], words.lot, words.serial, expires_on=expires_on
    )
    lines = [await _line_from(connection, one, kit.production_id) for one in taken]
    lines.append(Line(made, kit.quantity, kit.production_id, kit.place["id"]))
    movement_id = await _post(connection, request, kit, ASSEMBLE, lines, now)
    parts = [(None, one.piece) for one in taken]
    return await _finish(connection, request, kit, ASSEMBLE, movement_id, parts, now)


async def _disassemble(
    connection: asyncpg.Connection, request: StaffRequest, words: KitWish, now: datetime
) -> Answer:
    kit = await _kit(connection, words)
    await stock.lock_items(connection, kit.warehouse_id, [*kit.wanted, kit.item["id"]])
    free = [
        one
        for one in await _free(connection, kit, [kit.item["id"]], now)
        if one.piece.lot == words.lot and one.piece.serial == words.serial
    ]
    taken = take_stock({kit.item["id"]: kit.quantity}, free)
    if taken is None:
        raise Conflict("not_enough_stock", "There are too few of this kit that are free.")
    made = await kitting.assemblies_left(
        connection, kit.warehouse_id, kit.item["id"], words.lot, words.serial
    )
    back, unknown = take_apart(kit.wanted, made)
    for item_id in unknown:
        component = kit.components[item_id]
        if component["track_lot"] or component["track_serial"] or component["track_expiry"]:
            raise Refused(
                "pieces_unknown",
                f"Nobody knows which {component['sku']} are in these kits.",
                "/quantity",
            )
    parts: list[tuple[int | None, Piece]] = list(back)
    parts += [(None, Piece(item_id, quantity)) for item_id, quantity in unknown.items()]
    pieces = [piece for _, piece in parts]
    await _refuse_without_room(connection, kit, pieces)
    lines = [await _line_from(connection, one, kit.production_id) for one in taken]
    lines += [_line_back(kit, piece) for piece in _joined(pieces)]
    movement_id = await _post(connection, request, kit, DISASSEMBLE, lines, now)
    return await _finish(connection, request, kit, DISASSEMBLE, movement_id, parts, now)


async def _tenant_id(connection: asyncpg.Connection, name: str) -> int:
    shop = await tenants.shop_of_name(connection, name)
    if shop is None:
        raise Refused("unknown_shop", f"There is no shop {name!r}.", "/shop")
    return shop.tenant_id


async def _kit(connection: asyncpg.Connection, words: KitWish) -> _Kit:
    shop = await tenants.shop_of_name(connection, words.shop)
    assert shop is not None, "the request was opened for its tenant"
    found = await items.items_of_skus(connection, shop.owner_id, [canonical_sku(words.sku)])
    if not found:
        raise Refused("unknown_item", f"No item has the SKU {words.sku!r}.")
    [item] = found
    parts = await items.components_of(connection, [item["id"]])
    if item["kind"] != "kit" or not parts:
        raise Refused("not_a_kit", f"{item['sku']} is no kit that is put together here.")
    warehouse = await bins.the_warehouse(connection, words.warehouse)
    place = await bins.place_of_code(connection, warehouse["id"], words.place)
    if place is None:
        raise Refused("unknown_place", f"There is no place {words.place!r}.", "/place")
    production = await bins.place_of_kind(connection, warehouse["id"], PRODUCTION)
    factors = await items.factors_of(connection, [item["id"]])
    quantity, _ = smallest_units(
        words.quantity,
        words.unit,
        item_unit=item["unit"],
        scale=item["scale"],
        packaging=factors[item["id"]],
    )
    wanted = needed(
        quantity, item["scale"], {row["component_id"]: row["quantity"] for row in parts}
    )
    components = await items.items_of_ids(connection, list(wanted))
    return _Kit(
        words,
        item,
        warehouse["id"],
        place,
        production["id"],
        quantity,
        wanted,
        {row["id"]: row for row in components},
    )


async def _free(
    connection: asyncpg.Connection, kit: _Kit, item_ids: list[int], now: datetime
) -> list[Stocked]:
    """What lies free in bins, first-expired first."""
    return [
        Stocked(
            row["balance_id"],
            Piece(row["item_id"], row["free"], row["lot"], row["serial"], row["expires_on"]),
        )
        for row in await stock_rows.free_bins(connection, kit.warehouse_id, item_ids, now)
    ]


async def _line_from(connection: asyncpg.Connection, taken: Stocked, to_place_id: int) -> Line:
    balance = await stock.balance_for_update(connection, taken.balance_id)
    return Line(
        stock.goods_from(balance),
        taken.piece.quantity,
        balance["place_id"],
        to_place_id,
        balance["handling_unit_id"],
    )


def _line_back(kit: _Kit, piece: Piece) -> Line:
    goods = Goods(
        kit.item["owner_id"],
        piece.item_id,
        piece.lot,
        piece.serial,
        expires_on=piece.expires_on,
    )
    return Line(goods, piece.quantity, kit.production_id, kit.place["id"])


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The same pieces out of several assemblies as one."""
    joined: dict[tuple[int, str, str], Piece] = {}
    for piece in pieces:
        key = (piece.item_id, piece.lot, piece.serial)
        before = joined.get(key)
        quantity = piece.quantity + (0 if before is None else before.quantity)
        joined[key] = replace(piece, quantity=quantity)
    return list(joined.values())


async def _refuse_without_room(
    connection: asyncpg.Connection, kit: _Kit, pieces: Sequence[Piece]
) -> None:
    """Passes where the place takes what comes of it, piece by piece; their sum is looked at later.

    Raises:
        Conflict: `no_room`.
    """
    mixing = kit.place["mixing"]
    kinds = {piece.item_id for piece in pieces}
    lots = {(piece.item_id, piece.lot) for piece in pieces}
    if (mixing in ("item", "lot") and len(kinds) > 1) or (mixing == "lot" and len(lots) > 1):
        raise Conflict("no_room", f"{kit.place['code']} does not mix the components.")
    for piece in pieces:
        await moving.refuse_without_room(
            connection,
            kit.place["id"],
            piece.item_id,
            kit.item["owner_id"],
            piece.lot,
            piece.quantity,
            "available",
        )


async def _post(
    connection: asyncpg.Connection,
    request: StaffRequest,
    kit: _Kit,
    kind: str,
    lines: list[Line],
    now: datetime,
) -> int:
    movement_id = await stock.post(
        connection,
        kit.item["tenant_id"],
        kind,
        lines,
        command_id=request.key,
        actor=request.actor,
        device=request.staff.device,
        now=now,
    )
    # The pieces were let in one by one, and together they may be too many.
    limit = await stock_rows.overfull(connection, kit.place["id"])
    if limit is not None:
        raise Conflict("no_room", f"{kit.place['code']} does not take all of it: {limit}.")
    return movement_id


async def _finish(
    connection: asyncpg.Connection,
    request: StaffRequest,
    kit: _Kit,
    kind: str,
    movement_id: int,
    parts: Sequence[tuple[int | None, Piece]],
    now: datetime,
) -> Answer:
    work_id = await kitting.note_work(
        connection,
        kit.item,
        kit.warehouse_id,
        kind,
        kit.words.lot,
        kit.words.serial,
        kit.quantity,
        kit.place["id"],
        movement_id,
        parts,
        request.actor,
        now,
    )
    gained = [kit.item["id"]] if kind == ASSEMBLE else list(kit.wanted)
    await supply_waiting(connection, gained, kit.warehouse_id, request.actor, now)
    pieces = [
        {
            "sku": kit.components[piece.item_id]["sku"],
            "lot": piece.lot,
            "serial": piece.serial,
            "expires_on": None if piece.expires_on is None else piece.expires_on.isoformat(),
            "quantity": format_quantity(piece.quantity, kit.components[piece.item_id]["scale"]),
        }
        for piece in _joined([piece for _, piece in parts])
    ]
    return Answer(
        201,
        {
            "id": work_id,
            "kind": kind,
            "sku": kit.item["sku"],
            "quantity": format_quantity(kit.quantity, kit.item["scale"]),
            "place": kit.place["code"],
            "lot": kit.words.lot,
            "serial": kit.words.serial,
            "movement_id": movement_id,
            "components": pieces,
        },
    )
