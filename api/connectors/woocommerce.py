"""Orders of a WooCommerce-like shop, in the house's own words.

Source: WooCommerce REST API v3, resource Order, as its webhooks send it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from api.connectors.border import (
    Listed,
    Loose,
    Theirs,
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
from wms.error import Refused
from wms.orders.connector import Heard, TheirLine, TheirRefund
from wms.orders.order import NewOrder, NewPayment

SIGNATURE = "X-WC-Webhook-Signature"
TOPIC = "X-WC-Webhook-Topic"
DELIVERY = "X-WC-Webhook-Delivery-ID"
DELETED, RESTORED = "order.deleted", "order.restored"
TOPICS = ("order.created", "order.updated", RESTORED, DELETED)
STATES = {"pending": "pending", "on-hold": "pending", "failed": "failed"}
# A draft is a basket: nobody has ordered it yet.
DRAFTS = ("checkout-draft", "auto-draft")
GONE = {"cancelled": "cancelled in the shop", "trash": "deleted in the shop"}


class Meta(Theirs):
    """What a plugin adds; a key that begins with an underscore is its own and shown to nobody."""

    key: Loose = ""
    value: Any = None
    display_key: Any = None
    display_value: Any = None

    @property
    def pair(self) -> tuple[str, str]:
        """Its name and its text; what is no text is nothing that a buyer wrote."""
        name = self.display_key if isinstance(self.display_key, str) else self.key
        said = self.display_value if isinstance(self.display_value, str) else self.value
        shown = isinstance(said, str | int | float) and not self.key.startswith("_")
        return name or self.key, str(said) if shown else ""


class LineItem(Theirs):
    id: Loose = ""
    sku: Loose = ""
    name: Loose = ""
    quantity: int = 1
    total: Loose = "0"
    total_tax: Loose = "0"
    meta_data: Annotated[list[Meta], Listed, Field(default_factory=list)]


class TheirAddress(Theirs):
    first_name: Loose = ""
    last_name: Loose = ""
    company: Loose = ""
    address_1: Loose = ""
    address_2: Loose = ""
    city: Loose = ""
    state: Loose = ""
    postcode: Loose = ""
    country: Loose = ""
    email: Loose = ""
    phone: Loose = ""

    @property
    def is_said(self) -> bool:
        return bool(self.address_1.strip() or self.city.strip() or self.postcode.strip())

    @property
    def person(self) -> str:
        return joined(self.first_name, self.last_name) or self.company


class ShippingLine(Theirs):
    method_id: Loose = ""
    method_title: Loose = ""


class Refund(Theirs):
    id: Loose = ""
    total: Loose = "0"


class Order(Theirs):
    id: Loose
    number: Loose = ""
    status: Loose = ""
    currency: Loose = ""
    date_created: Loose = ""
    date_created_gmt: Loose = ""
    date_modified_gmt: Loose = ""
    date_paid_gmt: Loose = ""
    date_paid: Loose = ""
    total: Loose = "0"
    prices_include_tax: bool | None = False
    customer_id: Loose = ""
    customer_note: Loose = ""
    transaction_id: Loose = ""
    billing: TheirAddress | None = None
    shipping: TheirAddress | None = None
    line_items: Annotated[list[LineItem], Listed, Field(default_factory=list)]
    shipping_lines: Annotated[list[ShippingLine], Listed, Field(default_factory=list)]
    refunds: Annotated[list[Refund], Listed, Field(default_factory=list)]
    meta_data: Annotated[list[Meta], Listed, Field(default_factory=list)]


def their_id(topic: str, body: Any) -> str:
    """Which order a message is about, or an empty text."""
    return number_of(body.get("id") if isinstance(body, dict) else None)


def mail(body: Any) -> str | None:
    """The buyer's mail address, where the message says it."""
    billing = body.get("billing") if isinstance(body, dict) else None
    said = billing.get("email") if isinstance(billing, dict) else None
    return said if isinstance(said, str) else None


def hear(topic: str, body: Any, wishes: dict[str, Any]) -> Heard:
    """What a message says.

    Raises:
        Refused: `not_understood`, `bad_money`, `bad_moment`, with a pointer into it.
    """
    said = read(Order, body)
    if topic == DELETED:
        return Heard(said.id, cancelled=GONE["trash"])
    standing = [
        (TheirLine(at, line.sku.strip(), line.name, True), line)
        for at, line in enumerate(said.line_items)
        if line.quantity > 0
    ]
    order: NewOrder | Refused | None = None
    try:
        order = _placed(said, standing, wishes) if standing else None
    except Refused as refusal:
        order = refusal
    changed = said.date_modified_gmt
    return Heard(
        said.id,
        moment(changed, "/date_modified_gmt") if changed else None,
        order,
        tuple(line for line, _ in standing),
        payments=_payments(said),
        refunds=_refunds(said),
        cancelled=GONE.get(said.status),
        over=_over(said) if standing else _over(said) or "nothing to ship",
        ordered=tuple((item.sku, item.quantity) for _, item in standing),
        restored=topic == RESTORED,
        revocable=True,
    )


