"""What a message of another shop system changes of an order that is here, fact by fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.items.item import canonical_sku
from wms.journey.order.cancel import cancel_order
from wms.journey.order.edit import edit_order
from wms.journey.order.order_view import order_view
from wms.journey.order.payment import take_payment
from wms.journey.shop.foreign_desk import Desk, indexes_of
from wms.orders import connector_commands as connectors
from wms.orders import queries as order_rows
from wms.orders.connector import TheirRefund
from wms.orders.edit import Edit, LineChange
from wms.orders.order import NewOrder, NewPayment
from wms.outbox import commands as outbox
from wms.tenants.shop import Shop

Trouble = Refused | Conflict


@dataclass(slots=True)
class Came:
    """What was done so far, and the first thing that could not be."""

    did: list[str] = field(default_factory=list)
    trouble: Trouble | None = None

    def refuse(self, trouble: Trouble) -> None:
        """Writes down a refusal, after which the other facts of the message still count.

        Raises:
            Conflict: `in_flight`, which is no refusal: all of it is tried again.
        """
        if trouble.code == "in_flight":
            raise trouble
        self.trouble = self.trouble or trouble


async def pay(desk: Desk, shop: Shop, order_id: int, came: Came) -> None:
    """Tells what they say of the money, each once."""
    async with staff_transaction(desk.pool) as connection:
        told = await order_rows.payments_of_order(connection, order_id)
    before = {(row["state"], row["reference"]) for row in told}
    for payment in desk.heard.payments:
        if (payment.state, payment.reference) not in before:
            await _tell_payment(desk, shop, order_id, payment, payment.state, came)


async def refund(desk: Desk, shop: Shop, order_id: int, came: Came) -> None:
    """Gives back what they gave back, and takes out what is not wanted any more, each once."""
    known = await desk.known()
    assert known is not None, "it was placed"
    async with staff_transaction(desk.pool) as connection:
        told = await order_rows.payments_of_order(connection, order_id)
    before = {row["reference"] for row in told if row["state"] == "partially_refunded"}
    for one in desk.heard.refunds:
        if one.dropped and desk.heard.cancelled is None and one.reference not in known["dropped"]:
            try:
                came.did += await _drop(desk, shop, order_id, one)
            except (Refused, Conflict) as refusal:
                came.refuse(refusal)
        if one.amount_minor and one.reference not in before:
            payment = NewPayment(
                "partially_refunded", one.amount_minor, one.currency, one.reference, one.at
            )
            await _tell_payment(desk, shop, order_id, payment, "refunded", came)


async def _tell_payment(
    desk: Desk, shop: Shop, order_id: int, payment: NewPayment, word: str, came: Came
) -> None:
    said = (payment.state, payment.reference, payment.amount_minor, payment.at.isoformat())
    request = desk.request(shop, f"payment/{payment.state}/{payment.reference}", *said)
    try:
        await take_payment(
            desk.pool, request, order_id, payment, desk.now, suspicion=desk.rules.suspicion
        )
    except (Refused, Conflict) as refusal:
        came.refuse(refusal)
    else:
        came.did.append(word)


async def _drop(desk: Desk, shop: Shop, order_id: int, one: TheirRefund) -> list[str]:
    """Takes lines of a refund out of an order; without any that is left it is cancelled.

    Raises:
        Conflict, Refused: what was begun with stays.
    """
    request = desk.request(
        shop,
        "drop",
        one.reference,
        key=f"connector/{desk.connector.number}/{desk.heard.their_id}/{one.reference}",
    )
    async with staff_transaction(desk.pool) as connection:
        # It was taken out, and the service was stopped before it could be written down.
        done_before = await outbox.answer_before(
            connection, shop.tenant_id, request.scope, request.key, request.body_hash
        )
        view = await order_view(connection, shop, order_id)
    lines = view["lines"]
    assert isinstance(lines, list)
    changes, left = _without(lines, dict(one.dropped))
    did: list[str] = []
    if changes and left and done_before is None:
        edit = Edit("refunded in the shop", lines=tuple(changes))
        await edit_order(desk.pool, request, order_id, edit, None, desk.now, links=desk.rules.links)
        did = ["lines taken out"]
    elif changes and done_before is None:
        await cancel(desk, shop, order_id, "refunded in the shop")
        did = ["cancelled"]
    async with staff_transaction(desk.pool) as connection:
        await connectors.add_dropped(
            connection, desk.connector.number, desk.heard.their_id, one.reference
        )
    return did


def _without(
    lines: list[Mapping[str, object]], dropped: dict[str, int]
) -> tuple[list[LineChange], bool]:
    """The changes that take so many of each SKU out, and whether anything is left then."""
    wanted = {canonical_sku(sku): quantity for sku, quantity in dropped.items()}
    changes: list[LineChange] = []
    left = False
    for line in lines:
        stands, gone = line["quantity"], line["cancelled"]
        # What is sold by the metre or the gram is not dropped by the piece.
        if not isinstance(stands, int) or not isinstance(gone, int):
            left = True
            continue
        standing = stands - gone
        off = min(standing, wanted.get(str(line["sku"]), 0))
        if off > 0:
            wanted[str(line["sku"])] -= off
            changes.append(LineChange(int(str(line["line"])), standing - off))
        left = left or standing > off
    return changes, left


async def cancel(desk: Desk, shop: Shop, order_id: int, reason: str) -> None:
    """Cancels an order of theirs.

    Raises:
        Conflict: it is too late, with the way back.
    """
    answer = await cancel_order(
        desk.pool, desk.request(shop, "cancel", reason), order_id, reason, desk.now
    )
    body = answer.body
    if body["state"] == "done":
        return
    way_back = body["way_back"]
    instead = f" {way_back['detail']}" if isinstance(way_back, Mapping) else ""
    raise Conflict(str(body["code"]), f"{body['refusal']}{instead}")


async def change(desk: Desk, shop: Shop, known: asyncpg.Record, came: Came) -> None:
    """Follows an address and a buyer that they changed; other changes are told, not guessed at."""
    heard = desk.heard
    stale = (
        heard.updated_at is not None
        and known["updated_at"] is not None
        and heard.updated_at < known["updated_at"]
    )
    if stale or heard.order is None:
        return
    if isinstance(heard.order, Refused):
        # What they changed cannot be read, and is not passed over.
        came.refuse(heard.order)
        return
    async with staff_transaction(desk.pool) as connection:
        now = indexes_of(connection, heard)
    changed = {
        name
        for name in ("address", "contact", "lines", "words")
        if known[f"{name}_index"] is not None
        and getattr(now, name) not in (None, known[f"{name}_index"])
    }
    try:
        came.did += await _edit(desk, shop, known["order_id"], heard.order, changed)
    except (Refused, Conflict) as refusal:
        # It is not noted, so that it is tried again.
        came.refuse(refusal)
        return
    if came.trouble is not None:
        # Told one after the other, none is hidden by another.
        return
    if told := _untold(known["order_id"], changed):
        came.refuse(told)
    await desk.note(known["order_id"])


def _untold(order_id: int, changed: set[str]) -> Conflict | None:
    edits = f"POST /v1/orders/{order_id}/edits"
    if "lines" in changed:
        return Conflict(
            "lines_changed",
            f"Lines were changed in the shop: {edits} says here what ships.",
            "/line_items",
        )
    if "words" in changed:
        return Conflict(
            "words_changed",
            "The note, a gift's message or the shipping method was changed in the shop: "
            f"{edits} changes the service here, POST /v1/handoffs asks a person for the rest.",
        )
    return None


async def _edit(
    desk: Desk, shop: Shop, order_id: int, order: NewOrder, changed: set[str]
) -> list[str]:
    names = [name for name in ("address", "contact") if name in changed]
    if not names:
        return []
    edit = Edit(
        "changed in the shop",
        ship_to=dict(order.ship_to) if "address" in changed else None,
        customer=dict(order.customer) if "contact" in changed else None,
    )
    request = desk.request(shop, "address", order_id)
    try:
        await edit_order(desk.pool, request, order_id, edit, None, desk.now, links=desk.rules.links)
    except Refused as refusal:
        if refusal.code != "no_change":
            raise
        return []
    return [f"{name} changed" for name in names]
