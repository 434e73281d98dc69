"""What planners see of stock: what to get and why, what is low, what to send, and full days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import asyncpg

from wms.items.unit import format_quantity
from wms.replenishment import queries as replenishment
from wms.replenishment.capacity import Bottleneck, DayOfWork, bottlenecks

ROWS = 60
ASIDE = 12
DAYS = 14


@dataclass(frozen=True, slots=True)
class Spark:
    """Demand a day each: what was, None where unknown, then its mean and upper band."""

    past_from: date
    past: tuple[float | None, ...]
    mean: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal; quantities as they are spoken of, shares for drawing."""

    proposal_id: int
    kind: str
    sku: str
    name: str
    owner: str
    warehouse: str
    source: str | None
    unit: str
    quantity: int | str
    free: int | str
    coming: int | str
    reorder_point: int | str
    safety_stock: int | str
    order_up_to: int | str
    share: float
    point_share: float
    days_left: float | None
    below: bool
    reason: str
    demand_class: str
    model: str
    model_reason: str
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class LowRow:
    """An item below its safety stock, since when."""

    sku: str
    name: str
    warehouse: str
    free: int | str
    coming: int | str
    safety_stock: int | str
    since: datetime


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer that is to be sent, or on its way."""

    transfer_id: int
    state: str
    from_warehouse: str
    to_warehouse: str
    owner: str
    lines: tuple[tuple[str, int | str], ...]
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Days:
    """A warehouse's next days, and those on which something will not keep up."""

    warehouse: str
    days: tuple[DayOfWork, ...]
    bottlenecks: tuple[Bottleneck, ...]


@dataclass(frozen=True, slots=True)
class RunRow:
    """The last run: of which day, when it ended, over how many items."""

    run_id: int
    day: date
    asked_by: str
    done_at: datetime | None
    series: int


@dataclass(frozen=True, slots=True)
class Replenishment:
    """The whole page; the counts are of all proposals, the rows of some."""

    run: RunRow | None
    purchases: int
    transfers: int
    below: int
    to_send: int
    rows: tuple[ProposalRow, ...]
    low: tuple[LowRow, ...]
    moving: tuple[TransferRow, ...]
    ahead: tuple[Days, ...]


async def replenishment_page(
    connection: asyncpg.Connection, today: date, text: str, kind: str | None
) -> Replenishment:
    """Open proposals that hold `text` and are of one kind, what runs out first above the rest."""
    counts = await replenishment.open_counts(connection)
    run = await replenishment.last_run(connection)
    rows = await replenishment.urgent_proposals(connection, text, kind, ROWS)
    low = await replenishment.below(connection, ASIDE)
    moving = [
        await _transfer(connection, row)
        for state in ("requested", "sent")
        for row in await replenishment.transfers_after(connection, state, 0, ASIDE)
    ]
    days = await replenishment.capacity_days(connection, today)
    return Replenishment(
        run=None
        if run is None
        else RunRow(run["id"], run["day"], run["asked_by"], run["done_at"], run["series"] or 0),
        purchases=counts["purchases"],
        transfers=counts["transfers"],
        below=counts["below"],
        to_send=counts["to_send"],
        rows=tuple(proposal_row(row) for row in rows),
        low=tuple(_low(row) for row in low),
        moving=tuple(moving),
        ahead=_ahead(days, today),
    )


def proposal_row(row: asyncpg.Record) -> ProposalRow:
    """A proposal as a screen shows it."""
    scale = row["scale"]
    whole = max(row["order_up_to"], row["free"] + row["coming"], 1)
    return ProposalRow(
        proposal_id=row["id"],
        kind=row["kind"],
        sku=row["sku"],
        name=row["name"],
        owner=row["owner"],
        warehouse=row["warehouse"],
        source=row["from_warehouse"] or row["supplier"],
        unit=row["unit"],
        quantity=format_quantity(row["quantity"], scale),
        free=format_quantity(row["free"], scale),
        coming=format_quantity(row["coming"], scale),
        reorder_point=format_quantity(row["reorder_point"], scale),
        safety_stock=format_quantity(row["safety_stock"], scale),
        order_up_to=format_quantity(row["order_up_to"], scale),
        # Below nothing where goods are held back that are not there.
        share=max(0, row["free"] + row["coming"]) / whole,
        point_share=row["reorder_point"] / whole,
        days_left=row["days_left"],
        below=row["below_since"] is not None,
        reason=row["reason"],
        demand_class=row.get("demand_class") or "",
        model=row.get("model") or "",
        model_reason=row.get("model_reason") or "",
        spark=None if row.get("past") is None else _spark(row),
    )


def _spark(row: asyncpg.Record) -> Spark:
    return Spark(row["past_from"], tuple(row["past"]), tuple(row["mean"]), tuple(row["high"]))


def _low(row: asyncpg.Record) -> LowRow:
    return LowRow(
        row["sku"],
        row["name"],
        row["warehouse"],
        format_quantity(row["free"], row["scale"]),
        format_quantity(row["coming"], row["scale"]),
        format_quantity(row["safety_stock"], row["scale"]),
        row["below_since"],
    )


async def _transfer(connection: asyncpg.Connection, row: asyncpg.Record) -> TransferRow:
    lines = await replenishment.lines_of_transfer(connection, row["id"])
    return TransferRow(
        row["id"],
        row["state"],
        row["from_warehouse"],
        row["to_warehouse"],
        row["owner"],
        tuple((line["sku"], format_quantity(line["quantity"], line["scale"])) for line in lines),
        row["expected_at"],
    )


def _ahead(rows: Sequence[asyncpg.Record], today: date) -> tuple[Days, ...]:
    found: list[Days] = []
    for warehouse, group in groupby(rows, key=lambda row: row["warehouse"]):
        days = [
            DayOfWork(
                row["day"],
                row["waiting"],
                row["lines"],
                row["lines_high"],
                row["pick_capacity"],
                row["sort_capacity"],
            )
            for row in group
            if row["day"] < today + timedelta(days=DAYS)
        ]
        found.append(Days(warehouse, tuple(days), tuple(bottlenecks(days))))
    return tuple(found)
