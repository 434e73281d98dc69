"""What the solving process is asked, as it is asked."""

import pickle

from api.jobs import solve
from routing.effort import Effort
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, Stop
from routing.pick.wave.problem import WaveProblem


def test_carts_are_planned_and_orders_chosen_within_an_effort() -> None:
    loads = tuple(Load(str(n), (Stop(n % 2, 500 * n),), 1, 1) for n in range(4))
    batches = BatchProblem(Layout(2, 9_000, 3_000), loads, Cart(slots=2, mass_g_max=9))
    # Two orders lie in the first aisle, and one in the second.
    choice = WaveProblem((((1, 2),), ((1, 2),), ((2, 1),)), (((1, 4),), ((2, 9),)), 1, 3)
    effort = Effort(seed=1, iterations=50, seconds=60)
    # Problems go to the solving process as bytes, and answers come back so.
    asked, asked_too, given = pickle.loads(pickle.dumps((batches, choice, effort)))
    plan = pickle.loads(pickle.dumps(solve.batches(asked, given)))
    chosen = pickle.loads(pickle.dumps(solve.wave(asked_too, given)))
    assert not audit_batches(batches, plan)
    assert plan.distance_mm <= plan.baseline_mm
    assert set(chosen.orders) in ({0}, {1})
    assert {order for order, _ in chosen.left_out} == {0, 1, 2} - set(chosen.orders)
