"""Gifts and inserts: what a shop adds to orders by rule, as stocked lines that cost nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wms.error import Refused

CONDITION_ITEMS_MAX = 100


class InsertKind(StrEnum):
    """A gift is meant for the buyer to keep, an insert is a leaflet, a card or a sample."""

    GIFT = "gift"
    INSERT = "insert"


class Attribute(StrEnum):
    """What an order may have to hold one of, by the flags of its items."""

    FRAGILE = "fragile"
    LIQUID = "liquid"
    ELECTRONIC = "electronic"
    AGE_RESTRICTED = "age_restricted"
    DANGEROUS = "dangerous"
    NEEDS_APPROVAL = "needs_approval"


@dataclass(frozen=True, slots=True)
class InsertRule:
    """Which orders get what; a condition that is None or empty asks nothing.

    `total_minor_min` is of the goods, without postage. `first_order` and `once_per_buyer` are for
    buyers that can be told apart, so a guest without mail and reference gets nothing by them.
    `starts_at` to `ends_at` is when the order comes in.

    Raises:
        Refused: `bad_period`, `too_many_items`.
    """

    code: str
    kind: InsertKind
    sku: str
    quantity: int | str
    total_minor_min: int | None = None
    currency: str | None = None
    skus: tuple[str, ...] = ()
    attribute: Attribute | None = None
    first_order: bool = False
    once_per_buyer: bool = False
    countries: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    active: bool = True

    def __post_init__(self) -> None:
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise Refused("bad_period", "A rule ends after it has begun.", "/ends_at")
        if len(self.skus) > CONDITION_ITEMS_MAX:
            raise Refused("too_many_items", f"At most {CONDITION_ITEMS_MAX} items.", "/skus")
