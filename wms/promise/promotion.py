"""A shop's promotion: what it offers cheaper or louder, and when. Forecasts read it as a driver."""

from dataclasses import dataclass
from datetime import datetime

from wms.error import Refused

ITEMS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class PromotedItem:
    """An item on offer, and its price where the promotion has one of its own."""

    sku: str
    price_minor: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What is offered from one moment to another; without items it is for all the shop has.

    Raises:
        Refused: `bad_period`, it ends before it starts; `doubled_item`.
    """

    code: str
    name: str
    starts_at: datetime
    ends_at: datetime
    items: tuple[PromotedItem, ...] = ()

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise Refused("bad_period", "A promotion ends after it starts.", "/ends_at")
        seen: set[str] = set()
        for number, item in enumerate(self.items):
            if item.sku in seen:
                raise Refused("doubled_item", f"{item.sku} is in it twice.", f"/items/{number}/sku")
            seen.add(item.sku)
