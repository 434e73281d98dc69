"""Small waves by chance, and the best choice among all."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from random import Random

from routing.pick.wave.problem import Contents, WaveProblem


def a_wave(rng: Random, lines: int = 3) -> WaveProblem:
    """A few orders and aisles with a few items, among them repeats and nothing."""
    items = rng.randint(1, 5)

    def row(most: int) -> Contents:
        pairs = range(rng.randint(0, most))
        return tuple((rng.randrange(items), rng.randint(0, 4)) for _ in pairs)

    orders = tuple(row(lines) for _ in range(rng.randint(0, 7)))
    aisles = tuple(row(4) for _ in range(rng.randint(0, 6)))
    least = rng.choice((0, 0, rng.randint(0, 12)))
    return WaveProblem(orders, aisles, least, least + rng.randint(0, 15))


def best_of_all(problem: WaveProblem) -> tuple[int, float] | None:
    """Most of the orders that must go, then most units by aisle; None if nothing holds."""
    best: tuple[int, float] | None = None
    numbers = range(len(problem.orders))
    held = [
        (size, _sum(problem.aisles[aisle] for aisle in aisles))
        for size in range(len(problem.aisles) + 1)
        for aisles in combinations(range(len(problem.aisles)), size)
    ]
    for count in range(len(problem.orders) + 1):
        for orders in combinations(numbers, count):
            asked = _sum(problem.orders[order] for order in orders)
            units = asked.total()
            if not problem.units_min <= units <= problem.units_max:
                continue
            sizes = [size for size, stock in held if asked <= stock]
            if sizes:
                ratio = units / min(sizes) if min(sizes) else 0.0
                value = (len(problem.must & set(orders)), ratio)
                best = value if best is None else max(best, value)
    return best


def _sum(rows: Iterable[Contents]) -> Counter[int]:
    total: Counter[int] = Counter()
    for row in rows:
        for item, quantity in row:
            total[item] += quantity
    return total
