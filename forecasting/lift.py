"""A model of the logarithm forecasts the middle; its lift makes that the mean.

Source: Duan 1983, Smearing estimate, JASA 78(383); here of sums, and the middle of many series.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecasting.candidate import Candidate

Floats = NDArray[np.float64]

#: shares of periods without demand between which series are lifted alike
RARE = (0.05, 0.2, 0.4, 0.6, 0.8)
#: series a group must have to be lifted by its own
ENOUGH = 20
#: a lift is never more, nor less than one over it
MOST = 4.0


def lifted(candidate: Candidate, actual: Floats, demand: Floats) -> Candidate:
    """Answer the candidate times what came over what it said, the middle of series like each.

    actual: (n, o) what came at the first o of its past origins. demand: (n, t).
    """
    said = candidate.past[:, : actual.shape[1]]
    known = np.isfinite(said) & np.isfinite(actual)
    came = np.where(known, actual, 0.0).sum(axis=1)
    total = np.where(known, said, 0.0).sum(axis=1)
    usable = (came > 0) & (total > 0)
    ratio = np.divide(came, total, out=np.ones(len(came)), where=usable)
    seen = np.isfinite(demand)
    none = (seen & (demand <= 0)).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    group = np.searchsorted(RARE, none)
    lift = np.full(len(came), _middle(ratio[usable]))
    for at in np.unique(group):
        alike = usable & (group == at)
        if alike.sum() >= ENOUGH:
            lift[group == at] = _middle(ratio[alike])
    return replace(
        candidate,
        past=candidate.past * lift[:, None],
        mean=candidate.mean * lift[:, None],
        ahead=candidate.ahead * lift,
        single=None if candidate.single is None else candidate.single * lift[:, None],
    )


def _middle(ratio: Floats) -> float:
    return float(np.clip(np.median(ratio), 1.0 / MOST, MOST)) if len(ratio) else 1.0
