"""What a replenishment run reads: the house's demand as histories, and what plans are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np
from numpy.typing import NDArray

from forecasting.calendar import HOLIDAY, holiday_driver
from forecasting.history import Frequency, History
from wms.bins import queries as bins
from wms.error import Refused
from wms.replenishment import queries as replenishment
from wms.replenishment.case import Kept, Terms, protection_of, service_of
from wms.replenishment.demand import (
    Bulk,
    Key,
    Offered,
    Ordered,
    Span,
    Unsellable,
    demand_of,
    drivers_of,
)
from wms.replenishment.forecasted import Question
from wms.replenishment.level import interval_for
from wms.replenishment.proposal import Offer
from wms.replenishment.purchase import OrderTerms, PriceBreak
from wms.replenishment.reason import Run
from wms.replenishment.service import Asked, Held, followed

HISTORY_DAYS = 730
AHEAD_DAYS = 28
# A fill rate is judged by the last weeks; suppliers by the last year.
ACHIEVED_DAYS = 56
LATE_DAYS = 365
WORK_DAYS = 28
# What comes and goes on one working day of a warehouse.
LINES_PROTECTION = 1


@dataclass(frozen=True, slots=True)
class Group:
    """A question, and which of the items it is about."""

    rows: tuple[int, ...]
    question: Question


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a run depends on, as it was at one moment."""

    span: Span
    kept: tuple[Kept, ...]
    history: History
    bulk: Mapping[int, Bulk]
    asked: tuple[Group, ...]
    offers: dict[int, tuple[Offer, ...]]
    promotions: dict[int, tuple[Run, ...]]
    warehouses: tuple[asyncpg.Record, ...]
    lines: Question | None
    services: dict[float, Held]
    new_services: frozenset[float]


async def house_day(connection: asyncpg.Connection, now: datetime) -> date:
    """Today, by the clock of the first warehouse, which orders come to.

    Raises:
        NotFound: there is no warehouse yet.
    """
    return local(await bins.the_warehouse(connection), now).date()


def local(warehouse: asyncpg.Record, now: datetime) -> datetime:
    """A moment by a warehouse's clock."""
    return now.astimezone(ZoneInfo(warehouse["time_zone"]))


async def read(
    connection: asyncpg.Connection, today: date, terms: Terms, holidays: str | None, now: datetime
) -> Reading:
    """Reads what was ordered until the end of yesterday, and what is known ahead.

    Raises:
        Refused: `bad_holidays`, nobody knows those of that country.
    """
    warehouses = await bins.warehouses(connection)
    span = Span(today - timedelta(days=HISTORY_DAYS), HISTORY_DAYS, AHEAD_DAYS)
    # A day more on each side, for the time zones: what is outside the span is left out there.
    since, until = now - timedelta(days=HISTORY_DAYS + 2), now + timedelta(days=1)
    offers = offers_of(await replenishment.offers(connection, now - timedelta(days=LATE_DAYS), now))
    rows = await replenishment.kept_items(connection)
    wanted = await replenishment.ordered(connection, since, until)
    missed = await replenishment.refused(connection, since, until)
    late = await replenishment.awaited(connection, since, until)
    shut = await replenishment.unsellable(connection, since, until)
    offered = await replenishment.promotions(connection, since)
    span = _shortened(span, [*wanted, *missed])
    achieved = _achieved(wanted, missed, late, today)
    kept = tuple(_kept(row, achieved) for row in rows)
    keys = [
        Key(row["item_id"], row["warehouse_id"], str(row["owner_id"]), row["storage_class"])
        for row in rows
    ]
    demand = demand_of(
        keys,
        span,
        [Ordered(**row) for row in [*wanted, *missed]],
        [Unsellable(**row) for row in shut],
        drivers_of(keys, span, [Offered(**row) for row in offered])
        | _holidays(len(keys), span, holidays),
    )
    history = demand.history
    lines = await replenishment.lines_by_day(connection, since, until)
    held = {row["percent"]: Held(**row) for row in await replenishment.service_loops(connection)}
    services = _services(held, kept, offers, terms, (wanted, missed, late), today)
    return Reading(
        span,
        kept,
        history,
        demand.bulk,
        _asked(kept, history, offers, terms),
        offers,
        _runs(offered, span),
        tuple(warehouses),
        _lines_of(warehouses, lines, span),
        services,
        frozenset(services.keys() - held.keys()),
    )


def _services(
    held: Mapping[float, Held],
    kept: Sequence[Kept],
    offers: dict[int, tuple[Offer, ...]],
    terms: Terms,
    asked: tuple[Sequence[asyncpg.Record], Sequence[asyncpg.Record], Sequence[asyncpg.Record]],
    today: date,
) -> dict[float, Held]:
    """The service that each group of items has really reached until yesterday.

    What lies above its level serves well by accident, and what no run has looked at by nobody's
    doing: neither tells anything of the levels. asked: ordered, refused, and ordered but waiting
    for goods, which is no service either.
    """
    groups: dict[float, list[int]] = {}
    for each in kept:
        days = protection_of(offers.get(each.item_id, ()), terms)
        groups.setdefault(service_of(each, terms), []).append(days)
    judged = {
        each.at: service_of(each, terms)
        for each in kept
        if each.held_up_to is not None and each.free <= each.held_up_to
    }
    fills = [
        Asked(judged[at], row["day"], quantity * wants, quantity * serves)
        for (wants, serves), rows in zip(((1, 1), (1, 0), (0, -1)), asked, strict=True)
        for row in rows
        for quantity in [row["quantity"] * row.get("lines", 1)]
        if (at := (row["item_id"], row["warehouse_id"])) in judged
    ]
    return followed(held, fills, groups, today - timedelta(days=1))


