"""Distances in a block and small worlds, for the tests of picking."""

from functools import cache
from heapq import heappop, heappush
from itertools import pairwise
from random import Random

from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Door, Layout, Side, Stop, Way

Spot = tuple[int, int]
Rack = tuple[int, int, Side]
Roads = dict[Rack, list[tuple[Rack, int]]]


def way_mm(layout: Layout, a: Spot, b: Spot) -> int:
    """The shortest way between two spots, each an aisle and a position."""
    if a[0] == b[0]:
        return abs(a[1] - b[1])
    by_front = a[1] + b[1]
    by_back = 2 * layout.aisle_length_mm - by_front
    return abs(a[0] - b[0]) * layout.aisle_pitch_mm + min(by_front, by_back)


def shortest_mm(layout: Layout, stops: tuple[Stop, ...]) -> int:
    """The shortest tour by Held and Karp: every order of the stops."""
    depot = (layout.depot_aisle, 0)
    spots = [depot, *sorted({(stop.aisle, stop.position_mm) for stop in stops} - {depot})]

    @cache
    def from_depot(last: int, others: frozenset[int]) -> int:
        if not others:
            return way_mm(layout, depot, spots[last])
        return min(
            from_depot(k, others - {k}) + way_mm(layout, spots[k], spots[last]) for k in others
        )

    return from_depot(0, frozenset(range(1, len(spots)))) if len(spots) > 1 else 0


def a_block(rng: Random) -> tuple[Layout, tuple[Stop, ...]]:
    """A small layout with up to seven stops, many of them at the ends of aisles."""
    length_mm = rng.choice([1, 9, 30, 60])
    aisles = rng.randint(1, 6)
    layout = Layout(aisles, length_mm, rng.randint(1, 15), rng.randrange(aisles))
    stops = tuple(
        Stop(rng.randrange(aisles), rng.choice([0, length_mm, rng.randint(0, length_mm)]))
        for _ in range(rng.randint(0, 7))
    )
    return layout, stops


def a_wave(
    loads: int, picks: int, seed: int, *, aisles: int = 8, slots: int = 4, mass_g_max: int = 12_000
) -> BatchProblem:
    """Loads of 1 to 4 kg with their picks spread evenly over the block."""
    rng = Random(seed)
    return BatchProblem(
        Layout(aisles, 20_000, 3_000, rng.randrange(aisles)),
        tuple(
            Load(
                f"load-{k}",
                tuple(Stop(rng.randrange(aisles), 500 * rng.randint(0, 40)) for _ in range(picks)),
                volume_ml=rng.randint(1_000, 30_000),
                mass_g=rng.randint(1_000, 4_000),
            )
            for k in range(loads)
        ),
        Cart(slots=slots, mass_g_max=mass_g_max),
    )


def any_way_mm(layout: Layout, stops: tuple[Stop, ...]) -> int:
    """The shortest tour on any layout by Held and Karp, or -1 when there is none."""
    roads = _roads(layout, stops)
    best = -1
    for start in layout.starts:
        for end in layout.drops or (start,):
            ends = [(d.aisle, layout.point_of(d)[1], Side.LEFT) for d in (start, end)]
            spots = sorted({(s.aisle, s.position_mm, s.side) for s in stops})
            mm = [_distances(roads, place) for place in (*spots, ends[0])]
            table = [[row.get(place, -1) for place in (*spots, ends[1])] for row in mm]
            length = _held_karp(table)
            if length >= 0 and (best < 0 or length < best):
                best = length
    return best


def _held_karp(table: list[list[int]]) -> int:
    """The last row leaves the start and the last column reaches the end; -1 is no way."""
    count = len(table) - 1

    @cache
    def to_end(at: int, left: int) -> int:
        if not left:
            return table[at][count]
        ways = [
            table[at][k] + rest
            for k in range(count)
            if left >> k & 1 and table[at][k] >= 0 and (rest := to_end(k, left ^ 1 << k)) >= 0
        ]
        return min(ways, default=-1)

    return to_end(count, (1 << count) - 1)


