"""The demand of a protection interval, as one type: mean, quantiles and expected shortage.

Between its levels the demand is piecewise exponential: a straight line in x = -log(1 - p). So the
upper tail goes on as it ended, and the expected shortage has a closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: halvings of the bounds when a stock is sought
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Distribution:
    """The demand of n series over a protection interval; never negative, never NaN.

    mean (n,); levels (k,): probabilities strictly between 0 and 1, ascending; values (n, k): the
    quantiles at those levels, ascending and >= 0.
    Raises: ValueError when the arrays do not fit or break one of these rules.
    """

    mean: Floats
    levels: Floats
    values: Floats

    def __post_init__(self) -> None:
        n, k = self.values.shape
        if self.mean.shape != (n,) or self.levels.shape != (k,) or k == 0:
            raise ValueError("mean must be (n,), levels (k,) and values (n, k), with k >= 1")
        if not (np.all(np.diff(self.levels) > 0) and self.levels[0] > 0 and self.levels[-1] < 1):
            raise ValueError("levels must ascend strictly between 0 and 1")
        if not (np.isfinite(self.values).all() and np.isfinite(self.mean).all()):
            raise ValueError("mean and values must be finite")
        if n and (self.mean.min() < 0 or self.values.min() < 0):
            raise ValueError("mean and values must not be negative")
        if np.any(np.diff(self.values, axis=1) < 0):
            raise ValueError("values must ascend from level to level")

    @classmethod
    def build(cls, mean: ArrayLike, levels: ArrayLike, values: ArrayLike) -> Self:
        """Make a distribution of raw figures: sorted, cut at zero, unknown values made the mean."""
        middle = np.nan_to_num(np.maximum(np.asarray(mean, dtype=np.float64), 0.0), posinf=0.0)
        raw = np.asarray(values, dtype=np.float64)
        raw = np.where(np.isfinite(raw), np.maximum(raw, 0.0), middle[:, None])
        # Figures too small to divide by are none.
        raw = np.where(raw < 1e-100, 0.0, raw)
        # The quantiles of a set of wrongly ordered ones are those, sorted.
        # Source: Chernozhukov, Fernandez-Val and Galichon 2010, Econometrica 78(3).
        return cls(middle, np.asarray(levels, dtype=np.float64), np.sort(raw, axis=1))

    @classmethod
    def join(cls, parts: Sequence[Distribution]) -> Self:
        """Put the series of several distributions with equal levels one under the other."""
        return cls(
            np.concatenate([part.mean for part in parts]),
            parts[0].levels,
            np.concatenate([part.values for part in parts]),
        )

    def part(self, start: int, stop: int) -> Distribution:
        """Answer series start up to, not with, stop."""
        return Distribution(self.mean[start:stop], self.levels, self.values[start:stop])

    def times(self, factor: ArrayLike) -> Distribution:
        """Answer the demand multiplied by a factor >= 0, one for all or one a series."""
        each = np.broadcast_to(np.asarray(factor, dtype=np.float64), self.mean.shape)
        return Distribution(self.mean * each, self.levels, self.values * each[:, None])

    def quantile(self, p: ArrayLike) -> Floats:
        """Answer the demand (n,) not exceeded with probability p, one for all or one a series.

        Raises: ValueError when a p is not from 0 up to, not with, 1.
        """
        wanted = np.broadcast_to(np.asarray(p, dtype=np.float64), self.mean.shape)
        if not np.all((wanted >= 0) & (wanted < 1)):
            raise ValueError("a probability must be from 0 up to, not with, 1")
        x, value, slope = self._line()
        rate = -np.log1p(-wanted)
        at = np.maximum(np.searchsorted(x, rate, side="right") - 1, 0)
        row = np.arange(len(at))
        return value[row, at] + slope[row, at] * (rate - x[at])

    def quantiles(self, levels: ArrayLike) -> Floats:
        """Answer the quantiles (n, j) at each of j levels."""
        wanted = np.asarray(levels, dtype=np.float64)
        return np.stack([self.quantile(level) for level in wanted], axis=1)

    def probability(self, stock: ArrayLike) -> Floats:
        """Answer the chance (n,) that the demand does not exceed a stock."""
        held = np.broadcast_to(np.asarray(stock, dtype=np.float64), self.mean.shape)
        return np.where(held >= self._least(), -np.expm1(-self._rate(held)), 0.0)

    def expected_loss(self, stock: ArrayLike) -> Floats:
        """Answer the demand (n,) expected beyond a stock: E[(D - stock)+].

        Source: the integral of the survival function, Snyder and Shen 2019, eq. (4.8).
        """
        held = np.broadcast_to(np.asarray(stock, dtype=np.float64), self.mean.shape)
        x, value, slope = self._line()
        after = self._loss(x, slope)
        row = np.arange(len(held))
        at = np.maximum((value <= held[:, None]).sum(axis=1) - 1, 0)
        climb = slope[row, at]
        into = np.divide(held - value[row, at], climb, out=np.zeros(len(held)), where=climb > 0)
        rate = np.maximum(x[at] + into, x[at])
        spent = climb * (np.exp(-x[at]) - np.exp(-rate))
        inside = np.maximum(after[row, at] - spent, 0.0)
        return np.where(held < value[:, 0], after[:, 0] + value[:, 0] - held, inside)

    def variance(self) -> Floats:
        """Answer the variance (n,) of the law that the quantiles draw."""
        x, value, slope = self._line()
        span = np.append(np.diff(x), np.inf)
        gone = np.exp(-span)
        inner = value * (1.0 - gone) + slope * (1.0 - gone * (1.0 + np.append(span[:-1], 0.0)))
        square = (2.0 * slope * np.exp(-x) * inner).sum(axis=1) + value[:, 0] ** 2
        answer: Floats = np.maximum(square - self.expected_loss(0.0) ** 2, 0.0)
        return answer

    def fill_quantile(
        self, fill: ArrayLike, order: ArrayLike | None = None, before: Distribution | None = None
    ) -> Floats:
        """Answer the least stock (n,) at which the expected share of demand is met at once.

        Without `before` all of E[(D - stock)+] is one order cycle's shortage: right for (s, Q),
        too much stock where each period's order raises to a level, for then a shortage that
        lasts is counted again. There `before` is the demand from an order to its arrival, and
        the shortage is what the periods after that add. order (n,): the demand expected of one
        cycle; when it is not given, of the interval less what is `before`.
        Raises: ValueError when a fill rate is not from 0 up to, not with, 1, or `before` is of
        another number of series.
        Source: Silver, Pyke and Thomas 2017, section 6.7, rule P2; Snyder and Shen 2019,
        section 4.3.
        """
        wanted = np.broadcast_to(np.asarray(fill, dtype=np.float64), self.mean.shape)
        if not np.all((wanted >= 0) & (wanted < 1)):
            raise ValueError("a fill rate must be from 0 up to, not with, 1")
        if before is not None and before.mean.shape != self.mean.shape:
            raise ValueError(f"before is of {len(before.mean)} series, expected {len(self.mean)}")
        whole = self.expected_loss(0.0)
        early = np.zeros_like(whole) if before is None else before.expected_loss(0.0)
        cycle = np.maximum(whole - early, 0.0)
        if order is not None:
            cycle = np.minimum(np.asarray(order, dtype=np.float64), whole)
        short = (1.0 - wanted) * cycle
        high = self._stock(short)
        if before is not None:
            low = np.zeros_like(high)
            for _ in range(HALVINGS):
                middle = 0.5 * (low + high)
                much = self.expected_loss(middle) - before.expected_loss(middle) > short
                low, high = np.where(much, middle, low), np.where(much, high, middle)
        # Nothing is asked for, so nothing is missed.
        return np.where(cycle > 0, high, 0.0)

    def _stock(self, short: Floats) -> Floats:
        """Answer the stock (n,) at which a shortage is expected, the inverse of expected_loss."""
        x, value, slope = self._line()
        after = self._loss(x, slope)
        whole = after[:, 0] + value[:, 0]
        row = np.arange(len(short))
        at = np.maximum((after >= short[:, None]).sum(axis=1) - 1, 0)
        climb = slope[row, at]
        spent = np.divide(after[row, at] - short, climb, out=np.zeros(len(short)), where=climb > 0)
        survival = np.maximum(np.exp(-x[at]) - spent, 1e-300)
        inside = value[row, at] + climb * (-np.log(survival) - x[at])
        return np.where(short > after[:, 0], np.maximum(whole - short, 0.0), inside)

    def _least(self) -> Floats:
        """Answer the demand (n,) at probability 0: the first line carried back, cut at zero."""
        if len(self.levels) == 1:
            return np.zeros(len(self.mean))
        x = -np.log1p(-self.levels[:2])
        climb = (self.values[:, 1] - self.values[:, 0]) / (x[1] - x[0])
        least: Floats = np.maximum(self.values[:, 0] - climb * x[0], 0.0)
        return least

    def _line(self) -> tuple[Floats, Floats, Floats]:
        """Answer the knots' x (k + 1,), values and the slopes after them (n, k + 1)."""
        x = np.concatenate([[0.0], -np.log1p(-self.levels)])
        value = np.concatenate([self._least()[:, None], self.values], axis=1)
        slope = np.empty_like(value)
        slope[:, :-1] = np.diff(value, axis=1) / np.diff(x)
        # The tail is as long as the longer of the last two lines: the last may be flat by chance.
        slope[:, -1] = slope[:, -3:-1].max(axis=1)
        return x, value, slope

    @staticmethod
    def _loss(x: Floats, slope: Floats) -> Floats:
        """Answer the demand expected beyond each knot (n, k + 1)."""
        survival = np.append(np.exp(-x), 0.0)
        pieces = slope * (survival[:-1] - survival[1:])
        beyond: Floats = np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]
        return beyond

    def _rate(self, held: Floats) -> Floats:
        """Answer x at which the demand equals a stock; infinite beyond a demand that is certain."""
        x, value, slope = self._line()
        row = np.arange(len(held))
        at = np.maximum((value <= held[:, None]).sum(axis=1) - 1, 0)
        climb = slope[row, at]
        beyond = np.maximum(held - value[row, at], 0.0)
        flat = np.where(at == len(x) - 1, np.inf, x[at])
        return np.where(climb > 0, x[at] + np.divide(beyond, np.where(climb > 0, climb, 1)), flat)
