"""`stowline replenish`: forecasts the whole house now, and says what should be got."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.command.plan import AsJson
from api.command.session import settings_of, with_database
from api.jobs.solver import Solver
from api.replenishment.rule import stock_limits
from api.settings import Settings
from api.wiring import House, open_house
from routing.error import NoPlan
from wms.bins import queries as bins
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.error import WmsError
from wms.journey.replenish.decision import proposal_summary
from wms.journey.replenish.outlook import capacity_view
from wms.journey.replenish.run import enter_run, give_up_run, plan_run, run_view
from wms.replenishment import queries as replenishment
from wms.replenishment.forecasted import Forecasted, Question

ACTOR = "command line"
PAGE = 1_000
NUMBERS = ("quantity", "lasts", "reorder point")
TOLD = ("id", "kind", "item", "name", "owner", "warehouse", "from_warehouse", "supplier",
        "quantity", "unit", "free", "coming", "reorder_point", "safety_stock", "order_up_to",
        "days_left", "reason")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    run: dict[str, object]
    proposals: list[dict[str, object]]
    bottlenecks: Sequence[Any]


def replenish_command(
    warehouse: Annotated[
        str | None, typer.Option(help="Only what this warehouse needs; else all of them.")
    ] = None,
    last: Annotated[
        bool, typer.Option("--last", help="What the last run proposed, without a new forecast.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Forecast what will be ordered, and propose what to buy or fetch from another warehouse."""
    with with_database(settings_of("replenish", quiet=True)) as served:
        answer = asyncio.run(_replenish(served, warehouse, last=last))
    if as_json:
        told = {
            "run": answer.run,
            "proposals": answer.proposals,
            "bottlenecks": answer.bottlenecks,
        }
        typer.echo(json.dumps(told, default=str))
    else:
        _show(answer)


async def _replenish(settings: Settings, warehouse: str | None, *, last: bool) -> _Answer:
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with open_house(settings, "replenish", 2) as house:
        if warehouse is not None:
            async with staff_transaction(house.pool) as connection:
                await bins.the_warehouse(connection, warehouse)
        run_id = await _last(house) if last else None
        if run_id is None:
            run_id = await _run(house)
        async with staff_transaction(house.pool) as connection:
            rows: list[asyncpg.Record] = []
            while True:
                after = rows[-1]["id"] if rows else 0
                more = await replenishment.proposals_after(
                    connection, "proposed", warehouse, after, PAGE
                )
                rows += more
                if len(more) < PAGE:
                    break
            summaries = [proposal_summary(row) for row in rows]
            capacity = await capacity_view(connection, house.now())
            bottlenecks = capacity["bottlenecks"]
            assert isinstance(bottlenecks, list)
            return _Answer(
                await run_view(connection, run_id),
                [{name: one[name] for name in TOLD} for one in summaries],
                bottlenecks,
            )


async def _last(house: House) -> int | None:
    async with staff_transaction(house.pool) as connection:
        row = await replenishment.last_run(connection)
    return None if row is None else row["id"]


async def _run(house: House) -> int:
    async with staff_transaction(house.pool) as connection:
        run_id = await enter_run(connection, ACTOR, house.now(), by_job=False)
    solver = Solver(house.settings)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading what was ordered", total=None)

        async def forecast(question: Question) -> Forecasted:
            series = len(question.history.series)
            progress.update(task, description=f"forecasting {series} series")
            return await solver.forecast(question)

        try:
            await plan_run(house.pool, run_id, forecast, stock_limits(house.settings), house.now())
        except (WmsError, NoPlan) as error:
            await give_up_run(house.pool, run_id, str(error), house.now())
            raise
        finally:
            solver.close()
    return run_id


def _show(answer: _Answer) -> None:
    console = Console()
    run = answer.run
    console.print(
        f"Run {run['id']} of {run['day']}: {run['series']} items forecast, "
        f"{len(answer.proposals)} {'proposal' if len(answer.proposals) == 1 else 'proposals'}."
    )
    table = Table()
    for name in ("item", "warehouse", "quantity", "from", "lasts", "reorder point", "reason"):
        table.add_column(name, justify="right" if name in NUMBERS else "left")
    for one in answer.proposals:
        days = one["days_left"]
        table.add_row(
            str(one["item"]),
            str(one["warehouse"]),
            str(one["quantity"]),
            str(one["from_warehouse"] or one["supplier"] or "nobody"),
            f"{days:.0f} d" if isinstance(days, float) else "",
            str(one["reorder_point"]),
            str(one["reason"]),
        )
    if answer.proposals:
        console.print(table)
    for each in answer.bottlenecks:
        may = "will" if each["sure"] else "may"
        console.print(
            f"{each['day']} {each['warehouse']}: {each['work']} {may} not keep up, "
            f"{each['lines']:.0f} lines against {each['capacity']:.0f}."
        )
