"""When each link of a chain begins: as early as can be, or at the least price.

The price of a beginning, least over all that comes before it, is a piecewise linear function of
the moment. It is carried from link to link: shifted by service and leg, cut to the windows, with
the price of a soft window added. That is exact for any number of windows at a steady pace.

Source: T. Ibaraki et al. (2005), Transportation Science 39(2), 206-232, for the recursion;
M. W. P. Savelsbergh (1992), ORSA Journal on Computing 4(2), for least durations.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

from routing.delivery.chain import Chain, Link
from routing.delivery.curve import Curve, bent, cut, least_at, least_so_far
from routing.delivery.pace import Steady
from routing.delivery.snag import Snag, told_span

# Prices closer than this share are equal, and the earlier moment is taken.
TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Late:
    """The first link of a chain that is reached after its last window, and when it is."""

    link: int
    arrives_s: int


def earliest(chain: Chain, start_s: int) -> list[int] | Late:
    """The beginning of each link when leaving no earlier than start_s, or the first too late."""
    now = start_s
    starts: list[int] = []
    for k, link in enumerate(chain.links):
        if k:
            now = chain.paces[k - 1].arrive(now + chain.links[k - 1].service_s)
        for opens_s, closes_s in link.windows:
            if now <= closes_s:
                now = max(now, opens_s)
                break
        else:
            return Late(k, now)
        starts.append(now)
    return starts


def timed(chain: Chain, price: float, limit_s: int | None) -> list[int] | Snag:
    """The beginnings of a chain that can be kept: cheapest within the limit on its duration.

    price: of a second from start to end.
    """
    if any(link.soft is not None for link in chain.links):
        starts = least_price(chain, price)
        if limit_s is None or starts[-1] - starts[0] <= limit_s:
            return starts
    elif price == 0 and limit_s is None:
        return _soonest(chain)
    shortest = _shortest(chain)
    if limit_s is None:
        return shortest
    duration_s = shortest[-1] - shortest[0]
    if duration_s > limit_s:
        told = f"{told_span(duration_s)} is more than its {told_span(limit_s)}"
        return Snag("duration", told)
    if all(link.soft is None for link in chain.links):
        return shortest
    return _shortened(chain, price, limit_s, shortest)


def _soonest(chain: Chain) -> list[int]:
    starts = earliest(chain, chain.links[0].windows[0][0])
    assert not isinstance(starts, Late), "a chain that cannot be kept was to be timed"
    return starts


def _shortest(chain: Chain) -> list[int]:
    if is_plain(chain):
        return least_wait(chain, _soonest(chain))
    hard = tuple(replace(link, soft=None) for link in chain.links)
    return least_price(replace(chain, links=hard), 1.0)


def _shortened(chain: Chain, price: float, limit_s: int, shortest: list[int]) -> list[int]:
    """The best beginnings within the limit, by a search over the moment of leaving.

    With one window a link and a steady pace the price is convex in that moment, and they are the
    best of all; else no worse than the shortest.
    """

    def leaving(start_s: int) -> Chain | None:
        start = replace(chain.links[0], windows=((start_s, start_s),))
        opens_s, closes_s = chain.links[-1].windows[0]
        if opens_s > start_s + limit_s:
            return None
        end = replace(chain.links[-1], windows=((opens_s, min(closes_s, start_s + limit_s)),))
        bound = replace(chain, links=(start, *chain.links[1:-1], end))
        return None if isinstance(earliest(bound, start_s), Late) else bound

    def cost(start_s: int) -> float:
        if (bound := leaving(start_s)) is None:
            return inf
        starts = least_price(bound, price)
        return soft_price(chain, starts) + price * (starts[-1] - starts[0])

    opens_s, closes_s = chain.links[0].windows[0]
    latest_s = min(closes_s, chain.links[-1].windows[0][1])
    low = _last(shortest[0], opens_s, lambda start_s: leaving(start_s) is not None)
    high = _last(shortest[0], latest_s, lambda start_s: leaving(start_s) is not None)
    while high - low > 2:
        third = (high - low) // 3
        if cost(low + third) <= cost(high - third):
            high -= third
        else:
            low += third
    best = leaving(min((shortest[0], *range(low, high + 1)), key=cost))
    return shortest if best is None else least_price(best, price)


def _last(holds: int, end: int, test: Callable[[int], bool]) -> int:
    """The last whole number on the way from one that holds to the end, if all before hold."""
    step = 1 if end >= holds else -1
    low, high = 0, abs(end - holds)
    while low < high:
        middle = (low + high + 1) // 2
        if test(holds + step * middle):
            low = middle
        else:
            high = middle - 1
    return holds + step * low


def is_plain(chain: Chain) -> bool:
    """Whether each link has one window with hard ends, and the pace is steady."""
    return all(len(link.windows) == 1 and link.soft is None for link in chain.links) and all(
        isinstance(pace, Steady) for pace in chain.paces
    )


def least_wait(chain: Chain, starts: list[int]) -> list[int]:
    """The beginnings of a plain chain that ends when `starts` does and leaves as late as it can.

    No other beginning has a shorter duration.
    """
    again = earliest(chain, latest_leaving(chain, starts[-1]))
    assert not isinstance(again, Late)
    return again


def latest_leaving(chain: Chain, ends_s: int) -> int:
    """The latest start from which the chain still ends then; it must be one that can be kept."""
    latest = ends_s
    for k in range(len(chain.links) - 2, -1, -1):
        link = chain.links[k]
        latest = chain.paces[k].leave_by(latest) - link.service_s
        latest = max(min(close, latest) for open_, close in link.windows if open_ <= latest)
    return latest


def least_price(chain: Chain, second_price: float) -> list[int]:
    """The beginnings with the least soft price plus second_price a second from start to end.

    The chain must be one that can be kept. At a varying pace, prices between whole seconds are
    rounded; the times hold all the same.
    """
    last = len(chain.links) - 1
    stages: list[list[Curve]] = []
    floor: Curve = [(float(chain.links[0].windows[0][0]), 0.0)]
    for k, link in enumerate(chain.links):
        if k:
            floor = _carried(chain, k - 1, floor)
        pieces = _priced(floor, link, second_price * ((k == last) - (k == 0)))
        stages.append(pieces)
        floor = least_so_far(pieces)
    return _traced(chain, stages)


def soft_price(chain: Chain, starts: list[int]) -> float:
    """What beginning then costs in soft windows."""
    return sum(
        link.soft.price(start_s)
        for link, start_s in zip(chain.links, starts, strict=True)
        if link.soft is not None
    )


def _carried(chain: Chain, k: int, floor: Curve) -> Curve:
    """The floor as a function of the moment of arrival at the next link."""
    service_s, pace = chain.links[k].service_s, chain.paces[k]
    if isinstance(pace, Steady):
        shift = service_s + pace.seconds
        return [(t + shift, v) for t, v in floor]
    moved = [(t + service_s, v) for t, v in floor]
    for bend in pace.bends():
        moved = bent(moved, bend)
    # A moment rounded up keeps what it promises, for the floor never rises.
    return [(float(pace.arrive(-int(-t // 1))), v) for t, v in moved]


def _priced(floor: Curve, link: Link, slope: float) -> list[Curve]:
    """The floor cut to each window, with the link's own price added."""
    pieces = []
    for opens_s, closes_s in link.windows:
        low = max(float(opens_s), floor[0][0])
        if low > closes_s:
            continue
        piece = cut(floor, low, float(closes_s))
        if link.soft is not None:
            piece = bent(bent(piece, link.soft.opens_s), link.soft.closes_s)
        pieces.append([(t, v + slope * t + _soft(link, t)) for t, v in piece])
    return pieces


def _soft(link: Link, t: float) -> float:
    soft = link.soft
    if soft is None:
        return 0.0
    return soft.early_price * max(0.0, soft.opens_s - t) + soft.late_price * max(
        0.0, t - soft.closes_s
    )


def _traced(chain: Chain, stages: list[list[Curve]]) -> list[int]:
    """From the best end backwards, each link at its own best moment that leads there."""
    starts = [least_at(stages[-1], float("inf"), TOLERANCE)]
    for k in range(len(stages) - 2, -1, -1):
        until = chain.paces[k].leave_by(starts[-1]) - chain.links[k].service_s
        starts.append(least_at(stages[k], until, TOLERANCE))
    return starts[::-1]
