"""New items: what little is known of them, and what others of their kind sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: a group of fewer grown items than this is drawn to all of them by the missing share
ENOUGH = 8
#: quantiles of the mixture of a kind's demand are read off so many points an item
POINTS = 19
#: a grown item that sells less than this share of the usual one is stretched as if it sold so much
SLOWEST = 0.1
#: new items whose mixtures are made at once
TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of item sells: rate, its variance between items, and of a period within one."""

    rate: float
    between: float
    within: float
    count: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """What new items are expected to sell a period.

    rate: (n,); belief: (n,) how much of it is the item's own, from 0 to 1; kind: (n,) the
    attribute and value it borrows from.
    """

    rate: Floats
    belief: Floats
    kind: tuple[str, ...]


def borrow(
    demand: Floats, grown: NDArray[np.bool_], attributes: Mapping[str, tuple[str, ...]]
) -> Fresh:
    """Answer the rates of all n series as if new; of use for those that are.

    demand: (n, t), nan where unknown. grown: (n,) True for the items to borrow from. The
    attribute is taken whose groups differ most for their size; the rate is the mean of the
    item's own and its kind's, weighed by what chance can do to each.
    Source: Buhlmann and Straub 1970, credibility.
    """
    count = np.sum(~np.isnan(demand), axis=1)
    own = np.nansum(demand, axis=1) / np.maximum(count, 1)
    noise = np.nansum((demand - own[:, None]) ** 2, axis=1) / np.maximum(count - 1, 1)
    use = np.flatnonzero(grown & (count > 1))
    everyone = _kind(own, noise, use, None)
    name = _telling(own, use, attributes)
    labels = attributes[name] if name else ("",) * len(demand)
    kinds = _kinds(own, noise, use, labels, everyone)
    found = [kinds.get(label, everyone) for label in labels]
    rate = np.array([kind.rate for kind in found])
    between = np.array([kind.between for kind in found])
    within = np.array([kind.within for kind in found])
    trust = count * between
    belief = np.divide(trust, trust + within, out=np.ones_like(rate), where=trust + within > 0)
    belief = np.where(count > 0, belief, 0.0) if len(use) else np.ones_like(rate)
    words = tuple(f"{name} {label}" if name and label in kinds else "all" for label in labels)
    return Fresh(belief * own + (1.0 - belief) * rate, belief, words)


def _kinds(
    own: Floats, noise: Floats, use: Places, labels: tuple[str, ...], everyone: Kind
) -> dict[str, Kind]:
    rows: dict[str, list[int]] = {}
    for i in use.tolist():
        rows.setdefault(labels[i], []).append(i)
    return {
        label: _kind(own, noise, np.array(members, np.intp), everyone)
        for label, members in sorted(rows.items())
    }


def _kind(own: Floats, noise: Floats, rows: Places, everyone: Kind | None) -> Kind:
    if not len(rows):
        return Kind(0.0, 0.0, 0.0, 0)
    rate, between = float(own[rows].mean()), float(own[rows].var())
    within = float(noise[rows].mean())
    if everyone is not None:
        share = min(len(rows) / ENOUGH, 1.0)
        rate = share * rate + (1.0 - share) * everyone.rate
        between = share * between + (1.0 - share) * everyone.between
        within = share * within + (1.0 - share) * everyone.within
    return Kind(rate, between, within, len(rows))


def _telling(own: Floats, use: Places, attributes: Mapping[str, tuple[str, ...]]) -> str:
    """Answer the attribute that explains most of the rates' logarithms, or none.

    Of two, the one with more variance explained a group, as the F test has it; it must explain
    more than chance would.
    """
    best, chosen = 1.0, ""
    size = np.log1p(own[use])
    for name, labels in sorted(attributes.items()):
        codes = np.unique([labels[i] for i in use.tolist()], return_inverse=True)[1]
        groups = int(codes.max()) + 1 if len(codes) else 0
        if groups < 2 or len(size) <= groups:
            continue
        count = np.bincount(codes)
        middle = np.bincount(codes, size) / count
        among = (count * (middle - size.mean()) ** 2).sum() / (groups - 1)
        inside = ((size - middle[codes]) ** 2).sum() / (len(size) - groups)
        ratio = among / inside if inside > 0 else np.inf
        if ratio > best:
            best, chosen = float(ratio), name
    return chosen


def imagine(fresh: Fresh, rows: Places, grown: Distribution, like: Floats) -> Distribution:
    """Answer the demand of new items (rows of fresh) over the interval: that of any grown one.

    A new item's demand is a mixture of those of grown items, each stretched to the new item's
    rate by as much as that is its own. like: (g,) rates a period of the grown items.
    """
    mean = fresh.rate[rows]
    if not len(rows) or not len(grown.mean):
        flat = np.repeat(mean[:, None], len(grown.levels), axis=1)
        return Distribution.build(mean, grown.levels, flat)
    points = (np.arange(POINTS) + 0.5) / POINTS
    each = grown.quantiles(points)
    whole = max(float(like.mean()), 1e-12)
    interval = float(grown.mean.sum()) / max(float(like.sum()), 1e-12)
    like = np.maximum(like, SLOWEST * whole)
    values = np.empty((len(rows), len(grown.levels)))
    for start in range(0, len(rows), TOGETHER):
        block = slice(start, start + TOGETHER)
        factor = (whole / like) ** fresh.belief[rows[block], None]
        factor *= (mean[block] / np.maximum((like * factor).mean(axis=1), 1e-12))[:, None]
        mixed = (each * factor[:, :, None]).reshape(len(factor), -1)
        values[block] = np.quantile(mixed, grown.levels, axis=1).T
    return Distribution.build(mean * interval, grown.levels, values)
