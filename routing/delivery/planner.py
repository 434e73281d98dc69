"""Choose an engine, search, audit, fall back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from os import times

from routing.delivery.audit import audit_deliveries
from routing.delivery.baseline import baseline
from routing.delivery.choice import (
    AUTO,
    LIBRARY,
    RULE,
    Choice,
    Turns,
    choose_engine,
    engine_of,
)
from routing.delivery.crew import Task, may_hire, search_together
from routing.delivery.draft import Draft, Watch, unwatched
from routing.delivery.objective import plan_cost, rank
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.delivery.timetable import plan_of, timed_routes
from routing.delivery.trial import Trial
from routing.delivery.warm import refitted
from routing.effort import SEED_MAX, Clock, Effort
from routing.error import NoPlan

# What is kept back to time, price and audit the plan.
CLOSING_S, CLOSING_S_A_STOP = 0.01, 2e-4
# So many iterations of our own take as long as one of PyVRP's.
PYVRP_PACE = 20
# Costs are compared to so many digits after the point: sums in another order are no others.
DIGITS = 6

Rank = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft that can be driven, and how good it is."""

    rank: Rank
    draft: Draft


def plan_deliveries(
    problem: DeliveryProblem,
    effort: Effort,
    *,
    engine: str = AUTO,
    workers: int = 1,
    warm: Draft | None = None,
    watch: Watch = unwatched,
) -> DeliveryPlan:
    """The best plan found that passes its audit; never worse than the simple rule's or warm's.

    workers: processes with seeds of their own that search beside each other; they share the
    effort's iterations and processor seconds equally. A process that may have no children searches
    alone, with the whole effort. By iterations alone and with one worker, equal arguments give
    equal plans, and the plan's seconds are 0; else they are of the effort's clock, and of the
    processor also those of the workers, with what it takes to start them.

    Raises: ValueError for an unknown engine or fewer than one worker; NoPlan when a begun route
        cannot be kept, or no plan passes the audit.
    """
    if workers < 1:
        raise ValueError(f"a plan needs at least one worker, not {workers}")
    left, lent_s = effort.left(), _children_s(effort)
    if not may_hire():
        workers = 1
    choice = choose_engine(problem, workers, engine)
    rule = baseline(problem)
    trial = Trial(problem)
    drafts = [rule]
    if warm is not None:
        drafts.append(refitted(problem, warm))
    closing_s = CLOSING_S + CLOSING_S_A_STOP * len(problem.stops)
    search = Search(problem, effort, lambda: left() - closing_s, watch)
    if warm is None and choice.engine == LIBRARY:
        drafts.append(search.start())
    found: list[Draft] = []
    candidates, notes = _ranked(trial, drafts)
    rule_cost = next((each.rank[-1] for each in candidates if each.draft is rule), None)
    if problem.stops and choice.engine != RULE:
        if candidates and (warm is not None or choice.engine == LIBRARY):
            warm = candidates[0].draft
        found = search.alone(choice, warm) if workers == 1 else search.crew(choice, warm, workers)
        if len(found) < workers:
            notes.append(f"{workers - len(found)} of {workers} searches died")
        more, faults = _ranked(trial, found)
        # Of equal plans that of a search is taken, unless it took no step from where it began.
        moved = [each for each in more if each.draft.iterations]
        still = [each for each in more if not each.draft.iterations]
        candidates = sorted([*moved, *candidates, *still], key=_order)
        notes += faults
    seconds = (
        0.0 if effort.seconds is None else effort.seconds - left() + _children_s(effort) - lent_s
    )
    return _audited(problem, candidates, _Telling(choice.why, notes, found, seconds, rule_cost))


def _children_s(effort: Effort) -> float:
    """Processor seconds of children that have ended, where those are counted."""
    spent = times()
    return spent.children_user + spent.children_system if effort.clock is Clock.CPU else 0.0


