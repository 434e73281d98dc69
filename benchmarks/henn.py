"""Order batching problems of the classes that the literature measures by.

Ten aisles of 90 places, 45 on each side, one unit of length apart; aisles 5 units apart; the first
place 1.5 units from the end; the door in front of the leftmost aisle. Orders of 5 to 25 units, a
place drawn for each. Demand is uniform, or by classes: aisle 0 half of it, aisles 1 to 3 three
tenths, the rest a fifth.

Source: S. Henn and G. Wäscher (2012), Tabu search heuristics for the order batching problem in
manual order picking systems, European Journal of Operational Research 222(3).
"""

from random import Random

from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, Side, Stop

UNIT_MM = 1_000
AISLES = 10
CELLS = 45
LAYOUT = Layout(AISLES, (CELLS - 1 + 3) * UNIT_MM, 5 * UNIT_MM)
ORDERS = (40, 60, 80, 100)
CAPACITIES = (30, 45, 60, 75)
CLASSES = ((1, 0.5), (3, 0.3), (6, 0.2))


def henn_problem(orders: int, capacity: int, seed: int, *, by_class: bool = False) -> BatchProblem:
    """One instance: equal arguments give equal ones."""
    rng = Random(f"{orders} {capacity} {seed} {by_class}")
    weights = [share / aisles for aisles, share in CLASSES for _ in range(aisles)]
    return BatchProblem(
        LAYOUT,
        tuple(
            _order(rng, number, weights if by_class else [1.0] * AISLES) for number in range(orders)
        ),
        Cart(slots=orders, mass_g_max=1, units_max=capacity, mixed=True),
    )


def _order(rng: Random, number: int, weights: list[float]) -> Load:
    aisles = rng.choices(range(AISLES), weights, k=rng.randint(5, 25))
    stops = tuple(
        Stop(
            aisle,
            UNIT_MM * rng.randrange(CELLS) + UNIT_MM * 3 // 2,
            rng.choice([Side.LEFT, Side.RIGHT]),
        )
        for aisle in aisles
    )
    return Load(f"order-{number}", stops, volume_ml=0, mass_g=0)
