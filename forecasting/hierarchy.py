"""Sums of items, warehouses, brands: from the bottom up, so that the parts make the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Groups:
    """Which of m sums each of n series belongs to: names (m,), place (n,)."""

    names: tuple[str, ...]
    place: Places

    @classmethod
    def of(cls, labels: Sequence[str]) -> Groups:
        """Group series by their labels, in the order of the alphabet."""
        names = sorted(set(labels))
        at = {name: i for i, name in enumerate(names)}
        return cls(tuple(names), np.array([at[label] for label in labels], np.intp))

    def sum(self, rows: Floats) -> Floats:
        """Answer the sums (m, ...) of rows (n, ...)."""
        answer = np.zeros((len(self.names), *rows.shape[1:]))
        np.add.at(answer, self.place, rows)
        return answer


def together(errors: Floats, groups: Groups) -> Floats:
    """Answer how far the members of each group move together (m,), from 0 to 1.

    errors: (n, o) past errors of the same origins, nan where unknown. With v the mean square of a
    group's summed error, a the sum of its members' and b the square of their summed roots, it is
    (v - a) / (b - a).
    """
    known = ~np.isnan(errors)
    filled = np.where(known, errors, 0.0)
    count = np.maximum(known.sum(axis=1), 1)
    square = (filled**2).sum(axis=1) / count
    apart = groups.sum(square)
    abreast = groups.sum(np.sqrt(square)) ** 2
    origins = max(errors.shape[1], 1)
    whole = (groups.sum(filled) ** 2).sum(axis=1) / origins
    room = abreast - apart
    share = np.divide(whole - apart, room, out=np.zeros_like(room), where=room > 1e-12 * abreast)
    answer: Floats = np.clip(share, 0.0, 1.0)
    return answer


def add_up(bottom: Distribution, groups: Groups, shared: Floats | float = 0.0) -> Distribution:
    """Answer the demand of each group; the mean is the members' sum to the last unit.

    The variance is the members' sum where they move apart, that of the summed deviations where
    they move together, in between as `shared` (m,) says. The more members move apart, the nearer
    the shape is to the normal law. A group of one keeps its own.
    Raises: ValueError when the groups are of another number of series.
    """
    if len(groups.place) != len(bottom.mean):
        raise ValueError(f"groups of {len(groups.place)} series, expected {len(bottom.mean)}")
    mean = groups.sum(bottom.mean)
    deviation = np.sqrt(bottom.variance())
    one = np.maximum(deviation, 1e-12)
    mix = np.broadcast_to(np.asarray(shared, dtype=np.float64), mean.shape)
    variance = groups.sum(deviation**2)
    size = np.sqrt(mix * groups.sum(deviation) ** 2 + (1.0 - mix) * variance)
    members = variance**2 / np.maximum(groups.sum(deviation**4), 1e-300)
    members = np.where(variance > 0, members, 1.0) ** (1.0 - mix)
    own = (bottom.values - bottom.mean[:, None]) / one[:, None]
    common = groups.sum(own * deviation[:, None]) / np.maximum(groups.sum(one), 1e-12)[:, None]
    normal = np.array([NormalDist().inv_cdf(level) for level in bottom.levels])
    # The skewness of m equal laws' sum is theirs over the root of m: Cornish and Fisher 1938.
    shape = normal + (common - normal) / np.sqrt(members)[:, None]
    return Distribution.build(mean, bottom.levels, mean[:, None] + size[:, None] * shape)
