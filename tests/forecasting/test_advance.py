from dataclasses import replace

import numpy as np
import pytest

from forecasting.advance import advance
from forecasting.fit import KERNELS
from forecasting.flag import Flag
from forecasting.forecast import Forecast, forecast
from forecasting.history import History
from forecasting.kernel.kernel import run
from forecasting.kernel.panel import panel
from forecasting.request import Request
from forecasting.season import Season, phase
from tests.forecasting.builders import history, sales


def gappy(n: int, periods: int) -> np.ndarray:
    """Demand that grows, comes now and then, or has a week's season; a part of it is unknown."""
    rng = np.random.default_rng(5)
    demand = sales(n, periods, 2)
    demand[::3] = rng.poisson(rng.uniform(1, 3, (len(demand[::3]), 1)) * (3 + np.arange(periods)))
    demand[1::3] *= rng.random(demand[1::3].shape) < 0.25
    demand[rng.random(demand.shape) < 0.05] = np.nan
    demand[:, 0] = 1.0
    return demand


def whole(made: Forecast, row: int, demand: np.ndarray, past: History) -> np.ndarray:
    """The mean ahead by the row's kernel, run over all its demand with the parameters it has."""
    state, shown = made.state, panel(demand[None], np.zeros(0, np.intp), 1)
    kernel, factor = KERNELS[state.kernel[row]], None
    parameters = state.parameters[row, : kernel.grid.shape[1]]
    steps = made.request.horizon
    phases = phase(past.starts[0], past.frequency, state.season, len(demand) + steps)
    ahead = np.ones(steps)
    if kernel.seasonal:
        at = int(np.flatnonzero(state.rows == row)[0])
        prior, blank = state.prior[at][:, None], np.zeros((state.season, 1))
        season = Season(prior, blank, blank.copy(), np.zeros(1), state.weight[at : at + 1])
        known = np.ones_like(shown.demand) if shown.known is None else shown.known
        columns = zip(phases, shown.demand, known, shown.share, strict=False)
        factor = np.stack([season.step(int(j), y, k, share) for j, y, k, share in columns])
        ahead = np.array([season.factor(int(j))[0] for j in phases[len(demand) :]])
    tried = int(np.flatnonzero((kernel.grid == parameters).all(axis=1))[0])
    trail = run(kernel, replace(shown, factor=factor), np.ones((0, 1)), np.ones((0, 1)))
    memory = tuple(part if part.ndim == 1 else part[tried] for part in trail.memory)
    path: np.ndarray = kernel.path(memory, parameters[:, None], steps)[:, 0] * ahead
    return path


@pytest.mark.parametrize("code", range(len(KERNELS)))
def test_an_update_answers_what_a_run_over_the_whole_history_does(code: int) -> None:
    """Fitted on all but the last periods and moved on by them, for every kernel."""
    demand = gappy(36, 80)
    past = history(demand)
    made = forecast(history(demand[:, :70]), Request(horizon=9, protection=3))
    state = made.state
    rows = np.flatnonzero(state.kernel == code)
    if not len(rows):
        # None was chosen: what the history leaves in its memory is worked out by updates alone.
        kernel, rows = KERNELS[code], np.arange(len(demand))
        memory = [np.zeros(len(demand))] * 4
        memory[: len(kernel.start((1,)))] = kernel.start((len(demand),))
        parameters = np.zeros_like(state.parameters)
        parameters[:, : kernel.grid.shape[1]] = kernel.grid[-1]
        none = {name: getattr(state, name)[:0] for name in ("rows", "prior", "seen", "due")}
        state = replace(
            state,
            kernel=np.full(len(demand), code, np.int8),
            parameters=parameters,
            memory=np.stack(memory, axis=1),
            count=np.zeros(len(demand)),
            last=past.starts[0] - 1,
            level=state.level[:0],
            weight=state.weight[:0],
            **none,
        )
        made = replace(made, state=state)
        made = advance(made, demand[:, :70])
    moved = advance(made, demand[:, 70:77])
    moved = advance(moved, demand[:, 77:])
    for row in rows.tolist():
        expected = whole(made, row, demand[row], past)
        assert moved.mean[row] == pytest.approx(expected, rel=1e-9)


