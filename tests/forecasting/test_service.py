"""The service really reached, fed back."""

import numpy as np
import pytest

from forecasting.distribution import Distribution
from forecasting.service import Loop, Service, law_level
from forecasting.simulation import simulate

LEVELS = np.array([0.1, 0.5, 0.8, 0.9, 0.95, 0.99])


def lumpy(n: int, periods: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, periods)) < 0.4, rng.gamma(0.8, 8.0, (n, periods)), 0.0).round()


def test_a_shortage_raises_the_level_and_good_service_lowers_it() -> None:
    service = Service.start(0.95, 0.9, 100.0, 2)
    assert service.after(80.0, 100.0).level > service.level
    assert service.after(100.0, 100.0).level < service.level
    assert service.after(95.0, 100.0).level == pytest.approx(service.level)


def test_one_shock_moves_the_level_no_further_than_its_bound() -> None:
    service = Service.start(0.95, 0.9, 100.0, 1)
    assert service.after(0.0, 1e6).rate - service.rate < 6.0


def test_a_group_that_sells_nothing_stays_as_it_was() -> None:
    service = Service.start(0.95, 0.9, 0.0, 1)
    assert service.after(0.0, 0.0) == service


def test_the_loop_reaches_its_fill_rate_although_the_quantiles_are_wrong() -> None:
    demand = lumpy(200, 160, 5)
    total = demand[:, :40].mean(axis=1) * 3
    narrow = Distribution.build(total, LEVELS, np.outer(total, [0.3, 0.8, 1.2, 1.5, 1.8, 2.6]))
    open_loop = simulate(demand, 40, 2, lambda _: narrow.quantile(0.95))
    loop = Loop(Service.start(0.95, 0.95, float(demand[:, :40].sum() / 40), 3), lambda _: narrow)
    closed = simulate(demand, 40, 2, loop.target, loop.observe)
    assert open_loop.fill_rate() < 0.9
    assert closed.fill_rate() == pytest.approx(0.95, abs=0.03)


def test_a_law_asks_for_the_level_at_which_it_expects_its_fill() -> None:
    law = Distribution.build([10.0, 2.0], LEVELS, [[1, 8, 14, 19, 25, 50], [0, 0, 3, 6, 9, 20]])
    level = law_level(0.95, law)
    missed = law.expected_loss(law.quantile(level)).sum()
    assert missed / law.expected_loss(0.0).sum() == pytest.approx(0.05, abs=1e-4)


def test_a_service_begins_between_its_fill_rate_and_what_the_law_asks_for() -> None:
    law = Distribution.build([10.0], LEVELS, [[1, 8, 14, 19, 25, 60]])
    service = Service.of_law(0.95, law, 10.0, 2)
    assert 0.95 < service.level < law_level(0.95, law)


def test_a_group_that_sells_nothing_begins_with_its_fill_rate() -> None:
    law = Distribution.build([0.0], LEVELS, np.zeros((1, 6)))
    assert Service.of_law(0.9, law, 0.0, 1).level == pytest.approx(0.9)


def test_a_young_service_learns_faster_than_one_read_back_from_a_store() -> None:
    young = Service.start(0.95, 0.9, 100.0, 2)
    old = Service(0.95, young.rate, 100.0, 2)
    assert young.after(80.0, 100.0).rate > old.after(80.0, 100.0).rate > young.rate
