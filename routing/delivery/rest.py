"""Breaks and rests placed into a chain: on a leg or while waiting, never in a service.

Labels go from link to link: the moment, the driving since the last rest, and which breaks were
taken. A label that is later and has driven no less than another with the same breaks is dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from routing.delivery.chain import Chain, Link, Part
from routing.delivery.clock import Late, earliest, latest_leaving, soft_price, timed
from routing.delivery.pace import Pace, Steady, parted
from routing.delivery.snag import Snag
from routing.delivery.travel import LEG_MAX
from routing.delivery.vehicle import Break, Vehicle

Step = tuple[Pace, Link]


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps up to here, last first."""

    step: Step
    before: "Trace | None"


@dataclass(frozen=True, slots=True)
class Label:
    """On the way or at a link's end. driven_s: since the last rest; taken: breaks, as bits."""

    now_s: int
    driven_s: int
    taken: int
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class Rested:
    """A chain with its pauses, and when it began and ended as it was placed."""

    chain: Chain
    starts: list[int]


def rested(vehicle: Vehicle, chain: Chain, price: float) -> tuple[Chain, list[int]] | Snag:
    """The chain with the pauses that its driver needs, and when each link begins.

    chain: without pauses, and such that it can be kept. price: of a second from start to end.
    Pauses are placed for the earliest start, for the latest that ends no later, and for starts
    after each break's window; each placing then gets its best times. The cheapest is taken.
    """
    limit_s = vehicle.duration_s_max
    best: tuple[Chain, list[int]] | None = None
    best_price = float("inf")
    too_long: Snag | None = None
    for placed in _placings(vehicle, chain, hurried=price > 0 or limit_s is not None):
        retimed = timed(placed.chain, price, limit_s)
        for starts in (placed.starts, retimed):
            if isinstance(starts, Snag):
                too_long = starts
                continue
            duration_s = starts[-1] - starts[0]
            if limit_s is not None and duration_s > limit_s:
                continue
            if not _keeps_rule(vehicle, placed.chain, starts):
                continue
            cost = soft_price(placed.chain, starts) + price * duration_s
            if cost < best_price:
                best, best_price = (placed.chain, starts), cost
    if best is not None:
        return best
    if too_long is not None:
        return Snag("duration", f"with its breaks, {too_long.reason}")
    return Snag("break", "its breaks and rests do not fit between its services and its shift")


def _placings(vehicle: Vehicle, chain: Chain, *, hurried: bool) -> Iterator[Rested]:
    opens_s, closes_s = chain.links[0].windows[0]
    turns = {each.closes_s + 1 for each in vehicle.breaks if opens_s <= each.closes_s < closes_s}
    moments = sorted({opens_s, *turns})
    for k, low in enumerate(moments):
        first = _placed(vehicle, chain, low)
        if first is None:
            continue
        yield first
        if not hurried:
            continue
        high = moments[k + 1] - 1 if k + 1 < len(moments) else closes_s
        # No start is later than without pauses, nor earlier than with these as they are.
        high = min(high, latest_leaving(chain, first.starts[-1]))
        low = latest_leaving(first.chain, first.starts[-1])
        if (latest := _latest(vehicle, chain, first, low, high)) is not None:
            yield latest


def _latest(vehicle: Vehicle, chain: Chain, first: Rested, low: int, high: int) -> Rested | None:
    """The placing with the latest start that ends no later than the first."""
    found: Rested | None = None
    middle = low + 1
    while low < high:
        placed = _placed(vehicle, chain, middle)
        if placed is not None and placed.starts[-1] <= first.starts[-1]:
            low, found = middle, placed
        else:
            high = middle - 1
        middle = (low + high + 1) // 2
    return found


def _placed(vehicle: Vehicle, chain: Chain, start_s: int) -> Rested | None:
    """The placing that leaves then and ends soonest."""
    past = sum(1 << k for k, each in enumerate(vehicle.breaks) if each.closes_s < start_s)
    labels = [Label(start_s, 0, past, None)]
    for k in range(1, len(chain.links)):
        reached = [
            each
            for label in labels
            for each in _reached(vehicle, chain.links[k], label, chain.paces[k - 1])
        ]
        labels = _undominated(reached)
    ended = [label for label in labels if not _lacks(vehicle, label)]
    if not ended:
        return None
    return _as_chain(vehicle, chain, ended[0], start_s, past)


def _lacks(vehicle: Vehicle, label: Label) -> bool:
    return any(
        not label.taken >> k & 1 and each.closes_s <= label.now_s
        for k, each in enumerate(vehicle.breaks)
    )


