"""A way to a buyer that the house offers: where to, until when, for how much, how long it takes."""

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from wms.error import Refused
from wms.quote.calendar import WORKING_DAYS

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
SERVICE = re.compile(r"[a-z_]{1,40}")
COUNTRY = re.compile(r"[A-Z]{2}")
NAME_MAX = 100
LIST_MAX = 1_000
TRANSIT_DAYS_MAX = 90
PACKING_MINUTES_MAX = 14 * 24 * 60
FEE_MAX = 10**12


class Kind(StrEnum):
    """How goods come to their buyer."""

    STANDARD = "standard"
    EXPRESS = "express"
    NIGHT = "night"
    PICKUP_POINT = "pickup_point"
    LOCKER = "locker"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """What staff enter of an option; times of day are by the clocks of the warehouse.

    An order that is in by `cut_off` goes with the pickup that follows it, at `pickup_time`, which
    is on the next day where it is the earlier of the two. Days are those of ISO 8601, 1 to 7.
    Transit is in days on which the carrier delivers; of ten parcels about one takes at most
    `transit_days_low` and nine at most `transit_days_high`. Packing takes `packing_minutes` for
    half of the orders, and `packing_minutes_high` for nine of ten. With `works_holidays` it runs
    on holidays too. Without countries it goes everywhere.

    Raises:
        Refused: `bad_option`, naming the field.
    """

    code: str
    name: str
    kind: Kind
    cut_off: time
    pickup_time: time
    transit_days_low: int
    transit_days_high: int
    fee_minor: int
    currency: str
    service: str = "standard"
    carrier: str | None = None
    countries: tuple[str, ...] = ()
    postal_prefixes: tuple[str, ...] = ()
    pickup_days: frozenset[int] = WORKING_DAYS
    delivery_days: frozenset[int] = WORKING_DAYS
    packing_minutes: int = 30
    packing_minutes_high: int = 120
    works_holidays: bool = False
    active: bool = True

    def __post_init__(self) -> None:
        self._check(CODE.fullmatch(self.code) is not None, "code", "1 to 40 of a-z 0-9 _ -")
        self._check(0 < len(self.name.strip()) <= NAME_MAX, "name", f"1 to {NAME_MAX} characters")
        self._check(SERVICE.fullmatch(self.service) is not None, "service", "a word of a-z _")
        self._check(re.fullmatch(r"[A-Z]{3}", self.currency) is not None, "currency", "as EUR")
        self._check(0 <= self.fee_minor <= FEE_MAX, "fee", "a price")
        for name in ("pickup_days", "delivery_days"):
            days: frozenset[int] = getattr(self, name)
            self._check(bool(days) and days <= set(range(1, 8)), name, "some days from 1 to 7")
        low, high = self.transit_days_low, self.transit_days_high
        self._check(0 <= low <= high <= TRANSIT_DAYS_MAX, "transit_days_high", "no less than low")
        half, most = self.packing_minutes, self.packing_minutes_high
        self._check(
            0 <= half <= most <= PACKING_MINUTES_MAX, "packing_minutes_high", "no less than half's"
        )
        for name in ("countries", "postal_prefixes"):
            self._check(len(getattr(self, name)) <= LIST_MAX, name, f"at most {LIST_MAX}")
        self._check(all(COUNTRY.fullmatch(one) for one in self.countries), "countries", "as DE")
        self._check(
            all(plain_postal(one) for one in self.postal_prefixes), "postal_prefixes", "not empty"
        )
        self._check(
            self.cut_off.tzinfo is None and self.pickup_time.tzinfo is None, "cut_off", "local"
        )

    def _check(self, good: bool, field: str, is_: str) -> None:
        if not good:
            raise Refused("bad_option", f"{field}: {is_}.", f"/{field}")

    def serves(self, country: str, postal_code: str) -> bool:
        """Whether it goes there; without a postal code, whether it goes anywhere in the country."""
        if self.countries and country not in self.countries:
            return False
        code = plain_postal(postal_code)
        if not self.postal_prefixes or not code:
            return True
        return any(code.startswith(plain_postal(prefix)) for prefix in self.postal_prefixes)


def plain_postal(code: str) -> str:
    """A postal code as it is compared: upper case, nothing but letters and digits."""
    return "".join(letter for letter in code.upper() if letter.isalnum())
