"""Laws of demand: how likely each quantity is, and what is missed above a level."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STANDARD = NormalDist()
# What a law of whole units leaves out of its tail.
TAIL = 1e-14


class Law(Protocol):
    """Demand over some time, in units."""

    @property
    def mean(self) -> float:
        """The expected demand."""

    @property
    def deviation(self) -> float:
        """The standard deviation."""

    def below(self, level: float) -> float:
        """The probability that demand is at most `level`."""

    def quantile(self, probability: float) -> float:
        """The least level that demand stays within with this probability, 0 < p < 1."""

    def loss(self, level: float) -> float:
        """What is expected to be missed: E[(D - level)+].

        Source: Snyder & Shen, 2nd ed., appendix C.3.
        """

    def second_loss(self, level: float) -> float:
        """Half of E[((D - level)+)^2]."""


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal demand; a deviation of 0 is a demand that is known."""

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        _refuse(self.deviation < 0 or not math.isfinite(self.mean + self.deviation), "deviation")

    def below(self, level: float) -> float:
        if self.deviation == 0:
            return float(level >= self.mean)
        return STANDARD.cdf((level - self.mean) / self.deviation)

    def quantile(self, probability: float) -> float:
        return self.mean + STANDARD.inv_cdf(probability) * self.deviation

    def loss(self, level: float) -> float:
        if self.deviation == 0:
            return max(self.mean - level, 0.0)
        return self.deviation * standard_loss((level - self.mean) / self.deviation)

    def second_loss(self, level: float) -> float:
        if self.deviation == 0:
            return max(self.mean - level, 0.0) ** 2 / 2
        z = (level - self.mean) / self.deviation
        return self.deviation**2 * standard_second_loss(z)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Demand whose logarithm is normal with this mean and deviation."""

    log_mean: float
    log_deviation: float

    def __post_init__(self) -> None:
        _refuse(self.log_deviation <= 0, "log_deviation")

    @property
    def mean(self) -> float:
        return math.exp(self.log_mean + self.log_deviation**2 / 2)

    @property
    def deviation(self) -> float:
        return self.mean * math.sqrt(math.expm1(self.log_deviation**2))

    def below(self, level: float) -> float:
        if level <= 0:
            return 0.0
        return STANDARD.cdf((math.log(level) - self.log_mean) / self.log_deviation)

    def quantile(self, probability: float) -> float:
        return math.exp(self.log_mean + STANDARD.inv_cdf(probability) * self.log_deviation)

    def loss(self, level: float) -> float:
        if level <= 0:
            return self.mean - level
        z = (math.log(level) - self.log_mean) / self.log_deviation
        return self.mean * STANDARD.cdf(self.log_deviation - z) - level * STANDARD.cdf(-z)

    def second_loss(self, level: float) -> float:
        squared = self.mean**2 + self.deviation**2
        if level <= 0:
            return (squared - 2 * level * self.mean + level**2) / 2
        z = (math.log(level) - self.log_mean) / self.log_deviation
        above = squared * STANDARD.cdf(2 * self.log_deviation - z)
        linear = self.mean * STANDARD.cdf(self.log_deviation - z)
        return (above - 2 * level * linear + level**2 * STANDARD.cdf(-z)) / 2


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every quantity between two bounds is as likely as any other."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _refuse(not self.low < self.high, "high")

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def deviation(self) -> float:
        return (self.high - self.low) / math.sqrt(12)

    def below(self, level: float) -> float:
        return min(max((level - self.low) / (self.high - self.low), 0.0), 1.0)

    def quantile(self, probability: float) -> float:
        return self.low + probability * (self.high - self.low)

    def loss(self, level: float) -> float:
        if level <= self.low:
            return self.mean - level
        return max(self.high - level, 0.0) ** 2 / (2 * (self.high - self.low))

    def second_loss(self, level: float) -> float:
        if level <= self.low:
            return (self.deviation**2 + (self.mean - level) ** 2) / 2
        return max(self.high - level, 0.0) ** 3 / (6 * (self.high - self.low))


@dataclass(frozen=True, slots=True, eq=False)
class Discrete:
    """Demand in whole units: unit k has probability share[k], from 0 on."""

    share: Floats

    def __post_init__(self) -> None:
        bad = self.share.ndim != 1 or not len(self.share) or bool((self.share < 0).any())
        _refuse(bad or abs(float(self.share.sum()) - 1) > 1e-6, "share")

    @property
    def mean(self) -> float:
        return float(self.share @ np.arange(len(self.share)))

    @property
    def deviation(self) -> float:
        square = float(self.share @ np.arange(len(self.share), dtype=np.float64) ** 2)
        return math.sqrt(max(square - self.mean**2, 0.0))

    def below(self, level: float) -> float:
        return float(self.share[: max(math.floor(level) + 1, 0)].sum())

    def quantile(self, probability: float) -> float:
        running = np.cumsum(self.share)
        return float(min(int(np.searchsorted(running, probability - TAIL)), len(running) - 1))

    def loss(self, level: float) -> float:
        return float(self.share @ np.maximum(np.arange(len(self.share)) - level, 0.0))

    def second_loss(self, level: float) -> float:
        return float(self.share @ np.maximum(np.arange(len(self.share)) - level, 0.0) ** 2) / 2


def poisson(mean: float) -> Discrete:
    """Poisson demand.

    Raises:
        ValueError: a mean below 0.
    """
    _refuse(not (0 <= mean < 1e7), "mean")
    if mean == 0:
        return Discrete(np.ones(1))
    last = math.ceil(mean + 9 * math.sqrt(mean) + 40)
    units = np.arange(1, last + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(mean / units))]) - mean
    return _normed(np.exp(logs))


def negative_binomial(mean: float, variance: float) -> Discrete:
    """Demand more spread than Poisson's; Poisson's where the variance is no larger than the mean.

    Raises:
        ValueError: a mean or a variance below 0.
    """
    _refuse(not (0 <= mean < 1e7) or variance < 0, "variance")
    if variance <= mean:
        return poisson(mean)
    shape, chance = mean**2 / (variance - mean), mean / variance
    last = math.ceil(mean + 14 * math.sqrt(variance) + 40 * variance / max(mean, 1e-9))
    units = np.arange(1, min(last, 10_000_000) + 1)
    steps = np.log((units - 1 + shape) / units * (1 - chance))
    return _normed(np.exp(np.concatenate([[0.0], np.cumsum(steps)]) + shape * math.log(chance)))


def standard_loss(z: float) -> float:
    """The standard normal loss function."""
    return STANDARD.pdf(z) - z * STANDARD.cdf(-z)


def standard_second_loss(z: float) -> float:
    """The standard normal second-order loss function."""
    return ((z * z + 1) * STANDARD.cdf(-z) - z * STANDARD.pdf(z)) / 2


def _normed(share: Floats) -> Discrete:
    kept = share[: len(share) - int(np.argmax(share[::-1] > TAIL))]
    return Discrete(kept / kept.sum())


def _refuse(bad: bool, what: str) -> None:
    if bad:
        raise ValueError(f"no law of demand has this {what}")