def _reached(vehicle: Vehicle, link: Link, label: Label, pace: Pace) -> Iterator[Label]:
    """Every sensible way to the link: straight on, or with pauses at sensible moments."""
    rule = vehicle.driving
    way_s = pace.arrive(label.now_s) - label.now_s
    reach_s = way_s if rule is None else min(way_s, rule.drive_s_max - label.driven_s)
    if reach_s == way_s and (done := _begun(link, label, pace, way_s)) is not None:
        yield done
    for k, each in enumerate(vehicle.breaks):
        if label.taken >> k & 1 or each.closes_s < label.now_s:
            continue
        for driven_s in _moments(vehicle, label, reach_s, each):
            paused = _paused(vehicle, label, pace, driven_s, each, taken=1 << k)
            yield from _reached(vehicle, link, *paused)
    if rule is not None:
        any_time = _any_time(rule.rest_s)
        for driven_s in _moments(vehicle, label, reach_s, any_time):
            if label.driven_s + driven_s > 0:
                paused = _paused(vehicle, label, pace, driven_s, any_time, taken=0)
                yield from _reached(vehicle, link, *paused)


@cache
def _any_time(length_s: int) -> Break:
    return Break(0, LEG_MAX, length_s)


def _moments(vehicle: Vehicle, label: Label, reach_s: int, pause: Break) -> set[int]:
    """After how much driving the pause may begin: as late as can be, or in time for another."""
    latest = min(reach_s, pause.closes_s - label.now_s)
    others = {
        each.closes_s - pause.length_s - label.now_s
        for k, each in enumerate(vehicle.breaks)
        if each is not pause and not label.taken >> k & 1
    }
    return {latest, *(other for other in others if 0 <= other < latest)}


def _begun(link: Link, label: Label, pace: Pace, way_s: int) -> Label | None:
    """The label at the link's end; None where no window is left."""
    arrives_s = label.now_s + way_s
    for opens_s, closes_s in link.windows:
        if arrives_s <= closes_s:
            done_s = max(arrives_s, opens_s) + link.service_s
            trace = Trace((pace, link), label.trace)
            return Label(done_s, label.driven_s + way_s, label.taken, trace)
    return None


def _paused(
    vehicle: Vehicle, label: Label, pace: Pace, driven_s: int, pause: Break, taken: int
) -> tuple[Label, Pace]:
    """The label after a pause that follows so much driving, and what is left of the leg."""
    rule = vehicle.driving
    begins_s = max(label.now_s + driven_s, pause.opens_s)
    done, left = parted(pace, label.now_s, driven_s)
    link = Link(Part.PAUSE, ((pause.opens_s, pause.closes_s),), pause.length_s)
    counts = rule is not None and pause.length_s >= rule.rest_s
    after = Label(
        begins_s + pause.length_s,
        0 if counts else label.driven_s + driven_s,
        label.taken | taken,
        Trace((done, link), label.trace),
    )
    return after, left


def _undominated(labels: list[Label]) -> list[Label]:
    """Sorted by moment; each later one has driven less than all before with its breaks."""
    least: dict[int, int] = {}
    kept = []
    for label in sorted(labels, key=lambda each: (each.now_s, each.driven_s)):
        if label.driven_s < least.get(label.taken, 2**62):
            least[label.taken] = label.driven_s
            kept.append(label)
    return kept


def _as_chain(vehicle: Vehicle, chain: Chain, label: Label, start_s: int, past: int) -> Rested:
    """The label's steps as a chain. Its start and end keep to what spares it a break."""
    steps: list[Step] = []
    trace = label.trace
    while trace is not None:
        steps.append(trace.step)
        trace = trace.before
    steps.reverse()
    opens_s, closes_s = chain.links[0].windows[0]
    ends_s, ended_s = chain.links[-1].windows[0]
    for k, each in enumerate(vehicle.breaks):
        if past >> k & 1:
            opens_s = max(opens_s, each.closes_s + 1)
        elif not label.taken >> k & 1:
            ended_s = min(ended_s, each.closes_s - 1)
    start = replace(chain.links[0], windows=((opens_s, closes_s),))
    end = replace(chain.links[-1], windows=((ends_s, ended_s),))
    links = (start, *(link for _, link in steps[:-1]), end)
    with_pauses = Chain(links, tuple(pace for pace, _ in steps), chain.distance_m)
    starts = earliest(with_pauses, start_s)
    assert not isinstance(starts, Late)
    return Rested(with_pauses, starts)


def _keeps_rule(vehicle: Vehicle, chain: Chain, starts: list[int]) -> bool:
    """Whether the driver still rests in time; a later start may meet a slower pace."""
    rule = vehicle.driving
    if rule is None or all(isinstance(pace, Steady) for pace in chain.paces):
        return True
    driven_s = 0
    for k in range(1, len(chain.links)):
        ready_s = starts[k - 1] + chain.links[k - 1].service_s
        driven_s += chain.paces[k - 1].arrive(ready_s) - ready_s
        if driven_s > rule.drive_s_max:
            return False
        link = chain.links[k]
        if link.part is Part.PAUSE and link.service_s >= rule.rest_s:
            driven_s = 0
    return True
