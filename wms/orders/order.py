"""An order as a shop gives it, checked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from wms.error import Refused

TOTAL_MINOR_MAX = 10**15


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it was written: a whole number or a decimal, in a packaging or the item's unit."""

    sku: str
    quantity: int | str
    unit_price_minor: int
    unit: str = ""
    shelf_life_min_days: int = 0

    def price_minor(self) -> int:
        """What the line costs: quantity × unit price, rounded half up."""
        price = Decimal(self.quantity) * self.unit_price_minor
        return int(price.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a shop ordered; `customer` is empty for a guest, money is in minor units.

    With `backorder` goods that are on their way will do.
    """

    external_order_id: str
    placed_at: datetime
    currency: str
    customer: dict[str, object]
    ship_to: dict[str, object]
    service: str
    lines: tuple[NewLine, ...]
    total_minor: int
    body_hash: bytes
    backorder: bool = False

    def refuse_huge_total(self) -> None:
        """Stops an order that no one can pay.

        Raises:
            Refused: `amount_too_large`.
        """
        if self.total_minor > TOTAL_MINOR_MAX:
            raise Refused(
                "amount_too_large", f"An order comes to at most {TOTAL_MINOR_MAX}.", "/lines"
            )


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What the shop's payment gateway said."""

    state: str
    amount_minor: int
    currency: str
    reference: str
    at: datetime
