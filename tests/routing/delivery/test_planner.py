"""Plans come from the chosen engine, are audited, and never worse than the simple rule's."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from threading import Event, Timer
from time import monotonic, sleep

import numpy as np
import pytest

from routing.delivery import planner
from routing.delivery.audit import audit_deliveries
from routing.delivery.baseline import baseline
from routing.delivery.choice import Choice
from routing.delivery.crew import Task
from routing.delivery.draft import Draft, Progress, Run, Watch
from routing.delivery.objective import rank
from routing.delivery.plan import DeliveryPlan
from routing.delivery.planner import plan_deliveries
from routing.delivery.problem import Begun, DeliveryProblem
from routing.delivery.stop import Window
from routing.delivery.timetable import plan_of
from routing.delivery.travel import FAR, Travel
from routing.effort import Clock, Effort
from routing.error import NoPlan
from tests.patience import PATIENCE_S
from tests.routing.delivery.builders import a_problem, a_stop, a_van

EFFORT = Effort(iterations=100)
DOORS = [a_stop(place) for place in (1, 2, 3, 4)]
TWO = a_problem(DOORS, a_van(capacity=(2,), count=3))


def a_town(count: int) -> DeliveryProblem:
    rng = np.random.default_rng(1)
    at = rng.integers(0, 1_000, (count + 1, 2))
    metres = np.abs(at[:, None] - at[None]).sum(axis=2).astype(np.int64)
    stops = [a_stop(k) for k in range(1, count + 1)]
    van = a_van(capacity=(10,), count=count)
    return a_problem(stops, van, travel=Travel(metres, metres[None].copy()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience(Effort):
    """An effort that somebody may end, as the command line's."""

    told: Event = field(default_factory=Event)

    def left(self) -> Callable[[], float]:
        left = Effort.left(self)
        return lambda: -1.0 if self.told.is_set() else left()