def _over(said: Order) -> str | None:
    if said.status in DRAFTS:
        return "not ordered yet"
    return "fulfilled elsewhere" if said.status == "completed" else None


def _placed(
    said: Order, standing: list[tuple[TheirLine, LineItem]], wishes: dict[str, Any]
) -> NewOrder:
    kept = [line for line, _ in standing]
    refuse_without_sku(kept)
    shipping = (name for one in said.shipping_lines for name in (one.method_id, one.method_title))
    body: dict[str, Any] = {
        "external_order_id": said.number or said.id,
        "placed_at": moment(said.date_created_gmt or said.date_created, "/date_created_gmt"),
        "currency": said.currency,
        "customer": _customer(said),
        "ship_to": _ship_to(said),
        "service": service(shipping, wishes),
        "lines": [_line(said, line, item) for line, item in standing],
        "buyer_note": note(_notes(said), "/customer_note"),
        "gift_message": gift(one.pair for one in said.meta_data),
    }
    total = exact_minor(said.total, said.currency, "/total")
    return placed(body | wished(wishes), kept, total)


def _notes(said: Order) -> Iterator[str]:
    yield said.customer_note
    # Of the whole order they say only what plugins tell each other.
    for line in said.line_items:
        for name, text in (one.pair for one in line.meta_data):
            if text.strip():
                yield f"{line.sku}, {name}: {text}"


def _line(said: Order, line: TheirLine, item: LineItem) -> dict[str, Any]:
    pointer = f"/line_items/{line.at}/total"
    paid = decimal(item.total, pointer)
    if said.prices_include_tax:
        paid += decimal(item.total_tax, pointer)
    price = rounded_minor(max(paid / item.quantity, Decimal(0)), said.currency)
    return {
        "sku": line.sku,
        "quantity": item.quantity,
        "unit_price": {"amount_minor": price, "currency": said.currency},
        "gift_message": gift(one.pair for one in item.meta_data),
    }


def _customer(said: Order) -> dict[str, Any] | None:
    billing = said.billing or TheirAddress()
    name = billing.person or (said.shipping or TheirAddress()).person
    if not name:
        return None
    told = {
        "email": billing.email,
        "reference": "" if said.customer_id == "0" else said.customer_id,
        "phone": billing.phone,
    }
    return {"name": name} | {field: value for field, value in told.items() if value}


def _ship_to(said: Order) -> dict[str, Any]:
    """Where it goes; it is the payer's address where none is said beside that."""
    address = said.shipping if said.shipping is not None and said.shipping.is_said else said.billing
    if address is None or not address.is_said:
        raise Refused(
            "address_missing", "Goods are shipped and no address says where.", "/shipping"
        )
    phone = address.phone or (said.billing.phone if said.billing is not None else "")
    lines = [
        part for part in (address.company, address.address_1, address.address_2) if part.strip()
    ]
    told = {"region": address.state, "phone": phone}
    return {
        "name": address.person,
        "lines": lines,
        "postal_code": address.postcode,
        # A city that is a country has no city in its addresses.
        "city": address.city or address.state or address.country,
        "country": address.country,
    } | {field: value for field, value in told.items() if value}


def _payments(said: Order) -> tuple[NewPayment, ...]:
    """What is known of the money: it is paid when they say since when."""
    paid_at = said.date_paid_gmt or said.date_paid
    state = "paid" if paid_at else STATES.get(said.status)
    if state is None:
        return ()
    at = moment(paid_at or said.date_created_gmt or said.date_created, "/date_paid_gmt")
    amount = exact_minor(said.total, said.currency, "/total")
    return (NewPayment(state, amount, said.currency, f"order {said.id} {state}", at),)


def _refunds(said: Order) -> tuple[TheirRefund, ...]:
    """Money that went back; when it did is not said, so it is as old as the payment."""
    when = said.date_paid_gmt or said.date_paid or said.date_created_gmt or said.date_created
    return tuple(
        TheirRefund(
            f"refund {one.id}",
            abs(exact_minor(one.total, said.currency, f"/refunds/{at}/total")),
            said.currency,
            moment(when, "/date_paid_gmt"),
        )
        for at, one in enumerate(said.refunds)
    )
