"""Orders to release now and the aisles that hold them, with most units by aisle."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.wave.assembly import assemble
from routing.pick.wave.audit import audit_choice
from routing.pick.wave.baseline import first_come
from routing.pick.wave.bound import content_bound, fewest_aisles, relaxed_bound, richest
from routing.pick.wave.enumeration import Target, enumerate_better, is_enumerable
from routing.pick.wave.flat import Compact, Wave, compact
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from routing.pick.wave.proof import settle
from routing.pick.wave.reason import reasons_left_out
from routing.pick.wave.search import Found, Hunt

__all__ = ["choose_wave", "first_come"]

# An exact solver is asked up to so many lines of orders and aisles; without a clock up to fewer.
PROOF_LINES_MAX, PROOF_LINES_MAX_UNTIMED = 12_000, 600
ROUNDS_BEFORE_PROOF = 1
PROOF_SHARE = 0.5
# Walking through all sets of aisles ends soon or never.
WALK_SHARE, WALK_NODES_MAX, WALK_NODES_MAX_UNTIMED = 0.05, 10**9, 20_000
# The relaxation takes a second for a number of lines with this square, and may have this share
# of the time; without a clock it is solved up to so many lines.
RELAXED_LINES_SQUARED_A_SECOND = 1.5e8
RELAXED_SHARE, RELAXED_LINES_MAX_UNTIMED = 0.25, 4_000
ROUNDS_BEFORE_RELAXED = 1
# What is kept back to hand the choice over.
CLOSING_S = 0.06
EPSILON = 1e-9


def choose_wave(problem: WaveProblem, effort: Effort) -> WaveChoice:
    """The best choice found in time, audited; orders that must go before all others.

    It is never worse than first_come's. If it breaks a rule, it is that one, and its method says
    why.

    Raises: NoPlan when no choice reaches units_min, or none was found in time.
    """
    choice = _choose(problem, effort)
    faults = audit_choice(problem, choice)
    if not faults:
        return choice if choice.optimal else _no_worse(problem, choice)
    baseline = first_come(problem)
    if worse := audit_choice(problem, baseline):
        raise NoPlan(f"neither choice holds: {faults[0]}; {worse[0]}")
    return replace(baseline, method=f"{baseline.method} (the search's choice broke: {faults[0]})")


def _no_worse(problem: WaveProblem, choice: WaveChoice) -> WaveChoice:
    """The choice, or first come's where a search with too little time ended below it."""
    try:
        baseline = first_come(problem)
    except NoPlan:
        return choice
    kept = len(problem.must.intersection(choice.orders))
    better = baseline.objective > choice.objective
    if better and len(problem.must.intersection(baseline.orders)) >= kept:
        return replace(baseline, bound=max(choice.bound, baseline.objective))
    return choice


def _choose(problem: WaveProblem, effort: Effort) -> WaveChoice:
    left = effort.left()
    flat = compact(problem)
    wave = flat.wave
    reachable = int(richest(wave)[-1]) if wave.aisles else 0
    if reachable < problem.units_min:
        raise NoPlan(
            f"the aisles hold {reachable} units of what the orders ask for, "
            f"a wave needs {problem.units_min}"
        )
    if not wave.orders or not problem.units_max:
        return _hand_over(problem, flat, None, 0.0, True)
    # What is left to do after the search takes longer the larger the problem is.
    lines = len(wave.order_item) + len(wave.aisle_item)
    closing_s = CLOSING_S * lines / PROOF_LINES_MAX
    if effort.seconds is not None:
        closing_s = min(closing_s, effort.seconds / 2)
    inquiry = Inquiry(wave, effort, lambda: left() - closing_s)
    best = inquiry.run()
    if best is None:
        return replace(first_come(problem), bound=inquiry.bound)
    return _hand_over(problem, flat, best, inquiry.bound, inquiry.proven)


