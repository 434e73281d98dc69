"""A quote: what a buyer is told of each way to them, with all that it is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wms.error import Refused
from wms.outbox.command import body_hash
from wms.quote.availability import Ready, Supply
from wms.quote.calendar import OpenDays, knows_holidays
from wms.quote.estimate import (
    GRACE,
    Ends,
    Estimate,
    Leaving,
    estimate,
    leaving,
    moment,
    valid_until,
)
from wms.quote.option import DeliveryOption, plain_postal
from wms.quote.spread import Spread
from wms.quote.zone import Zone


@dataclass(frozen=True, slots=True)
class House:
    """The warehouse that an option starts from: its clocks and whose holidays it keeps."""

    warehouse_id: int
    code: str
    time_zone: str
    country: str
    subdivision: str

    @property
    def here(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def days(self, weekdays: frozenset[int], *, works_holidays: bool = False) -> OpenDays:
        """The days of the house on these weekdays."""
        if works_holidays:
            return OpenDays(weekdays)
        return OpenDays(weekdays, self.country, self.subdivision)


@dataclass(frozen=True, slots=True)
class Offer:
    """An option of a warehouse as it was entered."""

    house: House
    option: DeliveryOption
    carrier_id: int | None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where goods would go, as far as a date has to know it."""

    country: str
    postal_code: str
    region: str
    zone: Zone


def ends_of(offer: Offer, there: Destination) -> Ends:
    """The calendars of both ends of an option."""
    option, works = offer.option, offer.option.works_holidays
    delivery = (
        OpenDays(option.delivery_days)
        if works
        else OpenDays(option.delivery_days, there.country, there.region)
    )
    pickup = offer.house.days(option.pickup_days, works_holidays=works)
    return Ends(offer.house.here, pickup, there.zone.info, delivery)


@dataclass(frozen=True, slots=True)
class Shipment:
    """What leaves a warehouse as one, by an option: lines as they are said, and when they may."""

    offer: Offer
    lines: tuple[dict[str, object], ...]
    ready: tuple[Ready, ...]
    packing: Spread
    late: Spread
    transit: Spread

    @property
    def ready_at(self) -> datetime:
        """From when on all of it may be packed."""
        return max(one.at for one in self.ready if one.at is not None)


def offered(
    there: Destination,
    lines: Sequence[dict[str, object]],
    shipments: Sequence[Shipment],
    now: datetime,
    lasts: timedelta,
    *,
    together: bool,
) -> dict[str, object]:
    """What is said of an option that ships these shipments, the nearest first.

    It is named and costs as that one's. Dates are those by which all of it is there. `together`: no
    shipment goes before the others may.
    """
    last_at = max(shipment.ready_at for shipment in shipments)
    dated: list[tuple[Estimate, dict[str, object]]] = []
    until: list[datetime] = []
    for shipment in shipments:
        start_at = max(now, last_at if together else shipment.ready_at)
        found, said = _dated(shipment, there, start_at)
        dated.append((found, said))
        until.append(_until(shipment, found, now, lasts))
    _, last = max(dated, key=lambda row: (row[0].latest, row[0].likely))
    estimates = [found for found, _ in dated]
    dates = (
        max(one.earliest for one in estimates),
        max(one.likely for one in estimates),
        max(one.latest for one in estimates),
    )
    return named(shipments[0].offer, lines) | {
        "available": True,
        "delivery": _delivery(there, *dates),
        "parts": last["parts"],
        "shipments": [said for _, said in dated],
        "valid_until": min(until).isoformat(),
    }


def _dated(
    shipment: Shipment, there: Destination, start_at: datetime
) -> tuple[Estimate, dict[str, object]]:
    offer = shipment.offer
    found = estimate(
        offer.option,
        ends_of(offer, there),
        start_at,
        shipment.packing,
        shipment.transit,
        shipment.late,
    )
    return found, {
        "warehouse": offer.house.code,
        "lines": list(shipment.lines),
        "delivery": _delivery(there, found.earliest, found.likely, found.latest),
        "parts": _parts(offer, there, found),
    }


def named(offer: Offer, lines: Sequence[dict[str, object]]) -> dict[str, object]:
    """What is said of an option before it has any dates."""
    option = offer.option
    return {
        "code": option.code,
        "name": option.name,
        "kind": option.kind.value,
        "service": option.service,
        "carrier": option.carrier,
        "warehouse": offer.house.code,
        "fee": {"amount_minor": option.fee_minor, "currency": option.currency},
        "lines": list(lines),
        "available": False,
        "why_not": None,
        "delivery": None,
        "parts": None,
        "shipments": [],
        "valid_until": None,
    }


