"""Forecasts as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.plan.table import ROWS_MOST, columns
from forecasting.demand_class import DemandClass
from forecasting.forecast import Forecast
from forecasting.plot import spaced
from forecasting.reader import Gap
from forecasting.total import Total

NAME_MOST = 40
MEANT = {
    Gap.ZERO: "a period without a row is one without an order",
    Gap.UNKNOWN: "a period without a row is unknown",
}


def forecast_table(
    found: Forecast,
    answer: Mapping[str, Any],
    protection: int | None,
    totals: Total | None = None,
) -> str:
    """What was read, how it was forecast, and the first series of it."""
    lines = [
        f"{_read(answer)}; {MEANT[Gap(answer['gaps'])]}",
        *answer["notes"],
        f"classes: {_counted(answer['classes'])}",
        f"models:  {_counted(answer['models'])}",
    ]
    if answer["flags"]:
        lines.append(f"flags:   {_counted(answer['flags'])}")
    lines += [f"{answer['cpu_seconds']:.1f} s of processor time", ""]
    lines.append(_caption(len(found.starts), protection))
    heads = ("series", "class", "model", "mean", *_levels(found))
    rows = [
        (
            _cut(found.series[row]),
            DemandClass(int(found.demand_class[row])).name.lower(),
            found.model[row],
            *map(_figure, _figures(found, row, protection)),
        )
        for row in range(min(len(found.series), ROWS_MOST))
    ]
    lines += _table(heads, rows, 3)
    if len(found.series) > ROWS_MOST:
        more = "" if answer["files"] else "; --out FILE has all of them"
        lines.append(f"… {len(found.series) - ROWS_MOST} more{more}")
    if totals is not None:
        sums = [
            (_cut(name), *map(_figure, _figures(totals, row, protection)))
            for row, name in enumerate(totals.series[:ROWS_MOST])
        ]
        lines += ["", *_table(("total of", "mean", *_levels(found)), sums, 1)]
    lines += [f"written: {name}" for name in answer["files"]]
    return "\n".join(lines)


def _read(answer: Mapping[str, Any]) -> str:
    many = "1 period" if answer["periods"] == 1 else f"{answer['periods']} periods"
    first, last = answer["from"], answer["to"]
    span = first if first == last else f"{first} to {last}"
    if "since" in answer:
        return f"{answer['series']} series, moved on by {many}, {span}"
    return f"{answer['series']} series of {many}, {span}"


def _levels(found: Forecast) -> tuple[str, ...]:
    return tuple(f"q{level}" for level in found.quantiles.levels)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> list[str]:
    """Columns, those after so many `words` set to the right."""
    widths = [max(map(len, cells)) for cells in zip(heads, *rows, strict=True)]

    def row(cells: Sequence[str]) -> tuple[str, ...]:
        right = zip(cells[words:], widths[words:], strict=True)
        return (*cells[:words], *(cell.rjust(width) for cell, width in right))

    return list(columns(row(heads), [row(cells) for cells in rows]))


def _caption(horizon: int, protection: int | None) -> str:
    if protection is None:
        ahead = "the next period" if horizon == 1 else f"the {horizon} periods ahead, on average"
        return f"Demand of {ahead}:"
    many = "the next period" if protection == 1 else f"the next {protection} periods together"
    return f"Demand of {many}, which stock must cover:"


def _figures(found: Forecast | Total, row: int, protection: int | None) -> list[float]:
    if protection is None:
        ahead = found.quantiles.values[row].mean(axis=0)
        return [float(found.mean[row].mean()), *map(float, ahead)]
    one = found.protection.part(row, row + 1)
    return [float(one.mean[0]), *map(float, one.quantiles(found.quantiles.levels)[0])]


def _figure(value: float) -> str:
    return spaced(value) if value >= 100 or value == 0 else f"{value:.2f}"


def _cut(name: str) -> str:
    return name if len(name) <= NAME_MOST else f"{name[: NAME_MOST - 1]}…"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
