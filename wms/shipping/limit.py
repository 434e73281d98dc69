"""How much thought a departure's routes are given, and by which engine."""

from dataclasses import dataclass, replace

from routing.effort import Effort
from wms.shipping.route import Kind

AUTO = "auto"
# It needs no compilation, and finds about the same as the others where stops are few.
LIGHT = "ortools"
LIGHT_STOPS_MAX = 60
LIGHT_ITERATIONS = 200
ITERATIONS_A_STOP = 1_000
ITERATIONS_MIN = 5_000
# A plan that goes on from one that stands has little to change, and somebody waits for it.
WARM_SHARE = 4
SOLVE_S_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Thought:
    """What a search may take: its engine, its limits, and so many processes."""

    engine: str
    effort: Effort
    workers: int


@dataclass(frozen=True, slots=True)
class RouteLimits:
    """A plan ends at so many seconds, or earlier, at its iterations; by so many processes.

    compiled: whether the fast engines are; until then another one is taken. haste: the plan is
    given so many times less time and iterations.
    """

    solve_s_max: float = 30.0
    workers: int = 1
    compiled: bool = True
    haste: int = 1

    def hurried(self, times: int) -> "RouteLimits":
        """The same with so many times less thought."""
        return replace(self, haste=self.haste * times)

    def thought(self, kind: Kind, stops: int, seed: int, *, warm: bool) -> Thought:
        """The engine and effort for so many stops, `warm` where a plan stands to go on from.

        A carrier drives as it likes, so its rounds are worth no long search.
        """
        light = not self.compiled or (kind is Kind.CARRIER and stops <= LIGHT_STOPS_MAX)
        less = self.haste * (WARM_SHARE if warm else 1)
        whole = LIGHT_ITERATIONS if light else max(ITERATIONS_MIN, ITERATIONS_A_STOP * stops)
        effort = Effort(
            seed=seed,
            iterations=max(1, whole // less),
            seconds=max(self.solve_s_max / less, SOLVE_S_MIN),
        )
        return Thought(LIGHT if light else AUTO, effort, self.workers)