class Broken:
    """An engine that hands over what it is given."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.warm: Draft | None = None

    def lacks(self, _problem: DeliveryProblem) -> str:
        return ""

    def solve(
        self, _problem: DeliveryProblem, _effort: Effort, warm: Draft | None, _watch: Watch
    ) -> Draft:
        self.warm = warm
        return self.draft


def with_engine(monkeypatch: pytest.MonkeyPatch, draft: Draft) -> None:
    monkeypatch.setattr(planner, "engine_of", lambda _name: Broken(draft))
    monkeypatch.setattr(planner, "choose_engine", lambda *_: Choice("broken", "it was asked for"))


@pytest.mark.parametrize("engine", ["ortools", "pyvrp"])
def test_a_plan_says_who_made_it_and_why(engine: str) -> None:
    plan = plan_deliveries(TWO, EFFORT, engine=engine)
    assert audit_deliveries(TWO, plan) == []
    assert plan.engine == engine
    assert "asked for" in plan.why
    assert plan.cost == 1_200
    assert plan.baseline_cost is not None
    assert plan.baseline_cost >= plan.cost


def test_nothing_to_serve_is_a_plan_without_routes() -> None:
    assert plan_deliveries(a_problem([]), EFFORT, engine="ortools").routes == ()


def test_routes_that_cannot_be_kept_are_replaced_by_the_simple_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_engine(monkeypatch, Draft((Run(0, ((0, 1, 2, 3),)),), "broken"))
    plan = plan_deliveries(TWO, EFFORT)
    assert audit_deliveries(TWO, plan) == []
    assert plan.engine == "baseline"
    assert "broken's routes can't be kept" in plan.why


def test_a_plan_that_fails_its_audit_is_replaced_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_engine(monkeypatch, Draft((Run(0, ((0, 1),)), Run(0, ((2, 3),))), "broken", 5))

    def faults(problem: DeliveryProblem, plan: DeliveryPlan) -> list[str]:
        return ["too blue"] if plan.engine == "broken" else audit_deliveries(problem, plan)

    monkeypatch.setattr(planner, "audit_deliveries", faults)
    plan = plan_deliveries(TWO, EFFORT)
    assert plan.engine == "baseline"
    assert "did not pass its audit: too blue" in plan.why


def test_no_plan_that_holds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with_engine(monkeypatch, Draft((), "broken"))
    monkeypatch.setattr(planner, "audit_deliveries", lambda *_: ["too blue"])
    with pytest.raises(NoPlan, match="too blue"):
        plan_deliveries(TWO, EFFORT)


def test_an_engine_worse_than_the_simple_rule_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_engine(monkeypatch, Draft((Run(0, ((0,),)),), "broken"))
    plan = plan_deliveries(TWO, EFFORT)
    assert plan.engine == "baseline"
    assert plan.unserved == ()


def test_a_stop_too_large_or_out_of_reach_is_unserved_with_its_reason() -> None:
    problem = a_problem([*DOORS, a_stop(5, load=(99,)), a_stop(6)])
    problem.travel.distance_m[:, 6] = FAR
    plan = plan_deliveries(problem, EFFORT, engine="ortools")
    assert sorted(each.stop for each in plan.unserved) == ["s5", "s6"]
    assert all(refusal.reason for each in plan.unserved for refusal in each.refusals)


def test_a_begun_route_that_cannot_be_kept_is_named_before_solving() -> None:
    stops = [a_stop(1, windows=(Window(0, 10),)), a_stop(2)]
    problem = a_problem(stops, begun=(Begun("van", 0, ("s1",)),))
    with pytest.raises(NoPlan, match="s1"):
        plan_deliveries(problem, EFFORT, engine="ortools")


def test_senseless_workers_and_engines_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        plan_deliveries(TWO, EFFORT, workers=0)
    with pytest.raises(ValueError, match="no engine magic"):
        plan_deliveries(TWO, EFFORT, engine="magic")


def test_a_warm_plan_is_never_made_worse() -> None:
    warm = Draft((Run(0, ((0, 1),)), Run(0, ((2, 3),))), "yesterday")
    plan = plan_deliveries(TWO, Effort(iterations=0), engine="ortools", warm=warm)
    assert plan.cost == 1_200


@pytest.mark.parametrize("engine", ["sisr", "ortools", "pyvrp"])
@pytest.mark.parametrize(
    "runs",
    [
        (Run(0, ((0,),)), Run(0, ((1,),)), Run(0, ((2,),)), Run(0, ((3,),))),
        (Run(0, ((0, 1),)), Run(0, ((1, 2),))),
        (Run(0, ((0,),), 0), Run(0, ((1,),), 0), Run(0, ((2,),), 7)),
        (Run(0, ()), Run(0, ((),)), Run(0, ((), (99, 0)))),
        (Run(9, ((0,),)), Run(-1, ((1,),))),
    ],
    ids=["too many", "twice", "numbers", "nothing", "no such van"],
)
def test_a_warm_plan_of_another_day_is_gone_on_from_as_far_as_it_goes(
    engine: str, runs: tuple[Run, ...]
) -> None:
    plan = plan_deliveries(TWO, EFFORT, engine=engine, warm=Draft(runs, "yesterday"))
    assert audit_deliveries(TWO, plan) == []
    assert (plan.engine, plan.unserved, plan.cost) == (engine, (), 1_200)
    assert "can't be kept" not in plan.why


def test_a_search_goes_on_from_the_better_of_what_stands_and_the_simple_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Broken(Draft((), "broken"))
    monkeypatch.setattr(planner, "engine_of", lambda _name: engine)
    monkeypatch.setattr(planner, "choose_engine", lambda *_: Choice("broken", "it was asked for"))
    bad = Draft((Run(0, ((0, 3),)), Run(0, ((1, 2),))), "yesterday")
    plan_deliveries(TWO, EFFORT, warm=bad)
    assert engine.warm is not None
    assert engine.warm.engine == "baseline"
    new = Draft((Run(0, ((3,),), 2),), "yesterday")
    plan = plan_deliveries(a_problem(DOORS, a_van(count=3)), EFFORT, warm=new)
    assert sorted(k for run in engine.warm.runs for trip in run.trips for k in trip) == [0, 1, 2, 3]
    assert plan.unserved == ()


def test_a_plan_that_no_search_bettered_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with_engine(monkeypatch, Draft((Run(0, ((0,),)),), "broken", 5))
    warm = Draft((Run(0, ((0, 1),)), Run(0, ((2, 3),))), "yesterday")
    assert plan_deliveries(TWO, EFFORT).why.endswith("no search bettered it")
    assert plan_deliveries(TWO, EFFORT, warm=warm).why.endswith("no search bettered it")
    with_engine(monkeypatch, replace(warm, engine="broken", iterations=5))
    plan = plan_deliveries(TWO, EFFORT, warm=warm)
    assert (plan.engine, plan.why) == ("broken", "it was asked for")


def test_a_search_without_time_for_a_step_is_not_named_as_the_maker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warm = Draft((Run(0, ((0, 1),)), Run(0, ((2, 3),))), "yesterday")
    with_engine(monkeypatch, replace(warm, engine="broken"))
    plan = plan_deliveries(a_problem(DOORS, a_van(capacity=(2,))), EFFORT, warm=warm)
    assert plan.engine != "broken"
    assert plan.why == "it was asked for; the search took no step"


def test_equal_plans_summed_in_another_order_are_the_search_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vans = [a_van(id=name, count=1, capacity=(1,), distance_cost=0.0123) for name in "abc"]
    problem = a_problem([a_stop(k) for k in (1, 2, 3)], *vans)
    orders = [tuple(Run(v, ((s,),)) for v, s in enumerate(each)) for each in permutations(range(3))]
    costs = [plan_of(problem, Draft(runs, ""), why="", seconds=0).cost for runs in orders]
    assert min(costs) < max(costs) < min(costs) + 1e-9
    monkeypatch.setattr(
        planner, "baseline", lambda _: Draft(orders[costs.index(min(costs))], "baseline")
    )
    with_engine(monkeypatch, Draft(orders[costs.index(max(costs))], "broken", 5))
    assert plan_deliveries(problem, EFFORT).engine == "broken"


def test_a_warm_plan_that_no_longer_fits_loses_only_what_does_not() -> None:
    warm = Draft((Run(0, ((0, 1, 2),)), Run(0, ((3,),))), "yesterday")
    assert plan_deliveries(TWO, EFFORT, engine="ortools", warm=warm).unserved == ()


@pytest.mark.parametrize("engine", ["ortools", "pyvrp"])
def test_equal_seeds_and_iterations_give_equal_plans(engine: str) -> None:
    problem, effort = a_town(30), Effort(seed=5, iterations=80)
    first = plan_deliveries(problem, effort, engine=engine)
    assert first == plan_deliveries(problem, effort, engine=engine)
    assert first.seconds == 0


@pytest.mark.parametrize("clock", list(Clock))
def test_a_time_limit_always_yields_an_audited_plan(clock: Clock) -> None:
    problem = a_town(60)
    for seconds in (0.0, 0.2):
        effort = Effort(seconds=seconds, clock=clock)
        plan = plan_deliveries(problem, effort, engine="ortools")
        assert audit_deliveries(problem, plan) == []
        rule = plan_of(problem, baseline(problem), why="", seconds=0.0)
        everyone = range(len(problem.stops))
        assert rank(problem, everyone, 0, plan.cost) <= rank(problem, everyone, 0, rule.cost)


def test_a_second_engine_has_a_worker_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = Choice("pyvrp", "a test", "ortools")
    monkeypatch.setattr(planner, "choose_engine", lambda *_: choice)
    handed: list[Task] = []

    def search(
        problem: DeliveryProblem, tasks: list[Task], _effort: Effort, _warm: Draft, _watch: Watch
    ) -> list[Draft]:
        handed.extend(tasks)
        return [baseline(problem)] * len(tasks)

    monkeypatch.setattr(planner, "search_together", search)
    plan_deliveries(TWO, Effort(seed=7, seconds=30, clock=Clock.CPU), workers=3)
    assert [task.engine for task in handed] == ["pyvrp", "pyvrp", "ortools"]
    assert [task.effort.seed for task in handed] == [7, 8, 9]
    assert all(0 < (task.effort.seconds or 0) <= 10 for task in handed)


def test_told_to_end_the_search_hands_over_what_it_has() -> None:
    patience = Patience(seconds=10 * PATIENCE_S)
    Timer(0.3, patience.told.set).start()
    began = monotonic()
    plan = plan_deliveries(a_town(40), patience, engine="pyvrp")
    assert plan.unserved == ()
    assert monotonic() < began + 5 * PATIENCE_S


def test_workers_share_the_effort_and_the_best_is_kept() -> None:
    problem = a_town(40)
    news: list[Progress] = []
    effort = Effort(seed=2, iterations=400)
    plan = plan_deliveries(problem, effort, engine="pyvrp", workers=2, watch=news.append)
    halves = [
        plan_deliveries(problem, Effort(seed=seed, iterations=200), engine="pyvrp")
        for seed in (2, 3)
    ]
    assert plan.cost == min(half.cost for half in halves)
    assert news
    assert all(0 <= each.share <= 1 for each in news)
    assert not multiprocessing.active_children()


def test_workers_end_when_told() -> None:
    patience = Patience(seconds=10 * PATIENCE_S)
    Timer(3.0, patience.told.set).start()
    began = monotonic()
    plan = plan_deliveries(a_town(40), patience, engine="pyvrp", workers=2)
    assert plan.unserved == ()
    assert monotonic() < began + 5 * PATIENCE_S
    assert not multiprocessing.active_children()


CHILD = """
from multiprocessing import freeze_support
from routing.delivery.planner import plan_deliveries
from routing.effort import Effort
from tests.routing.delivery.test_planner import a_town

if __name__ == "__main__":
    freeze_support()
    plan_deliveries(a_town(40), Effort(seconds=600), engine="pyvrp", workers=2,
                    watch=lambda news: print(news.iterations, flush=True))
"""


def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "plan.py"
    script.write_text(CHILD)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    children = _children(parent.pid)
    assert children
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = monotonic() + PATIENCE_S
    while monotonic() < until and any(map(_lives, children)):
        sleep(0.1)
    assert not any(map(_lives, children))


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in told.split()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _plan_alone(line: multiprocessing.connection.Connection) -> None:
    line.send(plan_deliveries(TWO, replace(EFFORT, seed=4), engine="pyvrp", workers=2).cost)


def test_a_process_that_may_have_no_children_searches_alone() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_plan_alone, args=(theirs,), daemon=True)
    process.start()
    assert ours.poll(60)
    assert ours.recv() == 1_200
    process.join()
