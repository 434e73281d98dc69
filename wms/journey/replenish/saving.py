"""What a replenishment run leaves: forecasts, levels, proposals, and the days that will be full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg
import numpy as np

from forecasting.distribution import Distribution
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.replenish.alarm import raise_alarms
from wms.journey.replenish.reading import WORK_DAYS, Reading
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as rows_of
from wms.replenishment.capacity import picking_lines
from wms.replenishment.case import Draft, Kept, Known, Terms, service_of
from wms.replenishment.forecasted import Forecasted, SeriesForecast
from wms.replenishment.plan import Plan, plan
from wms.replenishment.service import Held, begun_by, probability

# So many days of the past are kept beside a forecast, to be drawn.
DRAWN_DAYS = 56


@dataclass(frozen=True, slots=True)
class Limits:
    """What the house wants, how long a day's work is, and in which country people buy."""

    terms: Terms
    work_hours: float
    holidays: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The forecasts of a reading's items in their order, and of its warehouses' order lines."""

    forecasts: tuple[SeriesForecast, ...]
    lines: Forecasted | None


@again_on_deadlock
async def save(
    pool: asyncpg.Pool,
    run_id: int,
    reading: Reading,
    answered: Answered,
    limits: Limits,
    now: datetime,
) -> None:
    """Keeps what was forecast, and proposes by what there is now.

    Raises:
        NotFound: `unknown_run`.
    """
    forecasts = answered.forecasts
    async with staff_transaction(pool) as connection:
        run = await replenishment.run_for_update(connection, run_id)
        if run["state"] != "requested":
            return
        await replenishment.save_forecasts(
            connection, run_id, list(_forecast_rows(reading, forecasts))
        )
        kept = await _positions_now(connection, reading)
        services = _services(reading, forecasts, limits.terms)
        known = Known(
            dict(zip((each.at for each in reading.kept), forecasts, strict=True)),
            reading.offers,
            reading.promotions,
            {row["id"]: row["code"] for row in reading.warehouses},
            run["day"],
            {reading.kept[row].at: bulk for row, bulk in reading.bulk.items()},
            {percent: probability(held) for percent, held in services.items()},
        )
        made = plan(kept, known, limits.terms)
        await _save_plan(connection, run_id, kept, forecasts, made, now)
        await replenishment.save_loops(connection, list(services.values()))
        await _save_capacity(connection, run_id, reading, answered.lines, limits, now)
        facts: dict[str, object] = {
            "state": "done",
            "series": len(reading.kept),
            "proposals": len(made.drafts),
        }
        await replenishment.end_run(connection, run_id, facts, now)
        await raise_alarms(connection, now)


def _services(
    reading: Reading, forecasts: Sequence[SeriesForecast], terms: Terms
) -> dict[float, Held]:
    """The services of all groups; those that are new begin by what is forecast of their items."""
    found = dict(reading.services)
    for percent in reading.new_services:
        rows = [
            one
            for each, one in zip(reading.kept, forecasts, strict=True)
            if service_of(each, terms) == percent
        ]
        means = [one.protection_mean for one in rows]
        law = Distribution.build(means, rows[0].levels, [one.quantiles for one in rows])
        found[percent] = begun_by(found[percent], law)
    return found


async def _positions_now(connection: asyncpg.Connection, reading: Reading) -> list[Kept]:
    """The items of the reading as they stand now; one that is gone meanwhile stands as it stood."""
    rows = {
        (row["item_id"], row["warehouse_id"]): row for row in await rows_of.kept_items(connection)
    }
    return [
        each if each.at not in rows else each.standing(
            rows[each.at]["sellable"], rows[each.at]["coming"], rows[each.at]["leaving"]
        )
        for each in reading.kept
    ]  # fmt: skip


def _forecast_rows(
    reading: Reading, forecasts: Sequence[SeriesForecast]
) -> list[dict[str, object]]:
    drawn = min(DRAWN_DAYS, reading.span.days)
    past_from = reading.span.today - timedelta(days=drawn)
    past = reading.history.demand[:, reading.span.days - drawn :]
    return [
        {
            "item_id": kept.item_id,
            "warehouse_id": kept.warehouse_id,
            "tenant_id": kept.tenant_id,
            "from_day": reading.span.today.isoformat(),
            "mean": np.round(one.mean, 4).tolist(),
            "high": np.round(one.high, 4).tolist(),
            "past_from": past_from.isoformat(),
            "past": [None if np.isnan(day) else float(day) for day in past[row]],
            "protection_days": one.protection_days,
            "protection_mean": one.protection_mean,
            "levels": list(one.levels),
            "quantiles": list(one.quantiles),
            "demand_class": one.demand_class,
            "model": one.model,
            "reason": one.reason,
            "explained": one.explained,
            "flags": list(one.flags),
        }
        for row, (kept, one) in enumerate(zip(reading.kept, forecasts, strict=True))
    ]


async def _save_plan(
    connection: asyncpg.Connection,
    run_id: int,
    kept: Sequence[Kept],
    forecasts: Sequence[SeriesForecast],
    made: Plan,
    now: datetime,
) -> None:
    held: list[dict[str, object]] = [
        {
            "item_id": each.item_id,
            "warehouse_id": each.warehouse_id,
            "tenant_id": each.tenant_id,
            "protection_days": one.protection_days,
            "safety_stock": level.safety_stock,
            "reorder_point": level.reorder_point,
            "order_up_to": level.order_up_to,
            "achieved": each.achieved,
        }
        for each, one, level in zip(kept, forecasts, made.levels, strict=True)
    ]
    await replenishment.save_levels(connection, run_id, held, now)
    await replenishment.supersede_open(connection)
    await replenishment.add_proposals(connection, run_id, [_draft_row(one) for one in made.drafts])


def _draft_row(draft: Draft) -> dict[str, object]:
    return {
        "tenant_id": draft.kept.tenant_id,
        "owner_id": draft.kept.owner_id,
        "item_id": draft.kept.item_id,
        "warehouse_id": draft.kept.warehouse_id,
        "kind": str(draft.kind),
        "supplier_id": draft.supplier_id,
        "from_warehouse_id": draft.from_warehouse_id,
        "quantity": draft.quantity,
        "free": draft.kept.free,
        "coming": draft.kept.coming,
        "reorder_point": draft.level.reorder_point,
        "safety_stock": draft.level.safety_stock,
        "order_up_to": draft.level.order_up_to,
        "days_left": draft.days_left,
        "reason": draft.reason,
    }


async def _save_capacity(
    connection: asyncpg.Connection,
    run_id: int,
    reading: Reading,
    lines: Forecasted | None,
    limits: Limits,
    now: datetime,
) -> None:
    rows: list[dict[str, object]] = []
    for at, warehouse in enumerate(reading.warehouses):
        since = now - timedelta(days=WORK_DAYS)
        work = await rows_of.work_of(connection, warehouse["id"], since, reading.span.today)
        best_hour = work["best_sorted_hour"]
        picks = picking_lines(
            warehouse["pickers"],
            warehouse["lines_per_picker_hour"],
            limits.work_hours,
            work["best_day"],
        )
        for ahead in range(0 if lines is None else lines.mean.shape[1]):
            assert lines is not None
            rows.append(
                {
                    "warehouse_id": warehouse["id"],
                    "day": _day(reading, ahead).isoformat(),
                    "waiting": work["waiting"] if ahead == 0 else 0,
                    "lines": float(lines.mean[at, ahead]),
                    "lines_high": float(lines.high[at, ahead]),
                    "pick_capacity": picks,
                    "sort_capacity": best_hour * limits.work_hours if best_hour else None,
                }
            )
    await replenishment.save_capacity(connection, run_id, rows)


def _day(reading: Reading, ahead: int) -> date:
    return reading.span.today + timedelta(days=ahead)
