"""`stowline forecast`: what will be ordered, from a file of what was."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from os import times
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from api.command.plan import AsJson
from api.plan.refusal import PlanRefused

if TYPE_CHECKING:
    from forecasting.executor import Dask, Executor
    from forecasting.reader import Read

# So many series are drawn unless it is said which: those that sold most.
PICTURED = 6
# Chinese, Japanese and Korean, which the usual font of pictures lacks.
FONT = Path(__file__).resolve().parents[2] / "devices/label/font/DroidSansFallback.ttf"


class Period(StrEnum):
    """How long one period is."""

    DAY = "D"
    WEEK = "W"
    MONTH = "MS"


class Work(StrEnum):
    """Who works the forecast out."""

    SERIAL = "serial"
    PROCESSES = "processes"
    DASK = "dask"


class Gaps(StrEnum):
    """What a period without a row means."""

    AUTO = "auto"
    ZERO = "zero"
    UNKNOWN = "unknown"


File = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV or Parquet: unique_id, ds, y, drivers.")
]
Horizon = Annotated[int, typer.Option(min=1, max=1000, help="Periods ahead.")]
Freq = Annotated[Period, typer.Option(help="How long a period is.")]
Future = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The drivers of the periods ahead.")
]
Quantiles = Annotated[str, typer.Option(help="Between 0 and 1, ascending.")]
Protection = Annotated[
    int | None,
    typer.Option(min=1, max=1000, help="Periods that stock must cover: lead time and review."),
]
Season = Annotated[
    int | None, typer.Option(min=1, max=1000, help="Periods after which demand repeats.")
]
Country = Annotated[
    str | None, typer.Option(metavar="CODE", help="Its holidays are a driver: DE, DE-BY, US.")
]
By = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Also the totals by this column of text.")
]
Missing = Annotated[Gaps, typer.Option(help="What a period without a row means.")]
Who = Annotated[Work, typer.Option(help="Who works it out.")]
Workers = Annotated[int, typer.Option(min=1, max=256, help="Processes, where not serial.")]
Address = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="A Dask scheduler; else one is started.")
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Parquet or CSV, by its ending.")]
Plot = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Draws history and forecast: png, svg, pdf.")
]
PlotSeries = Annotated[
    list[str] | None, typer.Option(help="Draw this unique_id; can be given again.")
]


def forecast_command(
    file: File,
    horizon: Horizon,
    freq: Freq,
    future: Future = None,
    quantiles: Quantiles = "0.5,0.9,0.95,0.99",
    protection: Protection = None,
    season: Season = None,
    country: Country = None,
    gaps: Missing = Gaps.AUTO,
    by: By = None,
    executor: Who = Work.SERIAL,
    workers: Workers = 2,
    address: Address = None,
    out: Out = None,
    plot: Plot = None,
    plot_series: PlotSeries = None,
    as_json: AsJson = False,
) -> None:
    """Forecast demand with its quantiles, series by series, each by the model that suits it.

    With --protection, also the demand summed over the periods that stock must cover: its quantile
    at a service level is the level to order up to.
    """
    from api.plan.forecast import forecast_table
    from api.plan.forecast_answer import answer_rows, explained, forecast_answer
    from api.plan.forecast_file import asked, read_files, refuse_outputs, write_all
    from forecasting.forecast import forecast
    from forecasting.plot import draw_forecast, largest
    from forecasting.total import total

    _refuse_idle(executor, address, plot, plot_series)
    refuse_outputs(out, plot, file, future)
    request = asked(horizon, quantiles, protection, season)
    with _bar() as tell:
        ahead = max(horizon, protection or 1)
        read = read_files(file, freq.value, future, gaps.value, country, ahead, by)
        drawn = _rows(read, plot_series) if plot_series else largest(read.history, PICTURED)
        wall, cpu = monotonic(), sum(times()[:4])
        with _working(executor, workers, address) as hands:
            found = explained(forecast(read.history, request, hands, tell), read.history)
        spent = {"wall_seconds": monotonic() - wall, "cpu_seconds": sum(times()[:4]) - cpu}
        protected = protection is not None
        totals = None if by is None else total(found, read.history, by)
        files = write_all(found, totals, out, protected=protected)
        if plot is not None:
            draw_forecast(read.history, found, drawn, plot, read.available, FONT)
            files.append(str(plot))
    answer = forecast_answer(read, found, spent, files)
    if not as_json:
        typer.echo(forecast_table(read, found, answer, protection, totals))
        return
    if out is None:
        answer |= answer_rows(found, totals, protected=protected)
    typer.echo(json.dumps(answer))


def _refuse_idle(
    executor: Work, address: str | None, plot: Path | None, plot_series: list[str] | None
) -> None:
    """Options that would do nothing are more likely slips."""
    if address is not None and executor is not Work.DASK:
        raise PlanRefused("--address is of a Dask scheduler, and goes with --executor dask")
    if plot_series and plot is None:
        raise PlanRefused("--plot-series says what --plot FILE draws, and there is no --plot")


def _rows(read: "Read", wanted: list[str]) -> list[int]:
    from forecasting.plot import PICTURED_MAX

    place = {name: row for row, name in enumerate(read.history.series)}
    for name in wanted:
        if name not in place:
            raise PlanRefused(f"--plot-series {name}: the file has no such unique_id")
    if len(wanted) > PICTURED_MAX:
        raise PlanRefused(f"--plot-series: at most {PICTURED_MAX} are drawn, not {len(wanted)}")
    return [place[name] for name in wanted]


@contextmanager
def _working(work: Work, workers: int, address: str | None) -> "Iterator[Executor]":
    """Whoever works it out, and a plain sentence when they cannot any more."""
    from forecasting.booster import BoosterError
    from forecasting.executor import Processes, Serial

    try:
        if work is Work.SERIAL:
            yield Serial()
        elif work is Work.PROCESSES:
            with Processes(workers) as processes:
                yield processes
        else:
            with _cluster(address, workers) as cluster, _told_of_workers():
                yield cluster
    except BoosterError as error:
        raise PlanRefused(f"{error}; there may be too little memory") from error
    except BrokenExecutor as error:
        raise PlanRefused(
            "a process that worked on the forecast died; fewer --workers need less memory"
        ) from error


@contextmanager
def _told_of_workers() -> "Iterator[None]":
    """Says what is wrong with a cluster's workers."""
    killed: type[Exception] = import_module("distributed").scheduler.KilledWorker
    try:
        yield
    except killed as error:
        raise PlanRefused("a Dask worker died again and again: too little memory?") from error
    except ModuleNotFoundError as error:
        raise PlanRefused(
            f"a Dask worker has no {error.name}: this project is to be installed there"
        ) from error


def _cluster(address: str | None, workers: int) -> "Dask":
    from forecasting.executor import Dask

    try:
        return Dask(address, workers)
    except ModuleNotFoundError as error:
        raise PlanRefused("--executor dask needs the extra `dask`: distributed") from error
    except (OSError, ValueError) as error:
        raise PlanRefused(f"--address {address}: no Dask scheduler answers there") from error


@contextmanager
def _bar() -> "Iterator[Callable[[int, int], None] | None]":
    """A bar on a terminal; none elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)

        def tell(done: int, total: int) -> None:
            what = "forecasting" if done < total else "writing"
            progress.update(task, description=what, completed=done, total=total)

        yield tell
