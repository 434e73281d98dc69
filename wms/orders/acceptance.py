"""An order comes in: what has to be known of it, where it ships from, and its acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from wms.database.pool import keyset_of
from wms.error import Conflict, NotFound
from wms.items.item import canonical_sku
from wms.orders import intake_store
from wms.orders.buyer import buyer_index
from wms.orders.line import Line, Sold
from wms.orders.mailed import SAMPLES, mail_parts
from wms.orders.nearness import Source, distances
from wms.orders.order import Fulfilment, NewOrder
from wms.orders.sourcing import Choice, Part, Plan, Portion, short_of
from wms.orders.usual import NOTHING_USUAL, Median, Usual
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.promise.claim import Claim, Short
from wms.promise.commands import claim_from
from wms.tenants.shop import Shop


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when an order comes in; `known` is the order of its number, with its hash.

    `rules` is what its shop asks of orders beyond what each of them says.
    """

    sources: tuple[Source, ...]
    channel: str
    rules: dict[str, Any]
    items: list[Sold]
    known: tuple[int, bytes] | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The numbers of an order and its fulfilment orders, and what was claimed for it."""

    order_id: int
    fulfilment_order_ids: tuple[int, ...]
    claim: Claim


async def look_up(connection: asyncpg.Connection, shop: Shop, order: NewOrder) -> Facts:
    """What an order needs: items, SKUs matched in any case, channel, and who may ship.

    Raises:
        NotFound: `unknown_warehouse`, there is none yet.
    """
    return _facts(await intake_store.order_facts(connection, *_asked(shop, order)))


async def claim_and_look_up(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    scope: str,
    command_id: str,
    body_hash: bytes,
) -> Answer | Facts:
    """The answer that this command got before, or what its order needs; holds the command.

    It is `outbox.first_answer` and `look_up` in one call.

    Raises:
        Conflict: `in_flight`.
        NotFound: `unknown_warehouse`.
        Refused: `idempotency_key_reused`.
    """
    row = await intake_store.claim_with_facts(connection, *_asked(shop, order), scope, command_id)
    return outbox.answer_claimed(row, body_hash) or _facts(row)


def _asked(shop: Shop, order: NewOrder) -> tuple[int, int, int, str, list[str], datetime]:
    skus = sorted({canonical_sku(line.sku) for line in order.lines})
    number = order.external_order_id
    return shop.tenant_id, shop.shop_id, shop.owner_id, number, skus, order.placed_at


def _facts(row: asyncpg.Record) -> Facts:
    if not row["warehouses"]:
        raise NotFound("unknown_warehouse", "There is no warehouse yet.")
    known = None if row["order_id"] is None else (row["order_id"], row["body_hash"])
    items = [_sold(item) for item in row["items"] or ()]
    sources = tuple(Source(*warehouse) for warehouse in row["warehouses"])
    return Facts(sources, row["channel"], row["rules"], items, known)


def _sold(item: dict[str, Any]) -> Sold:
    components = item["components"] or ()
    return Sold(
        item["item_id"],
        item["sku"],
        item["name"],
        item["kind"],
        item["unit"],
        item["scale"],
        item["needs_approval"] or any(part["needs_approval"] for part in components),
        item["packaging"] or {},
        tuple((part["item_id"], part["quantity"]) for part in components),
        _latest([item, *components]),
        item["made_to_order_days"] or 0,
        digital_at=item["digital_at"],
        approvals=tuple(
            {part["approval_kind"] for part in (item, *components) if part["needs_approval"]}
        ),
        usual=_usual(item),
        ruled=any(part["ruled"] for part in (item, *components)),
    )


def _usual(item: dict[str, Any]) -> Usual:
    if item["list_price_minor"] is None and item["medians"] is None and item["offers"] is None:
        return NOTHING_USUAL
    medians = {of: Median(*median) for of, median in (item["medians"] or {}).items()}
    offers = tuple((of, price) for of, price in item["offers"] or ())
    return Usual(item["list_price_minor"], medians, offers)


def _latest(items: Sequence[dict[str, Any]]) -> datetime | None:
    """From when on all of them are sold, where one of them is not yet."""
    days = [item["available_from"] for item in items if item["available_from"]]
    return max(map(datetime.fromisoformat, days), default=None)


async def look_around(
    connection: asyncpg.Connection,
    sources: Sequence[Source],
    ship_to: dict[str, object],
    channel: str,
    lines: Sequence[Line],
) -> Choice:
    """What of the lines' items could be promised in which warehouse, locked until the end.

    What is sent by mail is looked for where its books are, whoever ships.

    The rows are locked in id order, so that nobody who wants some of them waits in a ring.
    """
    items = sorted({part.item_id for line in lines for part in line.parts})
    numbers = [source.warehouse_id for source in sources]
    numbers += {line.item.digital_at for line in lines if line.item.digital_at} - {*numbers}
    free: dict[int, dict[int, int]] = {}
    coming: dict[int, dict[int, int]] = {}
    for row in await intake_store.lock_stock(connection, items, numbers, channel):
        free.setdefault(row["warehouse_id"], {})[row["item_id"]] = row["free"]
        coming.setdefault(row["warehouse_id"], {})[row["item_id"]] = row["coming"]
    return Choice(tuple(sources), distances(sources, ship_to), free, coming)


def missing(lines: Sequence[Line], choice: Choice, *, backorder: bool) -> tuple[Short, ...]:
    """The items of which all warehouses together have too few, or too few that can be used."""
    needs = [line.need() for line in lines]
    return tuple(
        Short(item_id, wanted, had)
        for item_id, wanted, had in short_of(needs, choice, backorder=backorder)
    )


def whole(order: NewOrder, facts: Facts, lines: Sequence[Line]) -> Plan:
    """All of an order from the one warehouse that ships for its shop."""
    [source] = facts.sources
    units = {line.number: line.units for line in lines}
    reason = f"{source.code} is the only one that ships for the shop"
    return Plan((Part(source.warehouse_id, units, reason, waits=order.backorder),), {})


async def accept(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    lines: tuple[Line, ...],
    plan: Plan,
    promise_expires_at: datetime,
    now: datetime,
) -> Accepted | Claim:
    """Claims all goods of an order as planned, and writes it; or what fell short, noted.

    A plan of several parts is of what `look_around` has locked.

    Raises:
        Conflict: `in_flight`, the same order was written meanwhile.
    """
    arguments = (
        *(shop.tenant_id, shop.shop_id, shop.owner_id, facts.channel, order.external_order_id),
        *(order.body_hash, order.currency, order.total_minor, order.customer, order.ship_to),
        *(order.service, shop.sandbox, order.backorder, order.fulfilment.value, order.language),
        buyer_index(keyset_of(connection), shop.shop_id, order.customer),
        *(order.placed_at, now, promise_expires_at, shop.actor),
        [_line(line, plan.left) for line in lines],
        [_part(part) for part in plan.parts],
        *_fetched(lines, plan.parts),
    )
    try:
        row = await intake_store.accept_order(connection, arguments)
    except asyncpg.UniqueViolationError as error:
        raise _twice(order) from error
    claim = claim_from(row)
    if not claim.granted:
        return claim
    return Accepted(row["o_order"], tuple(row["o_fulfilments"]), claim)


async def refuse_twin(connection: asyncpg.Connection, shop: Shop, order: NewOrder) -> None:
    """Passes where the shop's order of that number is not there yet.

    Whoever is about to refuse an order asks: while it waited for goods, or for its buyer's limit,
    the same order may have come in and taken them.

    Raises:
        Conflict: `in_flight`.
    """
    facts = await look_up(connection, shop, order)
    if facts.known is not None:
        raise _twice(order)


def _twice(order: NewOrder) -> Conflict:
    return Conflict(
        "in_flight",
        f"Order {order.external_order_id} came twice at once; ask again.",
        "/external_order_id",
    )


def _line(line: Line, left: Portion) -> dict[str, object]:
    return {
        "line": line.number,
        "item_id": line.item.item_id,
        "quantity": line.quantity,
        "unit": line.unit,
        "factor": line.factor,
        "unit_price_minor": line.unit_price_minor,
        "shelf_life_min_days": line.shelf_life_min_days,
        "cancelled": left.get(line.number, 0) * line.factor,
    }


def _part(part: Part) -> dict[str, object]:
    return {
        "warehouse_id": part.warehouse_id,
        "backorder": part.waits,
        "reason": part.reason,
        "due_at": None if part.due_at is None else part.due_at.isoformat(),
        "digital": part.digital,
    }


def _fetched(
    lines: Sequence[Line], parts: Sequence[Part]
) -> tuple[list[int], list[int], list[int], list[int], list[int | None]]:
    """What is fetched: part of the order, line, item, quantity, and its share of a split line."""
    part_of: list[int] = []
    numbers: list[int] = []
    items: list[int] = []
    quantities: list[int] = []
    shares: list[int | None] = []
    for number, part in enumerate(parts, start=1):
        for line in lines:
            units = part.units.get(line.number, 0)
            if not units:
                continue
            share = None if units == line.units else units * line.factor
            for fetched in line.parts:
                part_of.append(number)
                numbers.append(line.number)
                items.append(fetched.item_id)
                quantities.append(fetched.quantity // line.units * units)
                shares.append(share)
    return part_of, numbers, items, quantities, shares


def plan_of_sandbox(facts: Facts, order: NewOrder, lines: Sequence[Line]) -> Plan:
    """All of an order from the nearest warehouse, which it claims nothing of.

    What is sent by mail is a part of its own, as it is with any order.
    """
    distance = distances(facts.sources, order.ship_to)
    source = min(facts.sources, key=lambda one: (distance[one.warehouse_id], one.warehouse_id))
    sent = [line for line in lines if line.item.digital_at is not None]
    units = {line.number: line.units for line in lines if line.item.digital_at is None}
    shipped = (Part(source.warehouse_id, units, f"{source.code}, in the sandbox"),) if units else ()
    mail = mail_parts(sent, {line.number: line.units for line in sent}, SAMPLES)
    return Plan((*shipped, *mail), {})


def is_plain(order: NewOrder, facts: Facts) -> bool:
    """Whether nothing has to be looked at before the claim: one warehouse, all or nothing."""
    return len(facts.sources) == 1 and order.fulfilment is not Fulfilment.FILL_AVAILABLE


lock_stock = intake_store.lock_stock
set_sources = intake_store.set_sources
