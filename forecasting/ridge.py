"""A ridge whose coefficients differ from series to series by as much as the series show.

Source: Fahrmeir and Tutz 2001, Multivariate Statistical Modelling, section 7.3 (EM for random
coefficients).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: weight, in periods, of all series' variance against a series' own
VARIANCE_WEIGHT = 10.0
#: least variances, of noise and of coefficients
NOISE, SPREAD = 1e-4, 1e-5


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal equations of n series: gram (n, k, k), moment (n, k), square (n,), count (n,)."""

    gram: Floats
    moment: Floats
    square: Floats
    count: Floats

    def rest(self, b: Floats) -> Floats:
        """Answer the sum of squares (n,) that coefficients (n, k) leave."""
        fitted = np.einsum("nk,nkl,nl->n", b, self.gram, b)
        answer: Floats = self.square - 2.0 * (self.moment * b).sum(axis=1) + fitted
        return np.maximum(answer, 0.0)

    def between(self, mean: Floats, spread: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Answer coefficients (n, k) between the common and a series' own, and their covariance."""
        known = self.gram / noise[:, None, None]
        inverse = np.asarray(np.linalg.inv(known + np.diag(1.0 / spread)), np.float64)
        gap = (self.moment - self.gram @ mean) / noise[:, None]
        own: Floats = mean + np.einsum("nkl,nl->nk", inverse, gap)
        return own, inverse

    def own(self, mean: Floats, spread: Floats, shared: float) -> Floats:
        """Answer each series' coefficients (n, k), its noise drawn towards the shared."""
        noise = np.full(len(self.count), shared)
        own, _ = self.between(mean, spread, noise)
        for _ in range(2):
            noise = self.noise(self.rest(own), shared)
            own, _ = self.between(mean, spread, noise)
        return own

    def noise(self, rest: Floats, shared: float) -> Floats:
        """Answer each series' variance of noise (n,), drawn towards the shared."""
        weight = VARIANCE_WEIGHT
        return np.maximum((rest + weight * shared) / (self.count + weight), NOISE)


def normal(target: Floats, weight: Floats, matrix: Floats) -> Normal:
    """Set up the equations of targets (n, t) on columns (n, t, k), each series about its mean."""
    count = np.maximum(weight.sum(axis=1), 1.0)
    share = (weight / count[:, None])[:, None, :]
    centred = matrix - share @ matrix
    centred *= weight[:, :, None]
    middle = (target * share[:, 0]).sum(axis=1, keepdims=True)
    z = (target - middle) * weight
    turned = centred.transpose(0, 2, 1)
    return Normal(
        turned @ centred,
        (turned @ z[:, :, None])[:, :, 0],
        np.einsum("nt,nt->n", z, z),
        count,
    )


def pooled(
    equations: Normal, start: tuple[Floats, Floats] | None, rounds: int
) -> tuple[Floats, Floats, float]:
    """Answer the common coefficients, their spread (k,) and the middle noise, by EM.

    start: coefficients and spread to begin with, when some are known.
    """
    n, k = equations.moment.shape
    if start is None:
        ridge = equations.gram.sum(axis=0) + np.eye(k)
        start = np.linalg.solve(ridge, equations.moment.sum(axis=0)), np.full(k, 0.1)
    mean, spread = start
    shared, noise = _shared(equations, equations.rest(np.broadcast_to(mean, (n, k))))
    for _ in range(rounds):
        own, inverse = equations.between(mean, spread, noise)
        loose = np.einsum("nkl,nlk->n", equations.gram, inverse)
        shared, noise = _shared(equations, equations.rest(own) + loose)
        mean = own.sum(axis=0) / (n + spread)
        doubt = np.diagonal(inverse, axis1=1, axis2=2)
        spread = np.maximum((np.square(own - mean) + doubt).mean(axis=0), SPREAD)
    return mean, spread, shared


def _shared(equations: Normal, rest: Floats) -> tuple[float, Floats]:
    shared = max(float(np.median(rest / equations.count)), NOISE)
    return shared, equations.noise(rest, shared)
