"""What a line of an order still needs from the shelves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """So many smallest units of an item, which may be used for at least so many days more.

    Among several wants of one item the longest time counts for all.
    """

    fulfilment_line_id: int
    item_id: int
    quantity: int
    days_left_min: int = 0
