"""The options of `stowline forecast`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
Horizon = Annotated[
    int | None,
    typer.Option(min=1, max=1000, help="Periods ahead; needed unless --since has it."),
]
Freq = Annotated[Period, typer.Option(help="How long a period is.")]
Future = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The drivers of the periods ahead.")
]
Since = Annotated[
    Path | None,
    typer.Option(
        metavar="STATE.npz",
        help="Take the periods in FILE into the forecast that --state kept, without a new fit.",
    ),
]
State = Annotated[
    Path | None,
    typer.Option(metavar="STATE.npz", help="Keep what --since moves on when new periods come."),
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
