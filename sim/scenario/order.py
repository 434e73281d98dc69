"""The bodies that the shop posts: every invoice as it is, and a few of them once more, put right.

What is no order is posted all the same, for a real shop's connector would; the service has to
refuse it. An invoice that mixes goods with postage or other charges is posted as it stands and
afterwards in the form that is an order: goods only, all the charges as `shipping`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sim.scenario.address import make_address, make_customer
from sim.scenario.invoice import Invoice, Kind

CURRENCY = "GBP"


@dataclass(frozen=True, slots=True)
class Posting:
    """One body to post; `why` names what is wrong with it, or what is odd and yet right."""

    clean: bool
    why: str
    body: dict[str, object]


def make_postings(invoices: Iterable[Invoice], seed: int) -> Iterator[Posting]:
    """Give the bodies in order of time; a corrected one follows the one it corrects."""
    for invoice in invoices:
        if invoice.kind is Kind.ORDER:
            yield Posting(True, ",".join(_oddities(invoice)), _body(invoice, seed))
            continue
        yield Posting(False, invoice.kind, _body(invoice, seed))
        if invoice.kind is Kind.CHARGE_LINES:
            goods = invoice.goods_only()
            why = ",".join(["corrected", *_oddities(goods)])
            yield Posting(True, why, _body(goods, seed, max(invoice.charges_minor, 0)))


def count_demand(postings: Iterable[Posting]) -> Counter[str]:
    """Add up what the clean orders ask for of each SKU."""
    demand: Counter[str] = Counter()
    for posting in postings:
        if posting.clean:
            for sku, quantity in body_units(posting.body):
                demand[sku.upper()] += quantity
    return demand


def body_units(body: dict[str, object]) -> Iterator[tuple[str, int]]:
    """Give SKU and quantity of each line of a body."""
    lines = body["lines"]
    assert isinstance(lines, list)
    return ((str(line["sku"]), int(line["quantity"])) for line in lines)


def body_total_minor(body: dict[str, object]) -> int:
    """Add up what a body costs, shipping included."""
    lines = body["lines"]
    assert isinstance(lines, list)
    shipping = body.get("shipping") or {"amount_minor": 0}
    assert isinstance(shipping, dict)
    goods = sum(int(line["quantity"]) * int(line["unit_price"]["amount_minor"]) for line in lines)
    return goods + int(shipping["amount_minor"])


def _oddities(invoice: Invoice) -> Iterator[str]:
    codes = Counter(line.sku for line in invoice.lines)
    if not invoice.customer:
        yield "guest"
    if any(line.price_minor == 0 for line in invoice.lines):
        yield "gift"
    if max(codes.values()) > 1:
        yield "same_code_twice"
    if any(line.code != line.sku for line in invoice.lines):
        yield "lower_case"


def _money(amount_minor: int) -> dict[str, object]:
    return {"amount_minor": amount_minor, "currency": CURRENCY}


def _body(invoice: Invoice, seed: int, shipping_minor: int | None = None) -> dict[str, object]:
    # An invoice knows its minute only; its number spreads the orders of a minute over it.
    placed_at = invoice.at + timedelta(seconds=int(invoice.number[-2:]) % 60)
    body: dict[str, object] = {
        "external_order_id": invoice.number,
        "placed_at": placed_at.isoformat(),
        "currency": CURRENCY,
        "customer": make_customer(invoice, seed),
        "ship_to": make_address(invoice, seed),
        "service": "standard",
        "lines": [
            {
                "sku": line.code,
                "quantity": line.quantity,
                "unit_price": _money(line.price_minor),
            }
            for line in invoice.lines
        ],
        "buyer_note": None,
    }
    if shipping_minor is not None:
        body["shipping"] = _money(shipping_minor)
    return body
