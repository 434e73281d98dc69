"""A sale with rules of its own: how much a buyer gets, who comes first, whether there is a queue.

A class of buyers has a bounded head start: a share of each item for the sale's first minutes. All
shares together are at most a fifth, so four of five pieces go by arrival alone from the start.
"""

from dataclasses import dataclass
from datetime import datetime

from wms.error import Refused
from wms.items.unit import QUANTITY_MAX

ITEMS_MAX = 500
SHARES_PERCENT_MAX = 20
MINUTES_MAX = 60
TICKET_S_MIN, TICKET_S_MAX = 10, 3_600
PER_MINUTE_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class SaleItem:
    """An item of a sale; `quantity` is how many smallest units of it are meant for the sale."""

    sku: str
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What a class of buyers has to itself of each item, for the sale's first minutes."""

    buyer_class: str
    share_percent: int
    minutes: int

    def of(self, quantity: int) -> int:
        """The pieces of an item that are kept, rounded down."""
        return quantity * self.share_percent // 100


@dataclass(frozen=True, slots=True)
class Queue:
    """How many are let in a minute at most, and how long somebody who was has to order."""

    per_minute: int | None = None
    ticket_s: int = 300


@dataclass(frozen=True, slots=True)
class Sale:
    """While it runs, its rules hold for orders with its items; limits are in smallest units.

    Raises:
        Refused: `bad_period`, `no_items`, `too_many_items`, `doubled_item`, `bad_quantity`,
            `doubled_class`, `share_too_large`, `quantity_needed`, `one_item`, `queue_and_classes`.
    """

    code: str
    starts_at: datetime
    ends_at: datetime
    items: tuple[SaleItem, ...]
    limit_per_buyer: int | None = None
    classes: tuple[Share, ...] = ()
    queue: Queue | None = None

    def __post_init__(self) -> None:
        if self.starts_at >= self.ends_at:
            raise Refused("bad_period", "A sale ends after it has begun.", "/ends_at")
        if self.limit_per_buyer is not None and not 0 < self.limit_per_buyer <= QUANTITY_MAX:
            raise Refused("bad_quantity", "A limit is 1 or more.", "/limit_per_buyer")
        self._check_items()
        self._check_classes()
        if self.queue is None:
            return
        if len(self.items) > 1:
            raise Refused("one_item", "A queue is for one item: make a sale of each.", "/items")
        if self.classes:
            raise Refused(
                "queue_and_classes", "A queue goes by arrival alone, without classes.", "/classes"
            )

    def _check_items(self) -> None:
        if not self.items:
            raise Refused("no_items", "A sale is of something.", "/items")
        if len(self.items) > ITEMS_MAX:
            raise Refused("too_many_items", f"At most {ITEMS_MAX} items.", "/items")
        seen: set[str] = set()
        for at, item in enumerate(self.items):
            if item.sku in seen:
                raise Refused("doubled_item", f"{item.sku} is there twice.", f"/items/{at}/sku")
            seen.add(item.sku)
            if item.quantity is not None and not 0 < item.quantity <= QUANTITY_MAX:
                raise Refused("bad_quantity", "A quantity is 1 or more.", f"/items/{at}/quantity")

    def _check_classes(self) -> None:
        if not self.classes:
            return
        names = [share.buyer_class for share in self.classes]
        if len(set(names)) < len(names):
            raise Refused("doubled_class", "A class has one share.", "/classes")
        if sum(share.share_percent for share in self.classes) > SHARES_PERCENT_MAX:
            raise Refused(
                "share_too_large",
                f"All classes together have at most {SHARES_PERCENT_MAX} % to themselves.",
                "/classes",
            )
        for at, item in enumerate(self.items):
            if item.quantity is None:
                raise Refused(
                    "quantity_needed", "A share is of a quantity: say it.", f"/items/{at}/quantity"
                )
