"""What another shop system says of one of its orders, in the house's own words."""

import base64
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from wms.error import Refused
from wms.orders.order import NewOrder, NewPayment

# How much of a title is said again where its line is refused.
TITLE_SHOWN = 100


class Kind(StrEnum):
    """Shop systems whose webhooks are understood."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


class DeliveryState(StrEnum):
    """A message waits until it can be carried out; it is done, or refused until somebody helps."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TheirLine:
    """A line as they number it; `ships` is what they say, `at` its place in their list."""

    at: int
    sku: str
    title: str
    ships: bool


@dataclass(frozen=True, slots=True)
class TheirRefund:
    """Money that went back, and how many of which SKU will not be wanted any more."""

    reference: str
    amount_minor: int
    currency: str
    at: datetime
    dropped: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """One message about one order.

    `order` is None where it was about a part only, and a Refused where it cannot be placed;
    `lines` stand beside its lines, `ordered` is how many of which SKU they have, whatever of it
    has been shipped. `over` says why there is nothing for us to ship, `cancelled` why they
    cancelled it, `restored` that it stands again; where a cancellation is `revocable`, a newer
    message that is none says so too. `updated_at` is theirs.
    """

    their_id: str
    updated_at: datetime | None = None
    order: NewOrder | Refused | None = None
    lines: tuple[TheirLine, ...] = ()
    sandbox: bool = False
    payments: tuple[NewPayment, ...] = ()
    refunds: tuple[TheirRefund, ...] = ()
    cancelled: str | None = None
    over: str | None = None
    ordered: tuple[tuple[str, int], ...] = ()
    restored: bool = False
    revocable: bool = False


@dataclass(frozen=True, slots=True)
class Indexes:
    """By which it is seen whether they changed something; None where they said nothing of it."""

    address: bytes | None = None
    contact: bytes | None = None
    lines: bytes | None = None
    words: bytes | None = None


def signature(secret: str, body: bytes) -> str:
    """How both systems sign a body.

    Source: Shopify, `X-Shopify-Hmac-Sha256`; WooCommerce, `X-WC-Webhook-Signature`: HMAC-SHA256 in
    base64.
    """
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def is_signed(secret: str, body: bytes, said: str) -> bool:
    """Whether this signature was made with the secret, told in the same time either way."""
    return hmac.compare_digest(signature(secret, body).encode(), said.strip().encode())


def shipped_here(
    order: NewOrder, lines: Sequence[TheirLine], digital: Collection[str]
) -> tuple[NewOrder, tuple[TheirLine, ...]] | None:
    """The order without the lines that nobody ships, unless they are digital goods of ours.

    Their lines stand beside those that are left; None where none is.
    """
    kept = [
        (line, theirs)
        for line, theirs in zip(order.lines, lines, strict=True)
        if theirs.ships or theirs.sku in digital
    ]
    if not kept:
        return None
    return replace(order, lines=tuple(line for line, _ in kept)), tuple(one for _, one in kept)


def told_by_title(refusal: Refused, lines: Sequence[TheirLine]) -> Refused:
    """A refusal that points at a line of ours, pointing at theirs and naming it."""
    parts = (refusal.pointer or "").split("/")
    if len(parts) < 3 or parts[1] != "lines" or not parts[2].isdecimal():
        return refusal
    if int(parts[2]) >= len(lines):
        return refusal
    line = lines[int(parts[2])]
    rest = "".join(f"/{part}" for part in parts[3:])
    detail = f"{line.title[:TITLE_SHOWN]}: {refusal.detail}"
    return Refused(refusal.code, detail, f"/line_items/{line.at}{rest}")
