"""How far a search has come, by iterations and by the clock, and who is told."""

from collections.abc import Callable
from math import inf

from routing.delivery.draft import Progress, Watch
from routing.effort import Effort

# Iterations between two looks at the clock.
CHUNK = 200
# About what one core makes of them.
STEPS_A_SECOND = 100_000
# A search tells about itself this many times at most.
TOLD_MAX = 100


class Limit:
    """The limits of an effort, and what of it is used up."""

    def __init__(
        self,
        effort: Effort,
        left: Callable[[], float],
        watch: Watch,
        price: float,
        refused: int,
    ) -> None:
        """left: of the effort, started. price: of a metre. refused: stops that nobody can serve."""
        self.done = 0
        self._effort, self._left, self._watch = effort, left, watch
        self._price, self._refused = price, refused
        self._told = 0

    def share(self) -> float:
        """Of its iterations or its time, whichever is nearer to the end; from 1 on it is over."""
        effort, gone = self._effort, 0.0
        if effort.iterations is not None:
            gone = self.done / effort.iterations if effort.iterations else 1.0
        if effort.seconds is not None:
            spent = 1.0 - self._left() / effort.seconds if effort.seconds else 1.0
            gone = max(gone, spent)
        return gone

    def steps(self) -> int:
        """How many iterations to go on for until the next look."""
        if self._effort.iterations is None:
            return CHUNK
        return max(1, min(CHUNK, self._effort.iterations - self.done))

    def outlook(self) -> float:
        """About how many iterations there will be, the same on every machine."""
        effort, outlook = self._effort, inf
        if effort.iterations is not None:
            outlook = effort.iterations
        if effort.seconds is not None:
            outlook = min(outlook, effort.seconds * STEPS_A_SECOND)
        return outlook

    def tell(self, metres: int, unserved: int) -> None:
        """Lets the watcher know, now and then."""
        share = self.share()
        if share * TOLD_MAX >= self._told:
            self._told = int(share * TOLD_MAX) + 1
            cost, missing = metres * self._price, unserved + self._refused
            self._watch(Progress(min(share, 1.0), cost, missing, self.done))
