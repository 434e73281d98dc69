"""Which models stock allows: what each would have needed at past origins, by class.

A more complex model must win by MARGIN twice: on the pinball loss of the interval's sum, and on
the stock that reaches the promised fill rate in a simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.calibration import Sums, count
from forecasting.candidate import Candidate
from forecasting.demand_class import DemandClass
from forecasting.relative import class_scale

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Codes = NDArray[np.int8]

#: what each step of complexity must win
MARGIN = 0.02
#: the fill rate at which stocks are compared when no target is asked for
FILL = 0.95
#: mean demands above which a period counts as no more
UNHEARD = 5.0
#: shortages, in shares of the one promised, at which stocks are compared
SHORTAGES = np.array([1.0, 2.0, 3.0])
#: the probabilities of no shortage that are simulated
TRIED = np.array([0.6, 0.75, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 0.998])
#: how many series of a class are simulated, and the fewest that tell anything
SAMPLE, FEWEST = 512, 8


def _less(share: float) -> str:
    """Answer a share spared, in words."""
    return f"{abs(100.0 * share):.0f} % {'less' if share >= 0 else 'more'}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which candidates each class may choose, after stock was run: (classes, candidates)."""

    names: tuple[str, ...]
    table: NDArray[np.bool_]
    #: (classes, candidates) stock against the simplest at the same fill, nan where not known
    stock: Floats

    def reason(self, code: int, index: int) -> str:
        """Answer what the simulation said of a candidate, in words; empty where it said nothing."""
        ratio = self.stock[code, index]
        if not np.isfinite(ratio):
            return ""
        return f"{_less(1.0 - float(ratio))} stock at the same fill rate"


def allow(
    candidates: Sequence[Candidate],
    demand: Floats,
    actual: Floats,
    codes: Codes,
    origins: Places,
    protection: int,
    fill: float = FILL,
) -> Allowed:
    """Answer which candidates save at least MARGIN of the simplest one's stock, by class.

    One that has no forecast of some origin takes the simplest one's there; one whose stock never
    reaches the fill rate saves nothing. Classes of too few series allow all. demand (n, t),
    actual (n, o), nan where unknown.
    """
    simplest = min(range(len(candidates)), key=lambda i: candidates[i].complexity)
    stock = np.full((len(DemandClass), len(candidates)), np.nan)
    table = np.ones(stock.shape, np.bool_)
    whole = [_whole(each, candidates[simplest]) for each in candidates]
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        rows = rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE]
        if len(rows) < FEWEST:
            continue
        needed = [
            _stock(each, rows, demand, actual, codes, origins, protection, fill) for each in whole
        ]
        base = needed[simplest]
        if np.all(base > 0):
            ratio = np.maximum(np.stack(needed), 1e-12) / base
            stock[code] = np.exp(np.log(ratio).mean(axis=1))
            table[code] = stock[code] <= 1.0 - MARGIN
    table[:, simplest] = True
    return Allowed(tuple(c.name for c in candidates), table, stock)


def _whole(candidate: Candidate, simplest: Candidate) -> Candidate:
    past = np.where(np.isnan(candidate.past), simplest.past, candidate.past)
    return replace(candidate, past=past)


def _stock(
    candidate: Candidate,
    rows: Places,
    demand: Floats,
    actual: Floats,
    codes: Codes,
    origins: Places,
    protection: int,
    fill: float,
) -> Floats:
    """Answer the stock of a class' rows that keeps each of SHORTAGES with a candidate's forecasts.

    Raised to a target at an origin, the stock at the interval's end is the target less the
    interval's demand, whatever came before; so origins need not follow on one another.
    Source: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., section 4.3.
    """
    begin = len(origins) // 3
    sums = Sums(candidate.past[rows], actual[rows], candidate.ahead[rows])
    known = ~np.isnan(sums.actual[:, begin:])
    if not known.any() or np.isnan(sums.past[:, begin:]).any():
        return np.full(len(SHORTAGES), np.nan)
    # Every series counts in periods of its mean demand.
    mean = np.nan_to_num(demand[rows]).mean(axis=1)
    unit = np.divide(1.0, mean, out=np.zeros_like(mean), where=mean > 0)
    last = np.nan_to_num(demand[rows][:, origins[begin:] + protection - 1])
    # One unheard-of period decides nothing.
    last = np.minimum(last, UNHEARD * mean[:, None])
    spread = class_scale(demand[rows], sums, codes[rows], origins, protection)
    shape = count(sums, spread, codes[rows], origins).shape(TRIED)
    targets = np.ceil(shape.of(sums.past, spread.past, codes[rows, None])[:, begin:])
    # (rows, origins, levels) left at the end, owed where it is negative
    left = targets - np.where(known, sums.actual[:, begin:], 0.0)[..., None]
    missed = np.minimum(last[..., None], np.maximum(-left, 0.0)) * unit[:, None, None]
    asked = max(float((last * unit[:, None])[known].sum()), 1e-12)
    held = np.clip(left * unit[:, None, None], 0.0, UNHEARD * protection)
    reached, stock = 1.0 - missed[known].sum(axis=0) / asked, held[known].mean(axis=0)
    wanted = 1.0 - np.minimum(SHORTAGES * (1.0 - fill), 0.5)
    return np.array([_stock_at(reached, stock, float(one)) for one in wanted])


def _stock_at(fill: Floats, stock: Floats, wanted: float) -> float:
    reached = np.maximum.accumulate(fill)
    if wanted > reached[-1]:
        return float("nan")
    depth = np.log(np.maximum(stock, 1e-12))
    return float(np.exp(np.interp(wanted, reached, depth)))