def _holidays(series: int, span: Span, country: str | None) -> dict[str, NDArray[np.float64]]:
    """The holidays of a country as a driver of all series; nothing without a country."""
    if country is None:
        return {}
    starts = np.datetime64(span.first, "D") + np.arange(span.days)
    try:
        row = holiday_driver(starts, Frequency.DAY, country, span.ahead)
    except ValueError as error:
        raise Refused("bad_holidays", str(error)) from error
    return {HOLIDAY: np.tile(row, (series, 1))}


def offers_of(rows: Sequence[asyncpg.Record]) -> dict[int, tuple[Offer, ...]]:
    """What suppliers sell, by item; what has no price yet is no offer."""
    found: dict[int, tuple[Offer, ...]] = {}
    for row in rows:
        if not row["prices"]:
            continue
        offer = Offer(
            row["supplier_id"],
            row["supplier"],
            row["lead_days"],
            row["late_days"],
            row["minimum"],
            row["multiple"],
            tuple(PriceBreak(**each) for each in row["prices"]),
            row["spread_days"],
            row["currency"],
            OrderTerms(**{each.name: row[each.name] for each in fields(OrderTerms)}),
        )
        found[row["item_id"]] = (*found.get(row["item_id"], ()), offer)
    return found


def _shortened(span: Span, rows: Sequence[asyncpg.Record]) -> Span:
    """The span without the days before the first order of the house."""
    first = min((row["day"] for row in rows), default=span.today)
    first = min(max(first, span.first), span.today - timedelta(days=1))
    return Span(first, (span.today - first).days, span.ahead)


def _achieved(
    wanted: Sequence[asyncpg.Record],
    missed: Sequence[asyncpg.Record],
    late: Sequence[asyncpg.Record],
    today: date,
) -> dict[tuple[int, int], float]:
    """The fill rate of the last weeks, of each item that was wanted at all."""
    since = today - timedelta(days=ACHIEVED_DAYS)
    sums: dict[tuple[int, int], list[int]] = {}
    for column, rows in enumerate((wanted, missed, late)):
        for row in rows:
            if row["day"] >= since:
                at = sums.setdefault((row["item_id"], row["warehouse_id"]), [0, 0, 0])
                at[column] += row["quantity"] * row.get("lines", 1)
    return {
        at: max(0, filled - waits) / (filled + lost)
        for at, (filled, lost, waits) in sums.items()
        if filled + lost
    }


def _kept(row: asyncpg.Record, achieved: dict[tuple[int, int], float]) -> Kept:
    return Kept(
        item_id=row["item_id"],
        warehouse_id=row["warehouse_id"],
        tenant_id=row["tenant_id"],
        owner_id=row["owner_id"],
        scale=row["scale"],
        free=row["sellable"],
        coming=row["coming"],
        leaving=row["leaving"],
        service_percent=row["service_percent"],
        held_up_to=row["held_up_to"],
        achieved=achieved.get((row["item_id"], row["warehouse_id"])),
        mass_g=row["mass_g"],
        volume_ml=row["volume_mm3"] / 1_000,
    )


def _asked(
    kept: Sequence[Kept], history: History, offers: dict[int, tuple[Offer, ...]], terms: Terms
) -> tuple[Group, ...]:
    """The histories by how long their stock has to last."""
    groups: dict[int, list[int]] = {}
    for row, each in enumerate(kept):
        days = interval_for(protection_of(offers.get(each.item_id, ()), terms))
        groups.setdefault(days, []).append(row)
    return tuple(
        Group(
            tuple(rows),
            Question(
                history.take(np.array(rows, np.intp)),
                AHEAD_DAYS,
                days,
                terms.service_percent / 100,
            ),
        )
        for days, rows in sorted(groups.items())
    )


def _runs(rows: Sequence[asyncpg.Record], span: Span) -> dict[int, tuple[Run, ...]]:
    """The promotions that are still to come or run now, by item."""
    found: dict[int, tuple[Run, ...]] = {}
    last = span.today + timedelta(days=span.ahead - 1)
    for row in rows:
        if row["to_day"] >= span.today and row["from_day"] <= last:
            run = Run(row["name"], row["from_day"], row["to_day"])
            found[row["item_id"]] = (*found.get(row["item_id"], ()), run)
    return found


def _lines_of(
    warehouses: Sequence[asyncpg.Record], rows: Sequence[asyncpg.Record], span: Span
) -> Question | None:
    """How many order lines each warehouse got a day, as a question, or None without any."""
    ids = [warehouse["id"] for warehouse in warehouses]
    lines = np.zeros((len(ids), span.days))
    for row in rows:
        if 0 <= span.at(row["day"]) < span.days:
            lines[ids.index(row["warehouse_id"]), span.at(row["day"])] = row["lines"]
    if not lines.any():
        return None
    starts = np.datetime64(span.first, "D") + np.arange(span.days)
    names = tuple(f"lines@{warehouse_id}" for warehouse_id in ids)
    return Question(History(names, starts, Frequency.DAY, lines), AHEAD_DAYS, LINES_PROTECTION)