@dataclass(frozen=True, slots=True)
class Search:
    """What all searches for one plan share."""

    problem: DeliveryProblem
    effort: Effort
    left: Callable[[], float]
    watch: Watch

    def start(self) -> Draft:
        """OR-Tools' first solution, no stops on it where there is none in time."""
        module = import_module("routing.delivery.engine.start")
        draft: Draft | None = module.solve_start(self.problem, self._rest())
        return draft or Draft((), LIBRARY)

    def alone(self, choice: Choice, warm: Draft | None) -> list[Draft]:
        """The chosen engine's search, after the second's where they take turns."""
        engine = engine_of(choice.engine)
        if choice.turns is Turns.NONE:
            return [engine.solve(self.problem, self._rest(), warm, self.watch)]
        turn = engine_of(choice.second).solve(
            self.problem, self._half(PYVRP_PACE), warm, self.watch
        )
        rest = replace(self._half(), seconds=self._rest().seconds)
        warm = turn if choice.turns is Turns.ONWARD else warm
        return [turn, engine.solve(self.problem, rest, warm, self.watch)]

    def crew(self, choice: Choice, warm: Draft | None, workers: int) -> list[Draft]:
        """Searches beside each other; the last is the second engine's where there is one."""
        effort, left_s = self.effort, max(0.0, self.left())
        seconds = None
        if effort.seconds is not None:
            seconds = left_s / workers if effort.clock is Clock.CPU else left_s
        tasks = []
        for k in range(workers):
            engine = choice.second if choice.second and k == workers - 1 else choice.engine
            iterations = None
            if effort.iterations is not None:
                pace = PYVRP_PACE if (engine, choice.second) == ("pyvrp", "pyvrp") else 1
                iterations = max(1, effort.iterations // (workers * pace))
            part = Effort(
                seed=(effort.seed + k) % (SEED_MAX + 1),
                iterations=iterations,
                seconds=seconds,
                clock=effort.clock,
            )
            tasks.append(Task(engine, part))
        return search_together(self.problem, tasks, self._rest(), warm, self.watch)

    def _half(self, pace: int = 1) -> Effort:
        """Half of the effort, for an engine whose iterations take so many times as long as ours."""
        rest = self._rest()
        seconds = None if rest.seconds is None else rest.seconds / 2
        iterations = None if rest.iterations is None else rest.iterations // (2 * pace)
        return replace(rest, seconds=seconds, iterations=iterations)

    def _rest(self) -> Effort:
        """The effort with the seconds that are left."""
        if self.effort.seconds is None:
            return self.effort
        return replace(self.effort, seconds=max(0.0, self.left()))


def _ranked(trial: Trial, drafts: Sequence[Draft]) -> tuple[list[Candidate], list[str]]:
    """The drafts that can be driven, the best first; and why the others can't."""
    problem = trial.problem
    candidates, faults = [], []
    for draft in drafts:
        try:
            routes = timed_routes(trial, draft.runs)
        except ValueError as error:
            faults.append(f"{draft.engine}'s routes can't be kept: {error}")
            continue
        served = {trial.index[stop_id] for route in routes for stop_id in route.stops}
        left_out = [k for k in range(len(problem.stops)) if k not in served]
        cost = plan_cost(problem, routes, left_out)
        candidates.append(Candidate(rank(problem, served, len(routes), cost), draft))
    return sorted(candidates, key=_order), faults


def _order(candidate: Candidate) -> Rank:
    """Its rank; costs that differ by less than sums of floats may are the same."""
    *before, cost = candidate.rank
    return (*before, round(cost, DIGITS))


@dataclass(frozen=True, slots=True)
class _Telling:
    """What a plan says about itself. found: what searches came to."""

    why: str
    notes: list[str]
    found: list[Draft]
    seconds: float
    baseline_cost: float | None


def _audited(
    problem: DeliveryProblem, candidates: Sequence[Candidate], telling: _Telling
) -> DeliveryPlan:
    """The best candidate that passes the audit."""
    notes = list(telling.notes)
    searched = [each.draft for each in candidates if any(each.draft is f for f in telling.found)]
    if searched and all(each is not candidates[0].draft for each in searched):
        has_moved = any(draft.iterations for draft in searched)
        notes.append("no search bettered it" if has_moved else "the search took no step")
    for candidate in candidates:
        plan = plan_of(
            problem,
            candidate.draft,
            why="; ".join([telling.why, *notes]),
            seconds=telling.seconds,
            baseline_cost=telling.baseline_cost,
        )
        faults = audit_deliveries(problem, plan)
        if not faults:
            return plan
        notes.append(f"{candidate.draft.engine}'s plan did not pass its audit: {faults[0]}")
    raise NoPlan(f"no plan holds: {'; '.join(notes)}")
