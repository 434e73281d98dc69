"""`stowline forecast`: what will be ordered, from a file of what was."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import times
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from api.command.forecast_option import (
    Address,
    By,
    Country,
    File,
    Freq,
    Future,
    Gaps,
    Horizon,
    Missing,
    Out,
    Period,
    Plot,
    PlotSeries,
    Protection,
    Quantiles,
    Season,
    Since,
    State,
    Who,
    Work,
    Workers,
)
from api.command.plan import AsJson
from api.plan.refusal import PlanRefused

if TYPE_CHECKING:
    from forecasting.executor import Dask, Executor
    from forecasting.reader import Read
    from forecasting.request import Request
    from forecasting.result import Forecast
    from forecasting.total import Total

# So many series are drawn unless it is said which: those that sold most.
PICTURED = 6
# What a fit alone can do.
FITTING = (
    "quantiles",
    "season",
    "country",
    "by",
    "executor",
    "workers",
    "address",
    "plot",
    "plot_series",
)
# Chinese, Japanese and Korean, which the usual font of pictures lacks.
FONT = Path(__file__).resolve().parents[2] / "devices/label/font/DroidSansFallback.ttf"


def forecast_command(
    context: typer.Context,
    file: File,
    freq: Freq,
    horizon: Horizon = None,
    future: Future = None,
    quantiles: Quantiles = "0.5,0.9,0.95,0.99",
    protection: Protection = None,
    season: Season = None,
    country: Country = None,
    gaps: Missing = Gaps.AUTO,
    by: By = None,
    since: Since = None,
    state: State = None,
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
    at a service level is the level to order up to. With --state and --since a new day costs one
    update instead of a new fit.
    """
    from api.plan.forecast_file import asked, refuse_outputs

    _refuse_idle(executor, address, plot, plot_series)
    refuse_outputs(out, plot, state, by, file, future)
    told = _Told(out, state, as_json)
    if since is not None:
        _refuse_fitting(context)
        _move(told, since, file, future, freq, gaps, horizon, protection)
        return
    if horizon is None:
        raise typer.BadParameter("is needed, unless --since names a state", param_hint="--horizon")
    request = asked(horizon, quantiles, protection, season)
    reading = file, freq.value, future, gaps.value, country, max(horizon, protection or 1), by
    _fit(told, request, reading, (executor, workers, address), (plot, plot_series), protection)


@dataclass(frozen=True, slots=True)
class _Told:
    """Where the answer goes."""

    out: Path | None
    state: Path | None
    as_json: bool

    def tell(
        self,
        found: "Forecast",
        answer: dict[str, Any],
        protection: int | None,
        totals: "Total | None" = None,
    ) -> None:
        """Prints it: a table, or one JSON object, with all rows where no file has them."""
        from api.plan.forecast import forecast_table
        from api.plan.forecast_answer import answer_rows

        if not self.as_json:
            typer.echo(forecast_table(found, answer, protection, totals))
            return
        if self.out is None:
            answer |= answer_rows(found, totals, protected=protection is not None)
        typer.echo(json.dumps(answer))


def _fit(
    told: _Told,
    request: "Request",
    reading: tuple[Path, str, Path | None, str, str | None, int, str | None],
    work: tuple[Work, int, str | None],
    picture: tuple[Path | None, list[str] | None],
    protection: int | None,
) -> None:
    """Forecasts a whole history."""
    from api.plan.forecast_answer import Source, explained, forecast_answer
    from api.plan.forecast_file import archived, read_files, write_all, write_state
    from forecasting.forecast import forecast
    from forecasting.plot import draw_forecast, largest
    from forecasting.total import total

    by, protected, (plot, wanted) = reading[-1], protection is not None, picture
    with _bar() as tell:
        read = read_files(*reading)
        drawn = _rows(read, wanted) if wanted else largest(read.history, PICTURED)
        with _timed() as spent, _working(*work) as hands:
            found = explained(forecast(read.history, request, hands, tell), read.history)
        totals = None if by is None else total(found, read.history, by)
        files = write_all(found, totals, told.out, protected=protected)
        files += write_state(archived(found, read, protected=protected), told.state)
        if plot is not None:
            draw_forecast(read.history, found, drawn, plot, read.available, FONT)
            files.append(str(plot))
    answer = forecast_answer(Source.of(read), found, spent, files)
    told.tell(found, answer, protection, totals)


def _move(
    told: _Told,
    since: Path,
    file: Path,
    future: Path | None,
    freq: Period,
    gaps: Gaps,
    horizon: int | None,
    protection: int | None,
) -> None:
    """Takes what came since into a forecast that was kept."""
    from api.plan.forecast_answer import forecast_answer
    from api.plan.forecast_file import write_all, write_state
    from api.plan.forecast_since import read_since, read_state

    with _timed() as spent:
        archive = read_state(since, freq.value, horizon, protection)
        archive, source = read_since(file, future, gaps.value, archive)
    found = archive.forecast
    files = write_all(found, None, told.out, protected=archive.protected)
    files += write_state(archive, told.state)
    answer = {"since": str(since)} | forecast_answer(source, found, spent, files)
    told.tell(found, answer, found.request.protection if archive.protected else None)


@contextmanager
def _timed() -> "Iterator[dict[str, float]]":
    """How long it took, when it is over."""
    spent: dict[str, float] = {}
    wall, cpu = monotonic(), sum(times()[:4])
    yield spent
    spent |= {"wall_seconds": monotonic() - wall, "cpu_seconds": sum(times()[:4]) - cpu}


def _refuse_fitting(context: typer.Context) -> None:
    """Options of a fit, where nothing is fitted."""
    for name in FITTING:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.replace("_", "-")
            raise PlanRefused(f"--{option} goes with a fit of the whole history, not with --since")


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
    from forecasting.executor import ClusterGone, Processes, Serial

    try:
        if work is Work.SERIAL:
            yield Serial()
        elif work is Work.PROCESSES:
            with Processes(workers) as processes:
                yield processes
        else:
            with _cluster(address, workers) as cluster:
                yield from _told_of_workers(cluster)
    except ClusterGone as error:
        raise PlanRefused(str(error)) from error
    except BoosterError as error:
        raise PlanRefused(f"{error}; there may be too little memory") from error
    except BrokenExecutor as error:
        raise PlanRefused(
            "a process that worked on the forecast died; fewer --workers need less memory"
        ) from error


def _told_of_workers(cluster: "Dask") -> "Iterator[Executor]":
    try:
        yield cluster
    except ModuleNotFoundError as error:
        raise PlanRefused(
            f"a Dask worker has no {error.name}: this project is to be installed there"
        ) from error


def _cluster(address: str | None, workers: int) -> "Dask":
    from forecasting.executor import ClusterGone, Dask

    try:
        return Dask(address, workers)
    except ModuleNotFoundError as error:
        raise PlanRefused("--executor dask needs the extra `dask`: distributed") from error
    except ClusterGone as error:
        raise PlanRefused(str(error)) from error
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
