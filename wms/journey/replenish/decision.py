"""A planner decides: proposals become purchase orders and transfers, changed or as they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Refused
from wms.items.unit import format_quantity, parse_quantity
from wms.journey.inbound.purchase import enter_purchase, send_draft
from wms.journey.order.order_view import moment
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as rows_of
from wms.replenishment.proposal import Event, Kind, State, after
from wms.replenishment.purchase import NewPurchase, WantedLine
from wms.tenants import queries as tenants


@dataclass(frozen=True, slots=True)
class Wish:
    """A proposal that is approved; another quantity than it says, as the border speaks it."""

    proposal_id: int
    quantity: int | str | None = None


@dataclass(frozen=True, slots=True)
class _Approved:
    row: asyncpg.Record
    quantity: int
    at: int


@again_on_deadlock
async def approve_proposals(
    pool: asyncpg.Pool, request: StaffRequest, wishes: Sequence[Wish], now: datetime
) -> Answer:
    """Approves proposals, all or none; what one supplier brings to one warehouse is one order.

    A purchase is sent at once, and its goods are announced by the same stroke. Transfers wait
    until the other warehouse has sent them.

    Raises:
        NotFound: `unknown_proposal`.
        Conflict: `wrong_state`, somebody decided already, or a newer run did; `in_flight`.
        Refused: `no_supplier`, `not_allowed_quantity` with the nearest that is, `bad_quantity`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            ids = await approve(connection, wishes, request.actor, now)
            return Answer(
                200,
                {"items": [await proposal_view(connection, proposal_id) for proposal_id in ids]},
            )

        return await once(connection, request, act)


async def approve(
    connection: asyncpg.Connection, wishes: Sequence[Wish], actor: str, now: datetime
) -> list[int]:
    """Does it, in the caller's transaction; the numbers in the order of the wishes.

    Raises:
        NotFound, Conflict, Refused: as `approve_proposals`.
    """
    found: dict[int, _Approved] = {}
    for at, wish in sorted(enumerate(wishes), key=lambda each: each[1].proposal_id):
        if wish.proposal_id in found:
            raise Refused("proposal_twice", "A proposal stands there twice.", f"/proposals/{at}")
        row = await replenishment.proposal_for_update(connection, wish.proposal_id)
        after(State(row["state"]), Event.APPROVE)
        found[wish.proposal_id] = _Approved(row, _quantity(row, wish, at), at)
    orders: dict[tuple[int, int], list[_Approved]] = {}
    for one in found.values():
        if one.row["kind"] == Kind.TRANSFER:
            await _fetch(connection, one, actor, now)
        else:
            orders.setdefault((one.row["supplier_id"], one.row["warehouse_id"]), []).append(one)
    for together in orders.values():
        await _buy(connection, together, actor, now)
    return [wish.proposal_id for wish in wishes]


def _quantity(row: asyncpg.Record, wish: Wish, at: int) -> int:
    if row["kind"] == Kind.PURCHASE and row["supplier_id"] is None:
        raise Refused(
            "no_supplier",
            f"Nobody sells {row['sku']}: enter a supplier of it first.",
            f"/proposals/{at}/id",
        )
    if wish.quantity is None:
        quantity: int = row["quantity"]
        return quantity
    return parse_quantity(wish.quantity, row["scale"], f"/proposals/{at}/quantity")


async def _buy(
    connection: asyncpg.Connection, together: list[_Approved], actor: str, now: datetime
) -> None:
    first = together[0].row
    shop = await tenants.shop_of_owner(connection, first["owner_id"])
    assert shop is not None, "a supplier is entered by a shop of the owner's"
    new = NewPurchase(
        first["supplier"],
        tuple(
            WantedLine(one.row["sku"], format_quantity(one.quantity, one.row["scale"]))
            for one in together
        ),
        warehouse=first["warehouse"],
    )
    try:
        purchase_order_id = await enter_purchase(connection, shop, new, actor, now)
    except Refused as refusal:
        raise _at_its_proposal(refusal, together) from refusal
    purchase = await replenishment.purchase_for_update(connection, purchase_order_id)
    await send_draft(connection, shop, purchase, None, actor, now)
    for one in together:
        await _decided(connection, one, actor, now, purchase_order_id=purchase_order_id)


