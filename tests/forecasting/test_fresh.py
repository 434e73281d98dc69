"""New items borrow from their kind."""

import numpy as np
import pytest
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.fresh import Fresh, borrow, imagine

BRAND = ("A",) * 20 + ("B",) * 20 + ("A", "B", "A")
COLOUR = tuple("xyz"[i % 3] for i in range(43))


def shop() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Twenty items of brand A that sell 20, twenty of B that sell 2, and three new ones."""
    rng = np.random.default_rng(11)
    rate = np.where(np.array(BRAND) == "A", 20.0, 2.0) * rng.uniform(0.7, 1.3, 43)
    demand = rng.poisson(rate[:, None], (43, 60)).astype(np.float64)
    demand[40:] = np.nan
    demand[42, -4:] = (60.0, 58.0, 63.0, 59.0)
    return demand, np.arange(43) < 40


def test_an_item_never_sold_sells_as_its_brand_does() -> None:
    demand, grown = shop()
    fresh = borrow(demand, grown, {"colour": COLOUR, "brand": BRAND})
    assert fresh.rate[40] == pytest.approx(np.nanmean(demand[:20]), rel=0.01)
    assert fresh.rate[41] == pytest.approx(np.nanmean(demand[20:40]), rel=0.01)
    assert fresh.kind[40:42] == ("brand A", "brand B")
    assert fresh.belief[40] == 0.0


def test_what_is_known_of_the_item_itself_counts_the_more_the_longer() -> None:
    demand, grown = shop()
    few = borrow(demand, grown, {"brand": BRAND})
    demand[42, -20:] = 60.0
    many = borrow(demand, grown, {"brand": BRAND})
    assert 20.0 < few.rate[42] < 60.0
    assert few.rate[42] < many.rate[42] <= 60.0
    assert few.belief[42] < many.belief[42]


def test_without_attributes_it_sells_as_all_do() -> None:
    demand, grown = shop()
    fresh = borrow(demand, grown, {})
    assert fresh.rate[40] == pytest.approx(np.nanmean(demand[:40]), rel=0.01)
    assert fresh.kind[40] == "all"


def test_with_nobody_to_borrow_from_only_its_own_counts() -> None:
    demand = np.array([[np.nan, np.nan, 4.0, 6.0], [np.nan] * 4])
    fresh = borrow(demand, np.zeros(2, np.bool_), {})
    assert fresh.rate.tolist() == [5.0, 0.0]


def test_a_new_item_may_turn_out_as_any_of_its_kind() -> None:
    demand, grown = shop()
    fresh = borrow(demand, grown, {"brand": BRAND})
    levels = np.array([0.1, 0.5, 0.9, 0.99])
    sums = demand[:20].reshape(20, 30, 2).sum(axis=2)
    law = Distribution.build(sums.mean(axis=1), levels, np.quantile(sums, levels, axis=1).T)
    new = imagine(fresh, np.array([40]), law, demand[:20].mean(axis=1))
    assert new.mean[0] == pytest.approx(2.0 * fresh.rate[40], rel=0.01)
    assert new.quantile(0.9)[0] > law.quantile(0.9).mean()
    assert new.quantile(0.9)[0] < law.quantile(0.99).max()


def test_a_new_item_without_models_is_its_mean() -> None:
    demand, grown = shop()
    fresh = borrow(demand, grown, {})
    none = Distribution.build(np.zeros(0), np.array([0.5, 0.9]), np.zeros((0, 2)))
    law = imagine(fresh, np.array([40]), none, np.zeros(0))
    assert law.values[0] == pytest.approx([fresh.rate[40]] * 2)


def test_an_item_that_hardly_sells_lends_no_explosion() -> None:
    fresh = Fresh(np.array([5.0]), np.array([0.9]), ("all",))
    levels = np.array([0.5, 0.99])
    like = np.array([5.0, 5.0, 1e-9])
    grown = Distribution.build(like * 2, levels, np.array([[10.0, 20.0], [10.0, 20.0], [0.0, 6.0]]))
    assert imagine(fresh, np.array([0], np.intp), grown, like).values.max() < 100
