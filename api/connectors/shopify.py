"""Orders and refunds of a Shopify-like shop, in the house's own words.

Source: Shopify Admin REST API, resources Order and Refund, as its webhooks send them.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.connectors.border import (
    decimal,
    exact_minor,
    gift,
    joined,
    moment,
    note,
    number_of,
    placed,
    read,
    refuse_without_sku,
    rounded_minor,
    service,
    wished,
)
from api.connectors.shopify_message import (
    Buyer,
    LineItem,
    Order,
    TheirAddress,
    TheirRefundBody,
)
from wms.error import Refused
from wms.language import language_of
from wms.orders.connector import Heard, TheirLine, TheirRefund
from wms.orders.order import NewOrder, NewPayment

SIGNATURE = "X-Shopify-Hmac-Sha256"
TOPIC = "X-Shopify-Topic"
DELIVERY = "X-Shopify-Webhook-Id"
ORDER_TOPICS = (
    "orders/create",
    "orders/paid",
    "orders/updated",
    "orders/cancelled",
    "orders/delete",
)
REFUND_TOPIC = "refunds/create"
TOPICS = (*ORDER_TOPICS, REFUND_TOPIC)
PAID = ("paid", "partially_refunded", "refunded")
# Money that was asked for and did not come is pending until it does.
STATES = {"authorized": "authorised", "voided": "failed", "expired": "failed"}


def inner(body: Any) -> Any:
    """The order or refund itself, where it came in an envelope."""
    if isinstance(body, dict):
        for name in ("order", "refund"):
            if isinstance(body.get(name), dict):
                return body[name]
    return body


def their_id(topic: str, body: Any) -> str:
    """Which order a message is about, or an empty text."""
    body = inner(body)
    name = "order_id" if topic == REFUND_TOPIC else "id"
    return number_of(body.get(name) if isinstance(body, dict) else None)


def mail(body: Any) -> str | None:
    """The buyer's mail address, where the message says it."""
    body = inner(body)
    said = body.get("email") if isinstance(body, dict) else None
    return said if isinstance(said, str) else None


def hear(topic: str, body: Any, wishes: dict[str, Any]) -> Heard:
    """What a message says.

    Raises:
        Refused: `not_understood`, `bad_money`, `bad_moment`, with a pointer into it.
    """
    if topic == REFUND_TOPIC:
        refund = read(TheirRefundBody, inner(body))
        currency = next((one.currency for one in refund.transactions if one.currency), "")
        return Heard(refund.order_id, refunds=_refunds([refund], currency, {}))
    if topic == "orders/delete":
        return Heard(read(Order, inner(body)).id, cancelled="deleted in the shop")
    return _order(read(Order, inner(body)), wishes)


def _order(said: Order, wishes: dict[str, Any]) -> Heard:
    lines = tuple(
        TheirLine(
            at, line.sku.strip(), line.name or line.title, line.requires_shipping is not False
        )
        for at, line in enumerate(said.line_items)
    )
    standing = [
        (line, item, _quantity(said, item))
        for line, item in zip(lines, said.line_items, strict=True)
    ]
    # Without a SKU nobody here can know it; what is not shipped either, a tip, is no goods.
    standing = [one for one in standing if one[2] > 0 and (one[0].sku or one[0].ships)]
    over = "fulfilled elsewhere" if said.fulfillment_status == "fulfilled" else None
    order: NewOrder | Refused | None = None
    try:
        order = _placed(said, standing, wishes) if standing else None
    except Refused as refusal:
        order = refusal
    skus = {line.id: line.sku for line in said.line_items}
    return Heard(
        said.id,
        moment(said.updated_at, "/updated_at") if said.updated_at else None,
        order,
        tuple(line for line, _, _ in standing),
        bool(said.test),
        _payments(said),
        _refunds(said.refunds, said.currency, skus),
        joined(said.cancel_reason or "cancelled in the shop") if said.cancelled_at else None,
        over if standing else over or "nothing to ship",
        tuple((line.sku, line.quantity) for line in said.line_items if line.sku),
    )


