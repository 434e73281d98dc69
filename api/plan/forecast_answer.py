"""Forecasts as one object, for JSON."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Self

from forecasting.demand_class import DemandClass
from forecasting.explain import explain
from forecasting.forecast import Forecast
from forecasting.history import Days, History
from forecasting.reader import Gap, Read
from forecasting.total import Total
from forecasting.writer import period_table, protection_table


@dataclass(frozen=True, slots=True)
class Source:
    """What a forecast was made from. gap: ZERO or UNKNOWN. notes: sentences."""

    starts: Days
    gap: Gap
    notes: tuple[str, ...]

    @classmethod
    def of(cls, read: Read) -> Self:
        """That of a whole history."""
        return cls(read.history.starts, read.gap, read.remarks())


def forecast_answer(
    source: Source, found: Forecast, spent: dict[str, float], files: list[str]
) -> dict[str, Any]:
    """What was read, how it was forecast, how long it took, and the files written."""
    classes = Counter(DemandClass(int(code)).name.lower() for code in found.demand_class)
    return {
        "series": len(found.series),
        "periods": len(source.starts),
        "from": str(source.starts[0]),
        "to": str(source.starts[-1]),
        "gaps": source.gap.value,
        "notes": list(source.notes),
        "classes": dict(classes.most_common()),
        "models": dict(Counter(found.model).most_common()),
        "flags": dict(
            Counter(flag for flags in found.flags for flag in sorted(flags)).most_common()
        ),
        "files": files,
        **{name: round(value, 3) for name, value in spent.items()},
    }


def explained(found: Forecast, history: History) -> Forecast:
    """The same, where drivers are known ahead with what they add or take away in the reason."""
    if not history.future:
        return found
    told = explain(history, found.request, found.mean, found.model)
    reason = (
        f"{why}; {words}" if words else why for why, words in zip(found.reason, told, strict=True)
    )
    return replace(found, reason=tuple(reason))


def answer_rows(found: Forecast, totals: Total | None, *, protected: bool) -> dict[str, Any]:
    """The rows that files would have, where none are written."""
    rows: dict[str, Any] = {"forecast": _period_rows(found)}
    if protected:
        rows["protection"] = _protection_rows(found)
    if totals is not None:
        rows["totals"] = _period_rows(totals)
        if protected:
            rows["totals_protection"] = _protection_rows(totals)
    return rows


def _period_rows(found: Forecast | Total) -> list[dict[str, Any]]:
    """A row for each series and period, as the file has them."""
    table = period_table(found)
    table["ds"] = table["ds"].dt.strftime("%Y-%m-%d")
    return list(table.to_dict("records"))


def _protection_rows(found: Forecast | Total) -> list[dict[str, Any]]:
    """A row for each series: its demand over the protection interval."""
    return list(protection_table(found).to_dict("records"))