class Inquiry:
    """A hunt, the bound on what it may find, and the questions to exact solvers in between."""

    def __init__(self, wave: Wave, effort: Effort, left: Callable[[], float]) -> None:
        self.wave, self.effort, self.left = wave, effort, left
        self.hunt = Hunt(wave, effort.seed, left, effort.iterations)
        self.bound = content_bound(wave)
        self.timed = effort.seconds is not None
        self.lines = len(wave.order_item) + len(wave.aisle_item)
        self.asked: float | None = None
        self.walked: float | None = None
        self.relaxed = False
        self.settled = False
        # Others of the orders that must go might be given up, so that only a bound for all holds.
        self.given_up = False

    @property
    def proven(self) -> bool:
        """Whether nothing better can be found."""
        best = self.hunt.best
        return self.settled or (best is not None and best.ratio >= self.bound * (1 - EPSILON))

    def run(self) -> Found | None:
        """Searches until the time is over or nothing better can be found; None if nothing was.

        Raises: NoPlan when no choice reaches units_min.
        """
        self._begin()
        self._walk()
        hunt = self.hunt
        while not self.proven and not hunt.out_of_time():
            hunt.go_on()
            if self.left() > 0:
                self._ask()
        hunt.tidy()
        if self.given_up:
            self.settled, self.bound = False, content_bound(self.wave)
        elif self.settled and hunt.best is not None:
            self.bound = hunt.best.ratio
        return hunt.best

    def _begin(self) -> None:
        self.hunt.open_all()
        if self.hunt.best is None:
            self._assemble()
        if not self.proven:
            self.hunt.open_greedily()

    def _assemble(self) -> None:
        """Gives up orders that must go and cannot, so that a wave can be chosen at all."""
        wave = self.wave
        seconds = max(self.left(), CLOSING_S)
        assembly = assemble(wave, self.effort.seed, seconds)
        must = np.zeros(wave.orders, np.uint8)
        if assembly is None:
            must[:] = wave.must & self.hunt.packing.packed
        else:
            must[assembly.must] = 1
        self.given_up = bool((must != wave.must).any())
        self.wave = wave._replace(must=must)
        self.hunt = Hunt(self.wave, self.effort.seed, self.left, self.effort.iterations)
        if assembly is not None:
            self.hunt.adopt(_found(self.wave, assembly.orders, range(wave.aisles), "assembly"))

    def _ask(self) -> None:
        self._walk()
        if not self.settled and self.hunt.rounds >= ROUNDS_BEFORE_PROOF:
            self._prove()
        if not self.settled and self.hunt.rounds >= ROUNDS_BEFORE_RELAXED:
            self._relax()

    def _prove(self) -> None:
        """Asks once for each best ratio whether there is a better one."""
        best = self.hunt.best
        most = PROOF_LINES_MAX if self.timed else PROOF_LINES_MAX_UNTIMED
        while best is not None and self.asked != best.ratio and self.lines <= most:
            self.asked = best.ratio
            size = len(best.aisles)
            seconds = PROOF_SHARE * self.left()
            if seconds <= 0:
                return
            verdict = settle(self.wave, best.units, size, self.effort.seed, seconds)
            if verdict is None:
                return
            fewest = fewest_aisles(self.wave)
            self.bound = min(self.bound, best.ratio + max(0.0, verdict.surplus_max) / fewest)
            if verdict.better is not None:
                self.hunt.adopt(_found(self.wave, *verdict.better, "exact"))
                best = self.hunt.best
            elif verdict.surplus_max < 0.5 / size:
                self.settled = True

    def _walk(self) -> None:
        """Looks once for each best ratio through all sets of aisles that may be better."""
        best = self.hunt.best
        while best is not None and self.walked != best.ratio and is_enumerable(self.wave):
            self.walked = best.ratio
            seconds = self.left()
            if self.effort.seconds is not None:
                seconds = min(seconds, WALK_SHARE * self.effort.seconds)
            nodes = WALK_NODES_MAX if self.timed else WALK_NODES_MAX_UNTIMED
            target = Target(best.units, len(best.aisles))
            answer = enumerate_better(self.wave, target, self.left, seconds, nodes)
            self.settled = answer.complete
            if answer.aisles is not None:
                self.hunt.try_aisles(answer.aisles)
            best = self.hunt.best

    def _relax(self) -> None:
        """Looks once for a tighter bound, where the time allows it."""
        seconds, lines_max = float("inf"), float(RELAXED_LINES_MAX_UNTIMED)
        if self.effort.seconds is not None:
            seconds = RELAXED_SHARE * self.effort.seconds
            lines_max = (RELAXED_LINES_SQUARED_A_SECOND * seconds) ** 0.5
        if self.relaxed or self.lines > lines_max:
            return
        self.relaxed = True
        bound = relaxed_bound(self.wave, min(2 * seconds, self.left()))
        if bound is not None:
            self.bound = min(self.bound, bound)


def _found(wave: Wave, orders: list[int], aisles: range | list[int], method: str) -> Found:
    packed = np.zeros(wave.orders, np.uint8)
    packed[orders] = 1
    return Found(int(wave.units[orders].sum()), np.array(aisles, np.int64), packed, method)


def _hand_over(
    problem: WaveProblem, flat: Compact, best: Found | None, bound: float, proven: bool
) -> WaveChoice:
    nothing = [order for order in problem.must if not any(q for _, q in problem.orders[order])]
    if best is None:
        orders, aisles, units, method = tuple(sorted(nothing)), (), 0, "empty"
    else:
        packed = np.flatnonzero(best.packed)
        orders = tuple(sorted([*flat.order_ids[packed].tolist(), *nothing]))
        aisles = tuple(sorted(flat.aisle_ids[best.aisles].tolist()))
        units, method = best.units, best.method
    left_out = reasons_left_out(problem, orders, aisles, flat.struck)
    return WaveChoice(orders, aisles, units, bound, proven, method, left_out)
