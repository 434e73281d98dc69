"""The dates of a delivery: packed, picked up, on its way, there; none of them on a closed day.

Whoever asks later never gets an earlier date for the same goods: every step begins no earlier.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wms.quote.calendar import SEARCH_DAYS, OpenDays
from wms.quote.option import DeliveryOption
from wms.quote.spread import PUNCTUAL, Spread

# An order that is told a date just before the cut-off is given this long to come in.
GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ends:
    """The calendars and clocks of both ends: days of pickup here, and of delivery there."""

    here: ZoneInfo
    pickup_days: OpenDays
    there: ZoneInfo
    delivery_days: OpenDays


@dataclass(frozen=True, slots=True)
class Leaving:
    """The pickup that goods catch: the order's cut-off for it, and when they are packed."""

    cut_off_at: datetime
    packed_at: datetime
    pickup_at: datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """When goods are there, as days there, and what that is made of; moments in UTC.

    Of ten deliveries about one comes by `earliest`, five by `likely` and nine by `latest`. `late`
    is by how many days of pickup the carrier comes after the pickup that was due.
    """

    start_at: datetime
    likely_leaving: Leaving
    latest_leaving: Leaving
    packing: Spread
    late: Spread
    transit: Spread
    earliest: date
    likely: date
    latest: date


def estimate(
    option: DeliveryOption,
    ends: Ends,
    start_at: datetime,
    packing: Spread,
    transit: Spread,
    late: Spread = PUNCTUAL,
) -> Estimate:
    """The dates of goods that may be packed from `start_at` on; packing in minutes."""
    likely = leaving(option, ends, start_at, timedelta(minutes=packing.half))
    latest = leaving(option, ends, start_at, timedelta(minutes=packing.high))
    return Estimate(
        start_at,
        likely,
        latest,
        packing,
        late,
        transit,
        arrival(ends, _collected(option, ends, likely, late.low), transit.low),
        arrival(ends, _collected(option, ends, likely, late.half), transit.half),
        arrival(ends, _collected(option, ends, latest, late.high), transit.high),
    )


def leaving(option: DeliveryOption, ends: Ends, start_at: datetime, packing: timedelta) -> Leaving:
    """The first pickup whose cut-off is not past and which the packed goods still catch."""
    packed_at = start_at + packing
    first = packed_at.astimezone(ends.here).date()
    for ahead in range(SEARCH_DAYS):
        day = first + timedelta(days=ahead)
        if not ends.pickup_days.is_open(day):
            continue
        pickup_at = moment(day, option.pickup_time, ends.here)
        cut_off_day = day if option.cut_off <= option.pickup_time else day - timedelta(days=1)
        cut_off_at = moment(cut_off_day, option.cut_off, ends.here)
        if start_at <= cut_off_at and packed_at <= pickup_at:
            return Leaving(cut_off_at, packed_at, pickup_at)
    raise AssertionError(f"{option.code}: no pickup within {SEARCH_DAYS} days of {start_at}")


def _collected(option: DeliveryOption, ends: Ends, due: Leaving, late_days: int) -> datetime:
    """When the carrier really comes, so many days of pickup after it was due."""
    if not late_days:
        return due.pickup_at
    day = ends.pickup_days.after(due.pickup_at.astimezone(ends.here).date(), late_days)
    return moment(day, option.pickup_time, ends.here)


def days_late(
    option: DeliveryOption, ends: Ends, start_at: datetime, packed_at: datetime, taken_at: datetime
) -> int:
    """By how many days of pickup the carrier took a parcel after the pickup that it was due for."""
    due = leaving(option, ends, start_at, max(packed_at - start_at, timedelta())).pickup_at
    days = (at.astimezone(ends.here).date() for at in (due, taken_at))
    return ends.pickup_days.between(*days)


def arrival(ends: Ends, pickup_at: datetime, transit_days: int) -> date:
    """The day there on which a parcel comes that is so many days of delivery on its way."""
    return ends.delivery_days.after(pickup_at.astimezone(ends.there).date(), transit_days)


def moment(day: date, of_day: time, zone: ZoneInfo) -> datetime:
    """A time of day as a moment in UTC; one that the clocks leap over is as long after the leap."""
    return datetime.combine(day, of_day, zone).astimezone(UTC)


def valid_until(found: Estimate, now: datetime, lasts: timedelta) -> datetime:
    """Until when an order that comes in still gets these dates."""
    return min(now + lasts, max(found.likely_leaving.cut_off_at, now + GRACE))