def _at_its_proposal(refusal: Refused, together: Sequence[_Approved]) -> Refused:
    """The refusal of a line, said of the proposal that the line was made of."""
    line = re.fullmatch(r"/lines/(\d+)/(\w+)", refusal.pointer or "")
    if line is None:
        return refusal
    field = "quantity" if line[2] == "quantity" else "id"
    pointer = f"/proposals/{together[int(line[1])].at}/{field}"
    return Refused(refusal.code, refusal.detail, pointer)


async def _fetch(connection: asyncpg.Connection, one: _Approved, actor: str, now: datetime) -> None:
    row = one.row
    way = (row["owner_id"], row["from_warehouse_id"], row["warehouse_id"])
    transfer_id = await rows_of.open_transfer(connection, *way)
    if transfer_id is None:
        facts: dict[str, object] = {
            "tenant_id": row["tenant_id"],
            "owner_id": row["owner_id"],
            "from_warehouse_id": row["from_warehouse_id"],
            "to_warehouse_id": row["warehouse_id"],
            "made_by": actor,
        }
        transfer_id = await replenishment.request_transfer(connection, facts, now)
    await replenishment.add_to_transfer(
        connection, transfer_id, row["tenant_id"], row["item_id"], one.quantity
    )
    await _decided(connection, one, actor, now, transfer_id=transfer_id)


async def _decided(
    connection: asyncpg.Connection, one: _Approved, actor: str, now: datetime, **made: int
) -> None:
    facts: dict[str, object] = {"state": State.APPROVED, "quantity": one.quantity, "actor": actor}
    await replenishment.decide(connection, one.row["id"], facts | made, now)


async def reject_proposal(
    pool: asyncpg.Pool, request: StaffRequest, proposal_id: int, note: str, now: datetime
) -> Answer:
    """Turns a proposal down, with the planner's reason; the next run may make it again.

    Raises:
        NotFound: `unknown_proposal`.
        Conflict: `wrong_state`, `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            await reject(connection, proposal_id, note, request.actor, now)
            return Answer(200, await proposal_view(connection, proposal_id))

        return await once(connection, request, act)


async def reject(
    connection: asyncpg.Connection, proposal_id: int, note: str, actor: str, now: datetime
) -> None:
    """Does it, in the caller's transaction.

    Raises:
        NotFound, Conflict: as `reject_proposal`.
    """
    row = await replenishment.proposal_for_update(connection, proposal_id)
    state = after(State(row["state"]), Event.REJECT)
    facts: dict[str, object] = {"state": state, "actor": actor, "note": note}
    await replenishment.decide(connection, proposal_id, facts, now)


async def proposal_view(connection: asyncpg.Connection, proposal_id: int) -> dict[str, object]:
    """A proposal as planners read it.

    Raises:
        NotFound: `unknown_proposal`.
    """
    row = await rows_of.proposal_of_id(connection, proposal_id)
    if row is None:
        raise replenishment.unknown_proposal(proposal_id)
    return proposal_summary(row)


def proposal_summary(row: asyncpg.Record) -> dict[str, object]:
    """A proposal as a list shows it."""
    scale = row["scale"]
    amounts = ("quantity", "free", "coming", "reorder_point", "safety_stock", "order_up_to")
    names = ("id", "run_id", "state", "kind", "owner", "name", "unit", "warehouse", "supplier",
             "from_warehouse", "days_left", "reason", "decided_by", "note", "purchase_order_id",
             "transfer_id")  # fmt: skip
    approved = row["approved_quantity"]
    return (
        {"item": row["sku"]}
        | {name: row[name] for name in names}
        | {name: format_quantity(row[name], scale) for name in amounts}
        | {
            "approved_quantity": None if approved is None else format_quantity(approved, scale),
            "decided_at": moment(row["decided_at"]),
        }
    )
