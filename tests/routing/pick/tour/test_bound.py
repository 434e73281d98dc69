from random import Random

import numpy as np
import numpy.typing as npt
import pytest

from routing.pick.tour.bound import order_bound
from routing.pick.tour.held_karp import shortest_order
from routing.pick.tour.local_search import length_of
from routing.pick.tour.order import web_of


def _web(rng: Random, layers: int, *, symmetric: bool) -> tuple[npt.NDArray[np.int64], ...]:
    """Distances between random points, along a grid; asymmetric ones have a slope."""
    layer = np.sort([rng.randrange(layers) for _ in range(rng.randint(2, 9))])
    layer = np.unique(layer, return_inverse=True)[1]
    n = len(layer)
    points = np.array([(rng.randrange(60), rng.randrange(60)) for _ in range(n + 2)])
    mm = np.abs(points[:, None] - points[None, :]).sum(axis=2)
    if not symmetric:
        mm = mm + np.maximum(0, points[None, :, 0] - points[:, None, 0])
    web = web_of(mm[:n, :n], mm[n, :n], mm[:n, n + 1], layer)
    return web.mm, web.first


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_no_order_is_shorter_than_the_bound_and_most_are_close_to_it(
    symmetric: bool, layers: int
) -> None:
    rng = Random(layers)
    shares = []
    for k in range(60):
        mm, first = _web(rng, layers, symmetric=symmetric)
        order = np.empty(len(mm) - 1, np.int64)
        exact = shortest_order(mm, first, order)
        assert length_of(mm, np.concatenate([[0], order])) == exact
        assert sorted(order.tolist()) == list(range(1, len(mm)))
        bound = order_bound(mm, first, symmetric, not symmetric and k % 2 == 0, exact, 150)
        assert bound <= exact
        shares.append(bound / exact)
    assert sum(shares) / len(shares) > 0.97


def test_one_round_without_prices_is_a_bound_too() -> None:
    rng = Random(5)
    for _ in range(30):
        mm, first = _web(rng, 2, symmetric=True)
        exact = shortest_order(mm, first, np.empty(len(mm) - 1, np.int64))
        one, many = (order_bound(mm, first, True, False, exact, rounds) for rounds in (1, 100))
        assert 0 <= one <= many <= exact