def test_a_forecast_moved_on_is_that_of_its_state() -> None:
    demand = sales(40, 80)
    made = forecast(history(demand[:, :70]), Request(horizon=5, protection=3))
    moved = advance(made, demand[:, 70:])
    assert moved.starts[0] == made.starts[0] + 10
    assert np.array_equal(moved.mean, moved.state.mean(5))
    assert moved.protection.mean == pytest.approx(moved.state.mean(3).sum(axis=1))
    assert (np.diff(moved.quantiles.values, axis=2) >= 0).all()
    assert (moved.protection.values >= 0).all()


def test_a_jump_in_demand_lifts_mean_and_quantiles() -> None:
    rng = np.random.default_rng(8)
    made = forecast(history(rng.poisson(5.0, (20, 60))), Request(horizon=2))
    moved = advance(made, rng.poisson(50.0, (20, 10)).astype(float))
    assert (moved.mean > made.mean).all()
    assert (moved.protection.quantile(0.95) > made.protection.quantile(0.95)).all()


def test_closed_periods_stay_without_demand() -> None:
    made = forecast(history(np.full((2, 40), 6.0)), Request(horizon=3, protection=3))
    open = np.array([[True, False, True]] * 2)
    moved = advance(made, np.full((2, 1), 6.0), open)
    assert moved.mean[0].tolist() == pytest.approx([6.0, 0.0, 6.0])
    assert (moved.quantiles.values[:, 1] == 0).all()
    assert moved.protection.mean[0] == pytest.approx(12.0)


def test_an_item_that_borrows_goes_on_borrowing() -> None:
    demand = np.full((30, 60), np.nan)
    demand[:20] = sales(20, 60) + 4
    demand[20:, 57:] = 5.0
    made = forecast(history(demand), Request(horizon=3, protection=3))
    lent = np.array([Flag.BORROWED in each for each in made.flags])
    assert lent.any()
    moved = advance(made, np.full((30, 1), 5.0))
    assert moved.mean[lent] == pytest.approx(made.mean[lent])
    assert moved.protection.values[lent] == pytest.approx(made.protection.values[lent])


def test_what_drivers_add_goes_when_its_period_is_over() -> None:
    made = forecast(history(np.full((1, 40), 6.0)), Request(horizon=3, protection=2, season=1))
    made.state.stand_in[0] = True
    made.mean[0] = [18.0, 6.0, 6.0]
    made.protection.mean[0] = 24.0
    before = made.protection.values.copy()
    moved = advance(made, np.full((1, 1), 18.0), np.array([[True, True, False]]))
    assert moved.mean[0].tolist() == [6.0, 6.0, 0.0]
    assert moved.protection.mean[0] == pytest.approx(12.0)
    assert moved.protection.values == pytest.approx(before / 2)


def test_a_weekday_is_followed_by_its_like_beyond_the_horizon() -> None:
    week = np.tile([0.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0], 12)
    open = np.tile([False] + [True] * 6, 13)[None]
    made = forecast(history(week[None], open=open), Request(horizon=7, protection=2))
    made.state.stand_in[0] = True
    assert made.mean[0, 0] == 0 and (made.mean[0, 1:] > 8).all()
    moved = advance(made, np.full((1, 1), np.nan))
    assert (moved.mean[0, :6] > 8).all() and moved.mean[0, 6] == 0


def test_a_period_that_opens_has_the_noise_of_the_others() -> None:
    demand = np.random.default_rng(4).poisson(20.0, (30, 70)).astype(float)
    open = np.ones((30, 72), np.bool_)
    open[:, 71] = False
    made = forecast(history(demand, open=open), Request(horizon=2))
    assert (made.mean[:, 1] == 0).all()
    moved = advance(made, np.full((30, 1), 20.0))
    assert (moved.quantiles.values[:, :, -1] > 1.2 * moved.mean).all()


def test_what_never_sold_and_sells_now_has_noise() -> None:
    made = forecast(history(np.zeros((2, 40))), Request(horizon=2, protection=2))
    moved = advance(made, np.array([[6.0], [0.0]]))
    assert (moved.quantiles.values[0, :, -1] > 4 * moved.mean[0]).all()
    assert moved.protection.quantile(0.99)[0] > 4 * moved.protection.mean[0]
    assert (moved.quantiles.values[1] == 0).all()
