"""What a way of forecasting would have cost: rolling origins, pinball loss, and stock really run.

A more complex model must win by MARGIN twice: on the pinball loss of the interval's sum, and on
the stock that reaches the promised fill rate in a simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.calibration import Sums, count
from forecasting.candidate import Candidate
from forecasting.demand_class import DemandClass
from forecasting.distribution import Distribution
from forecasting.relative import class_scale
from forecasting.simulation import simulate

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Codes = NDArray[np.int8]

#: what each step of complexity must win
MARGIN = 0.02
#: levels at which pinball losses are taken
LEVELS = np.array([0.5, 0.9, 0.95, 0.99])
#: mean demands above which a period counts as no more
UNHEARD = 5.0
#: shortages, in shares of the one promised, at which stocks are compared
SHORTAGES = np.array([1.0, 2.0, 3.0])
#: the probabilities of no shortage that are simulated
TRIED = np.array([0.6, 0.75, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 0.998])
#: how many series of a class are simulated, and the fewest that tell anything
SAMPLE, FEWEST = 512, 8


@dataclass(frozen=True, slots=True)
class Score:
    """How one way of forecasting did over rolling origins.

    coverage (k,): share of sums not above the quantile; pinball (k,): loss in shares of the mean
    demand; both at LEVELS. fill: share of demand met at each of TRIED; stock: periods of mean
    demand on hand then.
    """

    coverage: Floats
    pinball: Floats
    fill: Floats
    stock: Floats

    def stock_at(self, fill: float) -> float:
        """Answer the stock at which a fill rate is reached; nan where none tried reaches it."""
        return _stock_at(self.fill, self.stock, fill)


def backtest(
    law: Callable[[int], Distribution], demand: Floats, first: int, protection: int
) -> Score:
    """Score the distributions an origin gives: law(t) knows periods 0 to t - 1 and no more.

    demand: (n, t), nan where unknown; first: the first origin. Series count by their mean demand.
    Raises: ValueError when the periods after `first` do not hold two protection intervals.
    """
    periods = demand.shape[1]
    if first < 1 or first + 2 * protection > periods:
        raise ValueError(f"first {first} and protection {protection} leave nothing of {periods}")
    laws = [law(t) for t in range(first, periods)]
    filled = np.concatenate((np.zeros((len(demand), 1)), np.cumsum(np.nan_to_num(demand), 1)), 1)
    unknown = np.cumsum(np.pad(np.isnan(demand), ((0, 0), (1, 0))), axis=1)
    unit = max(float(np.nanmean(demand)), 1e-12) * protection
    hits, losses = [], []
    for t in range(first, periods - protection + 1):
        known = unknown[:, t + protection] == unknown[:, t]
        actual = (filled[:, t + protection] - filled[:, t])[known]
        quantiles = laws[t - first].quantiles(LEVELS)[known]
        error = actual[:, None] - quantiles
        hits.append((error <= 0).mean(axis=0))
        losses.append(np.maximum(LEVELS * error, (LEVELS - 1.0) * error).mean(axis=0) / unit)
    runs = [
        simulate(demand, first, protection - 1, lambda t, p=p: laws[t - first].quantile(p))  # type: ignore[misc]
        for p in TRIED
    ]
    mean = max(float(np.nanmean(demand)), 1e-12)
    return Score(
        np.mean(hits, axis=0),
        np.mean(losses, axis=0),
        np.array([run.fill_rate() for run in runs]),
        np.array([float(run.mean_stock.mean()) / mean for run in runs]),
    )


def prefer(simple: Score, complex: Score, fill: float = 0.95) -> tuple[bool, str]:
    """Answer whether the more complex way is worth it, and why, in words."""
    loss = 1.0 - float(complex.pinball.sum()) / max(float(simple.pinball.sum()), 1e-12)
    before, after = simple.stock_at(fill), complex.stock_at(fill)
    stock = 1.0 - after / before if before > 0 else 0.0
    wins = loss >= MARGIN and bool(stock >= MARGIN)
    words = f"{loss:+.0%} pinball loss saved, {stock:+.0%} stock at {fill:.0%} fill"
    return wins, f"{words}: {'worth' if wins else 'not worth'} the step"


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
        spared = 100.0 * (1.0 - ratio)
        word = "less" if spared >= 0 else "more"
        return f"{abs(spared):.0f} % {word} stock at the same fill rate"


def allow(
    candidates: Sequence[Candidate],
    demand: Floats,
    actual: Floats,
    codes: Codes,
    origins: Places,
    protection: int,
    fill: float = 0.95,
) -> Allowed:
    """Answer which candidates save at least MARGIN of the simplest one's stock, by class.

    Classes of too few series allow all. demand (n, t), actual (n, o), nan where unknown.
    """
    simplest = min(range(len(candidates)), key=lambda i: candidates[i].complexity)
    stock = np.full((len(DemandClass), len(candidates)), np.nan)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        rows = rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE]
        if len(rows) < FEWEST:
            continue
        needed = [
            _stock(each, rows, demand, actual, codes, origins, protection, fill)
            for each in candidates
        ]
        base = needed[simplest]
        if np.all(base > 0):
            ratio = np.maximum(np.stack(needed), 1e-12) / base
            stock[code] = np.exp(np.log(ratio).mean(axis=1))
    table = ~(stock > 1.0 - MARGIN)
    table[:, simplest] = True
    return Allowed(tuple(c.name for c in candidates), table, stock)


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
