"""Piecewise linear functions of the moment, as points; between two of them it is straight.

Two points at one moment are a jump, and the later of them holds there. After the last point the
function stays as it is.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

Point = tuple[float, float]
Curve = list[Point]


def value(curve: Curve, t: float) -> float:
    """The function's value; t must not lie before its first point."""
    k = bisect_right(curve, (t, float("inf"))) - 1
    t0, v0 = curve[k]
    if t == t0 or k + 1 == len(curve):
        return v0
    t1, v1 = curve[k + 1]
    return v0 + (v1 - v0) * (t - t0) / (t1 - t0)


def cut(curve: Curve, low: float, high: float) -> Curve:
    """The function from low to high, both included."""
    points = [(low, value(curve, low))]
    points += [point for point in curve if low < point[0] <= high]
    return points if points[-1][0] == high else [*points, (high, value(curve, high))]


def bent(curve: Curve, t: float) -> Curve:
    """The same function with a point at t."""
    k = bisect_right(curve, (t, float("inf")))
    if k == 0 or k == len(curve) or curve[k - 1][0] == t:
        return curve
    return [*curve[:k], (t, value(curve, t)), *curve[k:]]


def least_so_far(pieces: list[Curve]) -> Curve:
    """At each moment the least value up to then, over pieces that follow one another."""
    first = pieces[0][0]
    floor = [first]
    least = first[1]
    for piece in pieces:
        for (t0, v0), (t1, v1) in pairwise([piece[0], *piece]):
            if v1 >= least:
                continue
            leaves = t1 if v0 <= v1 else t0 + (v0 - least) / (v0 - v1) * (t1 - t0)
            if leaves > floor[-1][0]:
                floor.append((leaves, least))
            floor.append((t1, v1))
            least = v1
    return _without_needless(floor)


def least_at(pieces: list[Curve], until: float, tolerance: float) -> int:
    """The first whole moment, until then, at which the pieces are least.

    The least of functions that are made here lies at a whole moment; others are passed over.
    """
    best, best_value = -1, float("inf")
    for t, v in _candidates(pieces, until):
        if t == int(t) and v < best_value - tolerance * max(1.0, abs(v)):
            best, best_value = int(t), v
    assert best >= 0, "a curve was asked for a moment before it begins"
    return best


def _candidates(pieces: list[Curve], until: float) -> Iterator[Point]:
    for piece in pieces:
        if piece[0][0] > until:
            return
        for point in piece:
            if point[0] <= until:
                yield point
        if until < piece[-1][0]:
            yield until, value(piece, until)


def _without_needless(curve: Curve) -> Curve:
    """The same function without points on a straight line between their neighbours."""
    kept: Curve = []
    for t, v in curve:
        while len(kept) >= 2:
            (t0, v0), (t1, v1) = kept[-2], kept[-1]
            if t0 == t1 or t1 == t or (v1 - v0) * (t - t1) != (v - v1) * (t1 - t0):
                break
            kept.pop()
        kept.append((t, v))
    return kept
