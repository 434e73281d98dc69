"""Distances in a block and small worlds, for the tests of picking."""

from functools import cache
from random import Random

from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, Stop

Spot = tuple[int, int]


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
