"""From when on the goods of a line may be packed: they are here, coming, sold ahead, or made."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from wms.promise.position import Position
from wms.quote.calendar import OpenDays
from wms.quote.estimate import GRACE, moment


class Supply(StrEnum):
    """Where the goods of a line come from."""

    STOCK = "stock"
    COMING = "supply"
    PRESALE = "presale"
    MADE_TO_ORDER = "made_to_order"
    MAIL = "mail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Ware:
    """An item as a quote needs to know it."""

    item_id: int
    available_from: datetime | None = None
    made_to_order_days: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """From when on goods may be packed; `at` is None where they cannot be had at all."""

    supply: Supply
    at: datetime | None


def ready_of(
    ware: Ware,
    quantity: int,
    position: Position | None,
    made_days: OpenDays,
    here: ZoneInfo,
    now: datetime,
) -> Ready:
    """The earliest honest moment for so much of an item in a warehouse.

    Goods sold ahead are not packed before their day, even where they are here. What is made to
    order is made in days on which the house works, from the day after.
    """
    found = _from_hand(quantity, position, now)
    if found.at is None and ware.made_to_order_days:
        # Whoever is told a day just before midnight still gets it just after.
        begun = made_at(ware.made_to_order_days, made_days, here, now + GRACE)
        found = Ready(Supply.MADE_TO_ORDER, begun)
    if found.at is None:
        return found
    if ware.available_from is not None and ware.available_from > max(found.at, now):
        return Ready(Supply.PRESALE, ware.available_from)
    if ware.available_from is not None and ware.available_from > now:
        return Ready(Supply.PRESALE, found.at)
    return found


def _from_hand(quantity: int, position: Position | None, now: datetime) -> Ready:
    """From the stock, or wholly from what is coming, after those who wait for it already."""
    if position is None:
        return Ready(Supply.NONE, None)
    if position.available >= quantity:
        return Ready(Supply.STOCK, now)
    waiting, so_far = position.backordered, 0
    for coming in position.coming:
        so_far += coming.quantity
        if so_far - waiting >= quantity:
            return Ready(Supply.COMING, max(coming.expected_at, now))
    return Ready(Supply.NONE, None)


def made_at(days: int, made_days: OpenDays, here: ZoneInfo, now: datetime) -> datetime:
    """The start of the day by which something is made that is begun on the next open one."""
    day = made_days.after(now.astimezone(here).date(), days)
    return moment(day, time(), here)
