"""New items in a forecast: what they lack, items of their kind lend them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from forecasting.demand_class import DemandClass, begun
from forecasting.distribution import Distribution
from forecasting.flag import Flag
from forecasting.fresh import Fresh, borrow, imagine
from forecasting.history import History
from forecasting.result import Forecast

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: the fewest grown items that may lend, the most that are asked, and whose quantiles are mixed
FEWEST, MOST, MIXED = 8, 400, 64
#: an item whose forecast is its own by this share borrows nothing
OWN = 0.95
#: new items looked at together, so that many of them need little memory
BLOCK = 4_096


def lend(made: Forecast, history: History, season: int) -> Forecast:
    """Answer a forecast whose young items borrow from grown ones like them; others stay.

    The arrays of `made` are written to. Young is an item known for less than half a season, or 16
    periods; a slow one that is long known is not.
    """
    new = np.flatnonzero(made.demand_class == DemandClass.NEW)
    grown = np.flatnonzero(~np.isin(made.demand_class, (DemandClass.NEW, DemandClass.DYING)))
    grown = grown[:: max(1, len(grown) // MOST)][:MOST]
    if not len(new) or len(grown) < FEWEST:
        return made
    lender = _Lender.of(made, history, grown)
    for start in range(0, len(new), BLOCK):
        lender.lend(new[start : start + BLOCK], season)
    return lender.lent()


@dataclass(frozen=True, slots=True)
class _Lender:
    """A forecast that is being rewritten, and the grown items that lend."""

    made: Forecast
    history: History
    grown: Places
    demand: Floats
    model: list[str]
    reason: list[str]
    flags: list[frozenset[Flag]]

    @classmethod
    def of(cls, made: Forecast, history: History, grown: Places) -> Self:
        lists = list(made.model), list(made.reason), list(made.flags)
        return cls(made, history, grown, _known(history, grown), *lists)

    def lend(self, new: Places, season: int) -> None:
        """Rewrites those of a block of new items that are young and do not know themselves yet."""
        young = _known(self.history, new)
        some = np.sum(~np.isnan(young), axis=1) < max(16, season // 2)
        new, young = new[some], young[some]
        rows = np.concatenate((new, self.grown))
        kinds = {name: tuple(of[i] for i in rows) for name, of in self.history.attributes.items()}
        demand = np.concatenate((young, self.demand))
        fresh = borrow(demand, np.arange(len(rows)) >= len(new), kinds)
        at = np.flatnonzero(fresh.belief[: len(new)] < OWN)
        if len(at):
            self._write(fresh, at, new[at])

    def lent(self) -> Forecast:
        """The forecast as it is now."""
        names = tuple(self.model), tuple(self.reason), tuple(self.flags)
        return replace(self.made, model=names[0], reason=names[1], flags=names[2])

    def _write(self, fresh: Fresh, at: Places, rows: Places) -> None:
        made = self.made
        grown = self.grown[:: max(1, len(self.grown) // MIXED)][:MIXED]
        interval = Distribution(
            made.protection.mean[grown], made.protection.levels, made.protection.values[grown]
        )
        like = interval.mean / made.request.protection
        sums = imagine(fresh, at, interval, like)
        levels = made.quantiles.levels
        first = np.ascontiguousarray(made.mean[grown].mean(axis=1))
        shapes = made.quantiles.values[grown].mean(axis=1)
        single = imagine(fresh, at, Distribution.build(first, levels, shapes), first)
        sold = _open(self.history, rows, made.mean.shape[1])
        made.mean[rows] = single.mean[:, None] * sold
        made.quantiles.values[rows] = single.values[:, None, :] * sold[..., None]
        made.protection.mean[rows], made.protection.values[rows] = sums.mean, sums.values
        # Its own short past would forget at the next period what the others lent.
        made.state.stand_in[rows] = True
        for i, row in zip(at.tolist(), rows.tolist(), strict=True):
            self.model[row] = "kind"
            share = f"{1.0 - fresh.belief[i]:.0%}"
            self.reason[row] = f"kind: new, {share} borrowed from {fresh.kind[i]}"
            self.flags[row] = self.flags[row] | {Flag.BORROWED}


def _known(history: History, rows: Places) -> Floats:
    demand = np.array(history.demand[rows], dtype=np.float64)
    periods = demand.shape[1]
    if history.open is not None:
        demand[~history.open[rows, :periods]] = np.nan
    demand[np.arange(periods) < begun(demand)[:, None]] = np.nan
    return demand


def _open(history: History, rows: Places, horizon: int) -> Floats:
    """Answer 1.0 for the periods ahead (rows, h) that are open or not known to be closed."""
    answer = np.ones((len(rows), horizon))
    if history.open is not None:
        ahead = history.open[rows, history.demand.shape[1] :][:, :horizon]
        answer[:, : ahead.shape[1]] = ahead
    return answer
