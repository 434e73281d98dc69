"""An order as a shop gives it, checked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from wms.database.seal import Personal
from wms.error import Refused

TOTAL_MINOR_MAX = 10**15


class Fulfilment(StrEnum):
    """What a shop wishes where not all of an order is there.

    All now or nothing; what is there now and the rest as it comes; or all together, when it is.
    """

    FILL_OR_KILL = "fill_or_kill"
    FILL_AVAILABLE = "fill_available"
    SHIP_TOGETHER = "ship_together"


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it was written: a whole number or a decimal, in a packaging or the item's unit."""

    sku: str
    quantity: int | str
    unit_price_minor: int
    unit: str = ""
    shelf_life_min_days: int = 0
    gift_message: str | None = None

    def price_minor(self) -> int:
        """What the line costs: quantity × unit price, rounded half up."""
        price = Decimal(self.quantity) * self.unit_price_minor
        return int(price.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a shop ordered; `customer` is empty for a guest, money is in minor units.

    With `backorder` goods that are on their way will do. `fulfilment` is what the shop wishes where
    not all is there, `language` that of the buyer's news. `delivery_option` is one of the quote.
    `said_total_minor` is what the shop says that it all comes to, where it says so; `buyer_class`
    is its own word for a kind of buyers, `admission_id` the buyer's ticket of a sale's queue.
    `buyer_note` is what the buyer wrote for whoever packs it.
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
    fulfilment: Fulfilment = Fulfilment.SHIP_TOGETHER
    language: str = "en"
    quote_id: int | None = None
    delivery_option: str | None = None
    said_total_minor: int | None = None
    buyer_class: str = ""
    admission_id: int | None = None
    gift_message: str | None = None
    buyer_note: str | None = None

    def __post_init__(self) -> None:
        """Whoever the buyer is goes nowhere unsealed."""
        object.__setattr__(self, "customer", Personal(self.customer))
        object.__setattr__(self, "ship_to", Personal(self.ship_to))

    def refuse_contradiction(self) -> None:
        """Stops an order that shall be all there and may be on its way.

        Raises:
            Refused: `contradictory_wish`.
        """
        if self.backorder and self.fulfilment is Fulfilment.FILL_OR_KILL:
            raise Refused(
                "contradictory_wish", "What is filled or killed does not wait.", "/backorder"
            )

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
    """What the shop's payment gateway said; `country` is that of whoever paid, or empty."""

    state: str
    amount_minor: int
    currency: str
    reference: str
    at: datetime
    country: str = ""
