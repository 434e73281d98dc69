"""An order as a shop gives it, checked."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewLine:
    sku: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a shop ordered; `customer` is empty for a guest, money is in minor units."""

    external_order_id: str
    placed_at: datetime
    currency: str
    customer: dict[str, object]
    ship_to: dict[str, object]
    service: str
    lines: tuple[NewLine, ...]
    total_minor: int
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What the shop's payment gateway said."""

    state: str
    amount_minor: int
    currency: str
    reference: str
    at: datetime
