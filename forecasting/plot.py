"""Pictures of forecasts: what was ordered, what is expected, and when nothing could be sold."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecasting.demand_class import DemandClass
from forecasting.forecast import Forecast
from forecasting.history import History, following

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

PICTURED_MAX = 40

INK, QUIET, FAINT = "#1f2933", "#52606d", "#9aa5b1"
EXPECTED, OUT_OF_STOCK, UNKNOWN = "#0b6e99", "#d64933", "#7b8794"
# Of the past, so many times the horizon is drawn, and at least this many periods.
PAST_TIMES, PAST_MIN = 4, 52
WIDE_IN, HIGH_IN, LEGEND_IN, DPI = 11.0, 2.3, 0.4, 150
NAME_MOST, REASON_MOST = 44, 96
# The innermost band is drawn so dark, each further one so much lighter.
SHADE, PALER = 0.5, 0.6
# How years, months, days and times stand under the axis, and the first of each.
DATES = ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%S"]
FIRST_DATES = ["", "%Y", "%b %Y", "%d %b", "%H:%M", "%H:%M"]
LEGEND = ("ordered", "could not be sold", "unknown", "expected")
LEGEND_MOST = 7
# A band this many times above all else is cut off, and its height written down.
OVERSHOOT = 1.5
HEADROOM = 1.08


def draw_forecast(
    history: History,
    forecast: Forecast,
    rows: Sequence[int],
    path: Path,
    available: Floats | None = None,
    font: Path | None = None,
) -> None:
    """Draws some series, one under the other, as PNG, SVG or PDF by the file's ending.

    rows: the series' numbers. available: (n, t) the share of each period in which it could be
    sold. font: a file with the letters that the usual font lacks.
    """
    from matplotlib import font_manager, rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    families = ["DejaVu Sans"]
    if font is not None:
        font_manager.fontManager.addfont(str(font))
        families.append(font_manager.FontProperties(fname=str(font)).get_name())
    # No date and no chance in it, so that the same forecast is the same file.
    kind = path.suffix.lower().removeprefix(".")
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    # A `$` in a name is no formula.
    plain: Any = {"font.family": families, "svg.hashsalt": "stowline", "text.parse_math": False}
    with rc_context(plain), warnings.catch_warnings():
        # What no font draws becomes a box, and is no news; nor that a further font has no bold.
        warnings.filterwarnings("ignore", message="Glyph")
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        size = (WIDE_IN, HIGH_IN * len(rows) + LEGEND_IN)
        figure = Figure(size, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.09, hspace=0.02))
        FigureCanvasAgg(figure)
        axes = list(figure.subplots(len(rows), 1, squeeze=False)[:, 0])
        for axis, row in zip(axes, rows, strict=True):
            _draw(axis, _Shown.of(history, forecast, row, available))
        _explain(figure, axes)
        figure.savefig(path, dpi=DPI, format=kind, metadata=undated)


def largest(history: History, count: int) -> list[int]:
    """The series that sold most, the largest first."""
    sold = np.nansum(history.demand, axis=1)
    return [int(row) for row in np.argsort(-sold, kind="stable")[:count]]


@dataclass(frozen=True, slots=True)
class _Shown:
    """One series: its p last periods and h to come."""

    name: str
    kind: str
    reason: str
    #: (p + h + 1,) the moments between periods
    edges: NDArray[np.object_]
    #: (p,)
    demand: Floats
    out_of_stock: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    #: (h,)
    mean: Floats
    #: level above the median -> (h,)
    bands: dict[float, Floats]

    @classmethod
    def of(
        cls, history: History, forecast: Forecast, row: int, available: Floats | None
    ) -> "_Shown":
        shown = min(len(history.starts), max(PAST_TIMES * len(forecast.starts), PAST_MIN))
        ends = following(forecast.starts, history.frequency, 1)
        edges = np.concatenate([history.starts[-shown:], forecast.starts, ends])
        demand = history.demand[row]
        missing = np.isnan(demand)
        lacking = np.zeros(len(demand), np.bool_)
        if available is not None:
            lacking = available[row] < 1
        # Before its first period an item is not unknown: it was not there.
        begun = np.logical_or.accumulate(~missing | lacking)
        levels = forecast.quantiles.levels
        values = forecast.quantiles.values[row].T
        return cls(
            name=_cut(forecast.series[row], NAME_MOST),
            kind=f"{DemandClass(int(forecast.demand_class[row])).name.lower()}",
            reason=_cut(_told(forecast.model[row], forecast.reason[row]), REASON_MOST),
            edges=edges.astype("datetime64[s]").astype(object),
            demand=demand[-shown:],
            out_of_stock=lacking[-shown:],
            unknown=(missing & begun & ~lacking)[-shown:],
            mean=forecast.mean[row],
            bands={float(p): upper for p, upper in zip(levels, values, strict=True) if p > 0.5},
        )

    @property
    def top(self) -> float:
        """Up to where is drawn: over all of it, but for a last band that dwarfs the rest."""
        inner = list(self.bands.values())
        rest = [np.nan_to_num(self.demand), self.mean, *inner[:-1]]
        usual = max(float(values.max()) for values in rest if len(values))
        whole = max([usual, *(float(values.max()) for values in inner[-1:])])
        top = usual if usual > 0 and whole > OVERSHOOT * usual else whole
        return HEADROOM * top if top > 0 else 1.0


def _draw(axis: "Axes", shown: _Shown) -> None:
    past, ahead = shown.edges[: len(shown.demand) + 1], shown.edges[len(shown.demand) :]
    _shade(axis, past, shown.out_of_stock, OUT_OF_STOCK, "could not be sold")
    _shade(axis, past, shown.unknown, UNKNOWN, "unknown")
    axis.stairs(shown.demand, past, baseline=0, fill=True, color=INK, alpha=0.08, linewidth=0)
    axis.stairs(
        shown.demand, past, baseline=None, color=INK, linewidth=1.2, label="ordered", zorder=3
    )
    below, shade = np.zeros(len(shown.mean)), SHADE
    for level, upper in shown.bands.items():
        axis.stairs(
            upper,
            ahead,
            baseline=below,
            fill=True,
            color=EXPECTED,
            alpha=shade,
            linewidth=0,
            label=f"enough in {100 * level:.4g} of 100 cases",
        )
        below, shade = upper, shade * PALER
    axis.stairs(
        shown.mean, ahead, baseline=None, color=EXPECTED, linewidth=2.2, label="expected", zorder=4
    )
    axis.axvline(ahead[0], color=QUIET, linewidth=0.9, linestyle=(0, (3, 3)), zorder=5)
    _frame(axis, shown)
    _name_cut_off(axis, shown, ahead)


def _shade(
    axis: "Axes", edges: NDArray[np.object_], where: NDArray[np.bool_], color: str, label: str
) -> None:
    """Shades stretches of periods from top to bottom."""
    change = np.flatnonzero(np.diff(np.r_[False, where, False].astype(np.int8)))
    for first, last in change.reshape(-1, 2):
        axis.axvspan(edges[first], edges[last], color=color, alpha=0.2, linewidth=0, label=label)


def _frame(axis: "Axes", shown: _Shown) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    # It has no types.
    dates: Any = import_module("matplotlib.dates")
    axis.set_title(shown.name, loc="left", fontsize=10, fontweight="bold", color=INK)
    axis.set_title(f"{shown.kind} · {shown.reason}", loc="right", fontsize=8, color=QUIET)
    axis.set_xlim(shown.edges[0], shown.edges[-1])
    axis.set_ylim(0, shown.top)
    ticks = dates.AutoDateLocator(maxticks=12)
    axis.xaxis.set_major_locator(ticks)
    axis.xaxis.set_major_formatter(
        dates.ConciseDateFormatter(
            ticks, formats=DATES, zero_formats=FIRST_DATES, show_offset=False
        )
    )
    axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: spaced(value)))
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.spines["bottom"].set_color(FAINT)
    axis.tick_params(colors=QUIET, labelsize=8, length=3, left=False)
    axis.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.6)
    axis.set_axisbelow(True)


def _name_cut_off(axis: "Axes", shown: _Shown, ahead: NDArray[np.object_]) -> None:
    """Writes how high the last band goes where it goes beyond the picture."""
    for level, upper in shown.bands.items():
        if upper.max() > shown.top:
            axis.annotate(
                f"{100 * level:.4g} %: up to {spaced(float(upper.max()))} ↑",
                (1.0, 1.0),
                xycoords="axes fraction",
                xytext=(-4, -4),
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize=7.5,
                color=EXPECTED,
                bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5},
            )


def _explain(figure: "Figure", axes: Sequence["Axes"]) -> None:
    """One legend for all, above them."""
    found = [axis.get_legend_handles_labels() for axis in axes]
    once = {
        label: handle
        for handles, labels in found
        for handle, label in zip(handles, labels, strict=True)
    }
    # The bands, which are named by their level, come last.
    once = {label: once.pop(label) for label in LEGEND if label in once} | once
    figure.legend(
        list(once.values()),
        list(once),
        loc="outside upper right",
        ncols=min(len(once), LEGEND_MOST),
        frameon=False,
        fontsize=8,
        labelcolor=QUIET,
        handlelength=1.6,
        columnspacing=1.6,
    )


def spaced(value: float) -> str:
    """A figure with a space between its thousands, and decimals only where it is small."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def _told(model: str, reason: str) -> str:
    """What drivers do where that is known, else why the model was chosen."""
    words = reason.partition("; ")[2]
    return f"{model}: {words}" if words else reason or model


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