def _until(shipment: Shipment, found: Estimate, now: datetime, lasts: timedelta) -> datetime:
    """Until when these dates hold; what is made is begun a day later after midnight."""
    until = valid_until(found, now, lasts)
    if all(one.supply is not Supply.MADE_TO_ORDER for one in shipment.ready):
        return until
    here = shipment.offer.house.here
    today = (now + GRACE).astimezone(here).date()
    return min(until, moment(today + timedelta(days=1), time(), here) - timedelta(seconds=1))


def _delivery(there: Destination, earliest: date, likely: date, latest: date) -> dict[str, object]:
    return {
        "earliest": earliest.isoformat(),
        "likely": likely.isoformat(),
        "latest": latest.isoformat(),
        "likely_share": 0.5,
        "latest_share": 0.9,
        "time_zone": there.zone.name,
        "time_zone_source": there.zone.source,
    }


def _parts(offer: Offer, there: Destination, found: Estimate) -> dict[str, object]:
    house = offer.house
    return {
        "packing": {
            "from_at": said_at(found.start_at),
            "until_likely": said_at(found.likely_leaving.packed_at),
            "until_latest": said_at(found.latest_leaving.packed_at),
        }
        | _spread(found.packing, "minutes"),
        "pickup": {
            "cut_off": offer.option.cut_off.isoformat(),
            "time_zone": house.time_zone,
            "likely": _leaving(found.likely_leaving),
            "latest": _leaving(found.latest_leaving),
            "late": _spread(found.late, "days"),
            "holidays": _whose(house.country, house.subdivision, offer),
        },
        "transit": _spread(found.transit, "days")
        | {"holidays": _whose(there.country, there.region, offer)},
    }


def _leaving(one: Leaving) -> dict[str, object]:
    return {
        "cut_off_at": said_at(one.cut_off_at),
        "pickup_at": said_at(one.pickup_at),
    }


def _spread(spread: Spread, unit: str) -> dict[str, object]:
    return {
        f"{unit}_p10": spread.low,
        f"{unit}_p50": spread.half,
        f"{unit}_p90": spread.high,
        "source": spread.source,
        "seen": spread.seen,
    }


def _whose(country: str, part: str, offer: Offer) -> str | None:
    """Whose holidays were kept, where any are known: `DE-BY`, `US`; None where none were."""
    if offer.option.works_holidays or not knows_holidays(country):
        return None
    return f"{country}-{part}" if part and knows_holidays(country, part) else country


def said_at(at: datetime | None) -> str | None:
    """A moment in RFC 3339, or nothing."""
    return None if at is None else at.isoformat()


def next_pickup(offer: Offer, now: datetime) -> Leaving:
    """The pickup that an order which comes in now would catch, if it were packed at once."""
    days = offer.house.days(offer.option.pickup_days, works_holidays=offer.option.works_holidays)
    ends = Ends(offer.house.here, days, offer.house.here, days)
    return leaving(offer.option, ends, now, timedelta())


def hash_of_lines(lines: Iterable[tuple[int, int]]) -> bytes:
    """A hash of items and quantities that minds neither order nor unit nor how often one comes."""
    sums: dict[int, int] = {}
    for item_id, quantity in lines:
        sums[item_id] = sums.get(item_id, 0) + quantity
    return body_hash(sorted(sums.items()))


def check_quote(
    row: dict[str, object] | None,
    quote_id: int,
    option_code: str,
    lines_hash: bytes,
    country: str,
    postal_code: str,
    fulfilment: str,
    now: datetime,
) -> dict[str, object]:
    """The option of a quote that an order was placed with, as it was told.

    Raises:
        Refused: `unknown_quote`, `unknown_option`, `quote_expired`, `quote_differs`, each pointing
            at the order's field.
    """
    if row is None:
        raise Refused("unknown_quote", f"This shop has no quote {quote_id}.", "/quote_id")
    answer = row["answer"]
    assert isinstance(answer, dict)
    options = {str(one["code"]): one for one in answer["options"]}
    option = options.get(option_code)
    if option is None or option["valid_until"] is None:
        raise Refused(
            "unknown_option",
            f"Quote {quote_id} gave no dates for {option_code!r}.",
            "/delivery_option",
        )
    until = datetime.fromisoformat(str(option["valid_until"]))
    if now > until:
        raise Refused(
            "quote_expired",
            f"Quote {quote_id} was good until {until.isoformat()}. Ask for another.",
            "/quote_id",
        )
    if row["lines_hash"] != lines_hash:
        raise Refused("quote_differs", f"Quote {quote_id} is for other lines.", "/lines")
    same = plain_postal(str(row["postal_code"])) in ("", plain_postal(postal_code))
    if row["country"] != country or not same:
        raise Refused("quote_differs", f"Quote {quote_id} is for another address.", "/ship_to")
    if answer["fulfilment"] != fulfilment:
        raise Refused(
            "quote_differs", f"Quote {quote_id} is for {answer['fulfilment']}.", "/fulfilment"
        )
    return dict(option) | {"region": answer["region"]}