def _roads(layout: Layout, stops: tuple[Stop, ...]) -> Roads:
    """Every rack at every place where something is, and what a step from one to the next costs."""
    roads: Roads = {}

    def join(a: Rack, b: Rack, mm: int, *, back: bool = True) -> None:
        roads.setdefault(a, []).append((b, mm))
        roads.setdefault(b, []).extend([(a, mm)] if back else [])

    lengths = [layout.length_of(aisle) for aisle in range(layout.aisles)]
    for aisle, length_mm in enumerate(lengths):
        crossed = {0, length_mm, *(mm for mm in layout.cross_aisles_mm if mm < length_mm)}
        places = sorted(crossed | {s.position_mm for s in stops if s.aisle == aisle})
        way = layout.ways[aisle] if layout.ways else Way.BOTH
        for mm in places:
            between_mm = 0 if mm in crossed else layout.aisle_width_mm
            join((aisle, mm, Side.LEFT), (aisle, mm, Side.RIGHT), between_mm)
        for a, b in pairwise(places):
            for side in Side:
                ends = ((aisle, a, side), (aisle, b, side))
                join(*(ends[::-1] if way is Way.DOWN else ends), b - a, back=way is Way.BOTH)
        if aisle + 1 < layout.aisles:
            there_mm = lengths[aisle + 1]
            for mm in (0, *layout.cross_aisles_mm):
                if mm < min(length_mm, there_mm):
                    a_end, b_end = (aisle, mm, Side.LEFT), (aisle + 1, mm, Side.LEFT)
                    join(a_end, b_end, layout.aisle_pitch_mm)
            join(
                (aisle, length_mm, Side.LEFT),
                (aisle + 1, there_mm, Side.LEFT),
                layout.aisle_pitch_mm + abs(length_mm - there_mm),
            )
    return roads


def _distances(roads: Roads, start: Rack) -> dict[Rack, int]:
    """The shortest ways from one rack to all that can be reached, by Dijkstra."""
    known: dict[Rack, int] = {}
    waiting = [(0, start)]
    while waiting:
        mm, place = heappop(waiting)
        if place not in known:
            known[place] = mm
            for there, step_mm in roads[place]:
                heappush(waiting, (mm + step_mm, there))
    return known


def a_floor(rng: Random, *, one_way: bool = False) -> tuple[Layout, tuple[Stop, ...]]:
    """A small layout of one to five blocks with any traits, and up to six stops.

    Stops lie at the ends of aisles and at cross aisles more often than chance would have it.
    """
    aisles, length_mm = rng.randint(1, 5), rng.choice([6, 30, 60])
    inner = tuple(sorted(rng.sample(range(1, length_mm), rng.randint(0, 4))))
    uneven = rng.random() < 0.4
    lengths = tuple(rng.randint(1, length_mm) for _ in range(aisles)) if uneven else ()

    def some_doors(least: int, most: int) -> tuple[Door, ...]:
        count = rng.randint(least, most)
        return tuple(Door(rng.randrange(aisles), rng.random() < 0.4) for _ in range(count))

    layout = Layout(
        aisles,
        length_mm,
        rng.randint(1, 20),
        rng.randrange(aisles),
        cross_aisles_mm=inner,
        lengths_mm=lengths,
        ways=tuple(rng.choice(list(Way)) for _ in range(aisles)) if one_way else (),
        aisle_width_mm=rng.choice([0, 0, 1, 3, 8]),
        doors=some_doors(1, 2) if rng.random() < 0.5 else (),
        drops=some_doors(1, 2) if rng.random() < 0.5 else (),
    )
    stops = []
    for _ in range(rng.randint(0, 6)):
        aisle = rng.randrange(aisles)
        end_mm = layout.length_of(aisle)
        places = [0, end_mm, *(mm for mm in inner if mm < end_mm)]
        mm = rng.choice(places) if rng.random() < 0.3 else rng.randint(0, end_mm)
        stops.append(Stop(aisle, mm, rng.choice(list(Side))))
    return layout, tuple(stops)
