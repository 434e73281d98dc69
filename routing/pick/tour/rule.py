"""Walks that pickers know by heart: S-shape, return and largest gap."""

from collections import defaultdict
from collections.abc import Sequence

from routing.pick.floor.layout import Layout, Point, Stop, refuse_outside
from routing.pick.tour.path import tour_along
from routing.pick.tour.plan import Tour


def _picks_by_aisle(layout: Layout, stops: Sequence[Stop]) -> dict[int, list[int]]:
    refuse_outside(layout, stops)
    picks: dict[int, set[int]] = defaultdict(set)
    for stop in stops:
        picks[stop.aisle].add(stop.position_mm)
    return {aisle: sorted(picks[aisle]) for aisle in sorted(picks)}


def s_shape(layout: Layout, stops: Sequence[Stop]) -> Tour:
    """From the leftmost aisle with a pick on, each one is walked from end to end.

    If the last is entered from the front, the picker turns round at its farthest pick.
    """
    picks = _picks_by_aisle(layout, stops)
    walk: list[Point] = [layout.depot]
    y = 0
    for aisle, places_mm in picks.items():
        x = aisle * layout.aisle_pitch_mm
        walk.append((x, y))
        if aisle == max(picks) and y == 0:
            walk += [(x, places_mm[-1]), (x, 0)]
        else:
            y = layout.aisle_length_mm - y
            walk.append((x, y))
    walk.append(layout.depot)
    return tour_along(layout, stops, walk, "s_shape", optimal=False)


def return_rule(layout: Layout, stops: Sequence[Stop]) -> Tour:
    """Each aisle with a pick is entered and left at the front."""
    walk: list[Point] = [layout.depot]
    for aisle, places_mm in _picks_by_aisle(layout, stops).items():
        x = aisle * layout.aisle_pitch_mm
        walk += [(x, 0), (x, places_mm[-1]), (x, 0)]
    walk.append(layout.depot)
    return tour_along(layout, stops, walk, "return", optimal=False)


def largest_gap(layout: Layout, stops: Sequence[Stop]) -> Tour:
    """The outer aisles are walked through, the others from both ends up to their largest gap."""
    picks = _picks_by_aisle(layout, stops)
    if len(picks) < 2:
        single = return_rule(layout, stops)
        return Tour(single.distance_mm, single.visits, single.path, "largest_gap", optimal=False)
    back_mm = layout.aisle_length_mm
    first, *inner, last = picks
    sides = {aisle: _around_gap(picks[aisle], back_mm) for aisle in inner}

    def from_front(aisle: int) -> list[Point]:
        x = aisle * layout.aisle_pitch_mm
        return [(x, 0), (x, sides[aisle][0]), (x, 0)]

    def from_back(aisle: int) -> list[Point]:
        x = aisle * layout.aisle_pitch_mm
        return [(x, back_mm), (x, sides[aisle][1]), (x, back_mm)]

    walk: list[Point] = [layout.depot]
    for aisle in sorted((a for a in inner if a < layout.depot_aisle), reverse=True):
        walk += from_front(aisle)
    walk += [(first * layout.aisle_pitch_mm, 0), (first * layout.aisle_pitch_mm, back_mm)]
    for aisle in inner:
        walk += from_back(aisle)
    walk += [(last * layout.aisle_pitch_mm, back_mm), (last * layout.aisle_pitch_mm, 0)]
    for aisle in sorted((a for a in inner if a >= layout.depot_aisle), reverse=True):
        walk += from_front(aisle)
    walk.append(layout.depot)
    return tour_along(layout, stops, walk, "largest_gap", optimal=False)


def _around_gap(places_mm: list[int], back_mm: int) -> tuple[int, int]:
    """How far one goes in from the front, and down to where from the back."""
    edges = [0, *places_mm, back_mm]
    widest = max(range(1, len(edges)), key=lambda k: edges[k] - edges[k - 1])
    return edges[widest - 1], edges[widest]
