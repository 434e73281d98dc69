"""How much a wave takes, and how long its plan may be thought about."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Self

# With less time than this there is no good start. A plan whose walk ends too late in any case gets
# this share of the walk: a search spares far more of the walk than it takes.
SOLVE_S_MIN = 1.0
SOLVE_SHARE = 0.01
TOTES_A_STRETCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a wave takes at most, and how its plan is searched for.

    Of more orders than it takes, some are overtaken by others that cost less walking: those that
    have waited for `overtaken_max`, or whose cut-off comes within `lead`, no more. The search ends
    by `iterations`, as many again for each further hundred totes, so that a seed repeats;
    `solve_s_max` is for what would take too long.
    """

    orders_max: int = 1_000
    overtaken_max: timedelta = timedelta(minutes=30)
    lead: timedelta = timedelta(hours=1)
    iterations: int = 20_000
    choice_iterations: int = 200_000
    solve_s_max: float = 30.0

    def __post_init__(self) -> None:
        assert self.orders_max > 0 and self.iterations >= 0
        assert self.solve_s_max >= SOLVE_S_MIN

    def hurried(self, haste: int) -> Self:
        """The same with so many times less thought."""
        return replace(
            self,
            iterations=self.iterations // haste,
            solve_s_max=max(SOLVE_S_MIN, self.solve_s_max / haste),
        )

    def iterations_for(self, totes: int) -> int:
        """How many iterations a plan of so many totes is searched for."""
        return self.iterations * max(1, -(-totes // TOTES_A_STRETCH))


def walk_time(lines: int, lines_per_picker_hour: int, pickers: int) -> timedelta:
    """How long so many lines take so many pickers."""
    assert pickers > 0
    return timedelta(hours=lines / (lines_per_picker_hour * pickers))


def seconds_to_solve(
    most_s: float, cut_off_at: datetime | None, walk: timedelta, now: datetime
) -> float:
    """How long a plan may take: what the earliest cut-off leaves after the walk, at most so much.

    Where the walk cannot end in time any more, the plan gets a share of the walk instead: it ends
    soonest when it is short.
    """
    if cut_off_at is None:
        return most_s
    left_s = (cut_off_at - now - walk).total_seconds()
    if left_s < SOLVE_S_MIN:
        left_s = max(SOLVE_S_MIN, SOLVE_SHARE * walk.total_seconds())
    return min(most_s, left_s)


def ended_by(solve_s: float | None, solve_s_max: float | None) -> Literal["search", "time"] | None:
    """Whether a plan's search came to its own end, or the time did; None where neither is known."""
    if solve_s is None or solve_s_max is None:
        return None
    return "time" if solve_s >= solve_s_max else "search"
