"""What an item usually sells at, and in what quantity."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# What few lines of late say of an item is no custom yet.
LINES_LEAST = 5


@dataclass(frozen=True, slots=True)
class Median:
    """What lines of late come to: minor units a whole unit, smallest units a line, how many."""

    price_minor: int
    quantity: int
    lines: int


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of an item; prices are in minor units a whole unit of it.

    medians: by currency. offers: what the shop's promotions have it for, with the currency.
    """

    list_price_minor: int | None = None
    medians: Mapping[str, Median] = field(default_factory=dict)
    offers: tuple[tuple[str, int], ...] = ()

    def price_minor(self, currency: str) -> int | None:
        """The least that is usual: of promotions, and of lines of late or else of the list.

        A list price has no currency: it counts unless the item sells in others only.
        """
        prices = [price for of, price in self.offers if of == currency]
        median = self.medians.get(currency)
        if median is not None and median.lines >= LINES_LEAST:
            prices.append(median.price_minor)
        elif self.list_price_minor is not None and (median is not None or not self.medians):
            prices.append(self.list_price_minor)
        return min(prices, default=None)

    def quantity(self) -> int | None:
        """The usual quantity of a line, in the currency that it sells most in."""
        most = max(self.medians.values(), key=lambda median: median.lines, default=None)
        return None if most is None or most.lines < LINES_LEAST else most.quantity


NOTHING_USUAL = Usual()
