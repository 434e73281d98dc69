"""The error of a forecast that rises with it: the scale of promoted demand.

A week with a promotion sells ten times as much as one without and errs ten times as far, so that
what stays is the error relative to the forecast.
"""

import numpy as np
from numpy.typing import NDArray

from forecasting.calibration import Forecasts, Scale, Sums, scale
from forecasting.demand_class import DemandClass

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: a relative error counts for no more: a forecast of next to nothing says little
MOST = 5.0
#: what an error counts against one a period newer
FADE = 0.99
#: errors that the middle of all series counts for against a series' own
SHARED = 8.0
#: relative error before any is known
FIRST = 0.5
#: and at the least, shared by all
LEAST = 0.02
#: forecast that a scale is a share of, at the least, as a share of the series' mean forecast
FLOOR = 0.1


def class_scale(
    demand: Floats, sums: Forecasts, codes: NDArray[np.int8], origins: Places, protection: int
) -> Scale:
    """Answer what error was to be expected at each origin, as it grows in the series' class.

    demand: (n, t), nan where unknown; codes: (n,) of DemandClass.
    """
    answer = scale(demand, sums, origins, protection)
    rows = np.flatnonzero(codes == DemandClass.PROMOTED)
    if len(rows):
        some = Sums(sums.past[rows], sums.actual[rows], sums.ahead[rows])
        promoted = relative_scale(some, origins, protection)
        answer.past[rows], answer.ahead[rows] = promoted.past, promoted.ahead
    return answer


def relative_scale(sums: Forecasts, origins: Places, protection: int) -> Scale:
    """Answer what error was to be expected at each origin, as a share of its forecast.

    origins: (o,) ascending. protection: periods summed; an error is known so much later.
    """
    known = np.isfinite(sums.actual) & np.isfinite(sums.past)
    past = np.where(known, sums.past, 0.0)
    mean = past.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    least = np.maximum(FLOOR * np.where(mean > 0, mean, sums.ahead), 1e-9)[:, None]
    base = np.maximum(np.nan_to_num(np.column_stack((sums.past, sums.ahead))), least)
    error = np.where(known, np.abs(sums.actual - past), 0.0) / base[:, :-1]
    error = np.minimum(np.nan_to_num(error), MOST)
    n, count = error.shape
    ends = np.append(origins, origins[-1] + protection if count else 0)
    total, weight, done = np.zeros(n), np.zeros(n), 0
    answer = np.empty((n, count + 1))
    for j, end in enumerate(ends):
        fade = FADE ** float(end - ends[j - 1]) if j else 1.0
        total, weight = total * fade, weight * fade
        while done < count and origins[done] + protection <= end:
            total, weight = total + error[:, done], weight + known[:, done]
            done += 1
        seen = weight > 0
        middle = float(np.median(total[seen] / weight[seen])) if seen.any() else FIRST
        middle = max(middle, LEAST)
        answer[:, j] = (total + SHARED * middle) / (weight + SHARED)
    answer = answer * base
    return Scale(answer[:, :-1], answer[:, -1])
