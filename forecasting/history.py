"""What was ordered, series by series and period by period."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Frequency(StrEnum):
    """How long one period is."""

    DAY = "D"
    WEEK = "W"
    MONTH = "MS"

    @property
    def season(self) -> int:
        """Periods after which demand may repeat, unless the caller knows better."""
        return {"D": 7, "W": 52, "MS": 12}[self.value]


@dataclass(frozen=True, slots=True)
class History:
    """What was ordered of n series in t periods, and what is known of `future` more.

    Raises: ValueError where shapes disagree, a period is missing or a demand is negative.
    """

    series: tuple[str, ...]
    #: (t,) first day of each period, datetime64[D], without gaps
    starts: Days
    frequency: Frequency
    #: (n, t), never negative; nan is unknown: before the first sale, out of stock, missing
    demand: Floats
    #: name -> (n, t + future)
    drivers: Mapping[str, Floats] = field(default_factory=dict)
    future: int = 0
    #: name -> (n,), such as brand or class
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: (n, t + future); False is closed: the demand says nothing and the forecast is 0
    open: Flags | None = None

    def __post_init__(self) -> None:
        n, t = len(self.series), len(self.starts)
        if self.demand.shape != (n, t):
            raise ValueError(f"demand is {self.demand.shape}, expected {(n, t)}")
        if self.future < 0:
            raise ValueError(f"future is {self.future}, expected 0 or more")
        known = (n, t + self.future)
        for name, driver in self.drivers.items():
            if driver.shape != known:
                raise ValueError(f"driver {name!r} is {driver.shape}, expected {known}")
        if self.open is not None and self.open.shape != known:
            raise ValueError(f"open is {self.open.shape}, expected {known}")
        for name, values in self.attributes.items():
            if len(values) != n:
                raise ValueError(f"attribute {name!r} has {len(values)} values, expected {n}")

    @property
    def shape(self) -> tuple[int, int]:
        """Series and periods."""
        return len(self.series), len(self.starts)

    def part(self, start: int, stop: int) -> "History":
        """Answer the series of rows start to stop, as views."""
        rows = slice(start, stop)
        return replace(
            self,
            series=self.series[rows],
            demand=self.demand[rows],
            drivers={name: driver[rows] for name, driver in self.drivers.items()},
            attributes={name: values[rows] for name, values in self.attributes.items()},
            open=None if self.open is None else self.open[rows],
        )

    def take(self, rows: NDArray[np.intp]) -> "History":
        """Answer the series of these rows, copied."""
        return replace(
            self,
            series=tuple(self.series[i] for i in rows),
            demand=self.demand[rows],
            drivers={name: driver[rows] for name, driver in self.drivers.items()},
            attributes={
                name: tuple(values[i] for i in rows) for name, values in self.attributes.items()
            },
            open=None if self.open is None else self.open[rows],
        )

    def until(self, t: int) -> "History":
        """Answer what was known after the first t periods; drivers of later ones stay known."""
        return replace(
            self,
            starts=self.starts[:t],
            demand=self.demand[:, :t],
            future=self.future + len(self.starts) - t,
        )


def following(starts: Days, frequency: Frequency, count: int) -> Days:
    """Answer the first days of the `count` periods after the last of `starts`."""
    last = starts[-1].astype("datetime64[D]")
    steps = np.arange(1, count + 1)
    if frequency is Frequency.MONTH:
        months = last.astype("datetime64[M]") + steps
        answer: Days = months.astype("datetime64[D]")
        return answer
    days: Days = last + steps * (7 if frequency is Frequency.WEEK else 1)
    return days