def _placed(
    said: Order, standing: list[tuple[TheirLine, LineItem, int]], wishes: dict[str, Any]
) -> NewOrder:
    kept = [line for line, _, _ in standing]
    refuse_without_sku(kept)
    shipping = (name for one in said.shipping_lines for name in (one.code, one.title))
    body: dict[str, Any] = {
        "external_order_id": said.name or said.order_number or said.id,
        "placed_at": said.created_at,
        "currency": said.currency,
        "customer": _customer(said),
        "ship_to": _ship_to(said, ships=any(line.ships for line in kept)),
        "service": service(shipping, wishes),
        "lines": [_line(item, quantity, said.currency) for _, item, quantity in standing],
        "buyer_note": note(_notes(said), "/note"),
        "gift_message": gift(one.pair for one in said.note_attributes),
    }
    spoken = {"language": language_of(said.customer_locale)} if said.customer_locale else {}
    total = exact_minor(said.total_price, said.currency, "/total_price")
    return placed(body | wished(wishes) | spoken, kept, total)


def _quantity(said: Order, line: LineItem) -> int:
    if said.fulfillment_status == "partial" and line.fulfillable_quantity is not None:
        return line.fulfillable_quantity
    return line.quantity


def _line(line: LineItem, quantity: int, currency: str) -> dict[str, Any]:
    pointer = "/line_items"
    off = sum((decimal(one.amount, pointer) for one in line.discount_allocations), Decimal(0))
    each = decimal(line.price, pointer) - off / max(line.quantity, 1)
    price = rounded_minor(max(each, Decimal(0)), currency)
    return {
        "sku": line.sku,
        "quantity": quantity,
        "unit_price": {"amount_minor": price, "currency": currency},
        "gift_message": gift(one.pair for one in line.properties),
    }


def _customer(said: Order) -> dict[str, Any] | None:
    buyer = said.customer or Buyer()
    address = said.shipping_address or said.billing_address or TheirAddress()
    name = joined(buyer.first_name, buyer.last_name) or _name(address)
    if not name:
        return None
    told = {
        "email": said.email or buyer.email,
        "reference": buyer.id,
        "phone": said.phone or buyer.phone or address.phone,
    }
    return {"name": name} | {field: value for field, value in told.items() if value}


def _name(address: TheirAddress) -> str:
    return address.name or joined(address.first_name, address.last_name) or address.company


def _ship_to(said: Order, *, ships: bool) -> dict[str, Any]:
    address = said.shipping_address or (None if ships else said.billing_address)
    if address is None:
        raise Refused(
            "address_missing", "Goods are shipped and no address says where.", "/shipping_address"
        )
    lines = [part for part in (address.company, address.address1, address.address2) if part.strip()]
    told = {
        "region": address.province,
        "phone": address.phone,
        "latitude": address.latitude,
        "longitude": address.longitude,
    }
    return {
        "name": _name(address),
        "lines": lines,
        "postal_code": address.zip,
        # A city that is a country has no city in its addresses.
        "city": address.city or address.province or address.country,
        "country": address.country_code,
    } | {field: value for field, value in told.items() if value not in (None, "")}


def _notes(said: Order) -> Iterator[str]:
    yield said.note
    for one in said.note_attributes:
        if one.value.strip():
            yield f"{one.name}: {one.value}"
    for line in said.line_items:
        for one in line.properties:
            if one.value.strip():
                yield f"{line.sku}, {one.name}: {one.value}"


def _payments(said: Order) -> tuple[NewPayment, ...]:
    status = said.financial_status
    state = "paid" if status in PAID else STATES.get(status)
    if state is None:
        return ()
    at = said.created_at
    if state == "failed":
        at = said.cancelled_at or said.updated_at or at
    amount = exact_minor(said.total_price, said.currency, "/total_price")
    reference = f"order {said.id} {state}"
    return (NewPayment(state, amount, said.currency, reference, moment(at, "/created_at")),)


def _refunds(
    said: list[TheirRefundBody], currency: str, skus: dict[str, str]
) -> tuple[TheirRefund, ...]:
    return tuple(_refund(one, currency, skus) for one in said)


def _refund(said: TheirRefundBody, currency: str, skus: dict[str, str]) -> TheirRefund:
    back = [
        one for one in said.transactions if one.kind == "refund" and one.status in ("", "success")
    ]
    amount = sum(exact_minor(one.amount, currency, "/transactions") for one in back)
    at: datetime = moment(said.created_at, "/created_at")
    dropped: Counter[str] = Counter()
    for line in said.refund_line_items:
        sku = line.line_item.sku if line.line_item is not None else skus.get(line.line_item_id, "")
        # Only what was taken off before it left; the rest comes back, or does not, as a return.
        if line.restock_type == "cancel" and sku:
            dropped[sku] += line.quantity
    return TheirRefund(f"refund {said.id}", amount, currency, at, tuple(sorted(dropped.items())))
