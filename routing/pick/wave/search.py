"""A search for the best choice of aisles and orders: greedy starts, then annealing over and over.

The runs are free in how many aisles they open, or keep a number that promises most; they start
from the best so far or from the best of a near number, and grow longer. Which kind of run and
which temperature come next is drawn by what they have lately led to.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routing.chance import seeded
from routing.pick.wave.annealing import Search, Stretch, anneal, note_best
from routing.pick.wave.bound import fewest_aisles
from routing.pick.wave.flat import Flags, Ints, Wave
from routing.pick.wave.greedy import add_what_fits, close_cheapest, close_idle, open_best
from routing.pick.wave.packing import MISSED, UNITS, empty_packing, pack_afresh, restore

# The clock is looked at about so often.
CHUNK_S = 0.05
CHUNK_MIN, CHUNK_AT_FIRST, CHUNK_MAX = 16, 256, 1_000_000
RUN_AT_FIRST = 20_000
RUN_GROWTH = 1.5
# No run takes more than this share of the whole search.
RUN_SHARE = 0.08
# Ways to anneal: with a fixed number of aisles or a free one, and the temperature at first, in
# prices of an aisle. A run ends at a share of it.
HEATS = (0.03, 0.06, 0.12, 0.25, 0.5, 1.0)
WAYS = tuple((fixed, hot) for fixed in (False, True) for hot in HEATS)
WARM, COLD = 0.25, 0.01
RUNS_A_ROUND = 4
# How fast the merit of a way follows what it leads to, which lag makes it be taken 1/e as often,
# and the share of runs whose way is any.
MERIT_PACE, MERIT_LAG, ANY_WAY = 0.4, 0.01, 0.15
# The habitual gain of an aisle that was never opened: it is tried soon.
UNTRIED = 1e9
SIZES_AT_FIRST = 7
# A size whose best lags behind by this share is chosen 1/e as often.
SIZE_LAG = 0.04
SIZE_SPREAD = 0.12
ANY_SIZE = 0.1
SERVING_LINES = 1.2
SERVING_MANY, SERVING_FEW = 0.3, 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """A choice in a wave's own numbers."""

    units: int
    aisles: Ints
    packed: Flags
    method: str

    @property
    def ratio(self) -> float:
        """Units by aisle."""
        return self.units / len(self.aisles)


class Hunt:
    """A search that goes on while there is time; `best` is always a choice that holds, or None.

    left: seconds left. iterations: steps of annealing left, None without a limit; then nothing
    that is found depends on the clock unless the seconds end.
    """

    def __init__(
        self, wave: Wave, seed: int, left: Callable[[], float], iterations: int | None
    ) -> None:
        self.wave, self.left = wave, left
        self.iterations, self.iterations_whole = iterations, iterations
        self.seconds_whole = left()
        self.best: Found | None = None
        self.packing = empty_packing(wave)
        self.search = Search(
            np.zeros(2, np.int64),
            np.zeros(wave.aisles, np.int64),
            np.zeros(wave.orders, np.uint8),
            np.array([0.0, 0.0, 0.0, 1.0]),
            np.full(wave.aisles, UNTRIED),
            np.zeros(wave.aisles),
            seeded(seed),
        )
        self.rng = np.random.default_rng(seed)
        lines = len(wave.order_item) / max(1, wave.orders)
        self.serving = SERVING_MANY if lines > SERVING_LINES else SERVING_FEW
        self.rate = 0.0
        self.run_length = RUN_AT_FIRST
        if iterations is not None:
            self.run_length = min(RUN_AT_FIRST, int(iterations * RUN_SHARE) + 1)
        self.by_size: dict[int, Found] = {}
        self.rounds = 0
        self.merit = np.ones(len(WAYS))

    def open_all(self) -> None:
        """The simplest choice: all aisles, the largest orders first."""
        self._start_from(np.arange(self.wave.aisles))
        self._note("all aisles")

    def open_greedily(self) -> None:
        """Aisles opened one after another, then all of them closed one after another."""
        wave, tally = self.wave, self.packing.tally
        self._start_from(np.empty(0, np.int64))
        while self.left() > 0 and tally[UNITS] < wave.units_max:
            if not open_best(wave, self.packing, self.search.chance):
                break
            self._note("greedy")
        self._start_from(np.arange(wave.aisles))
        while self.left() > 0 and tally[UNITS] >= wave.units_min and not tally[MISSED]:
            if not close_cheapest(wave, self.packing):
                break
            self._note("greedy")

    def out_of_time(self) -> bool:
        """Whether no step is left."""
        return self.left() <= 0 or (self.iterations is not None and self.iterations <= 0)

    def adopt(self, found: Found) -> None:
        """Takes a choice found elsewhere as the best."""
        self.best = found

    def try_aisles(self, aisles: Ints) -> None:
        """Packs these aisles, the largest orders first."""
        self._start_from(aisles)
        self._note("exact")

    def tidy(self) -> None:
        """Adds to the best choice what its aisles still hold, and closes what it needs not."""
        if self.best is not None:
            restore(self.wave, self.packing, self.best.aisles, self.best.packed)
            add_what_fits(self.wave, self.packing)
            close_idle(self.wave, self.packing)
            self._note(self.best.method)

    def go_on(self) -> None:
        """One round of runs; ways that have lately led to good choices are taken more often."""
        self.rounds += 1
        if self.rounds == 1:
            self._try_sizes()
        for _ in range(RUNS_A_ROUND):
            if self.out_of_time():
                return
            way = self._way()
            fixed, hot = WAYS[way]
            if fixed:
                found = self._run_size(self._size(), self.run_length, hot)
            else:
                found = self._run(self._basis(), self.run_length, hot, fixed=False)
            if found is not None:
                reached = found.ratio / self._ratio()
                self.merit[way] += MERIT_PACE * (reached - self.merit[way])
        self.run_length = int(min(self.run_length * RUN_GROWTH, self._longest_run()))

    def _way(self) -> int:
        if self.rng.random() < ANY_WAY:
            return int(self.rng.integers(len(WAYS)))
        weight = np.exp((self.merit - self.merit.max()) / MERIT_LAG)
        return int(self.rng.choice(len(WAYS), p=weight / weight.sum()))

    def _longest_run(self) -> float:
        longest = float("inf")
        if self.iterations_whole is not None:
            longest = self.iterations_whole * RUN_SHARE
        if self.seconds_whole < float("inf"):
            longest = min(longest, self.seconds_whole * RUN_SHARE * self.rate)
        return max(longest, 1.0)

    def _basis(self) -> Ints:
        return np.arange(self.wave.aisles) if self.best is None else self.best.aisles

    def _try_sizes(self) -> None:
        """Anneals at a spread of numbers of aisles."""
        fewest, most = self._sizes()
        spread = np.geomspace(fewest, most, SIZES_AT_FIRST).round().astype(int).tolist()
        for size in dict.fromkeys(spread):
            self._run_size(size, self.run_length // SIZES_AT_FIRST, WARM)

    def _size(self) -> int:
        """A number of aisles near one that has been good, now and then any."""
        fewest, most = self._sizes()
        if not self.by_size or self.rng.random() < ANY_SIZE:
            middle = int(self.rng.integers(fewest, most + 1))
        else:
            sizes = sorted(self.by_size)
            lag = np.array([self.by_size[size].ratio for size in sizes]) / self._ratio() - 1.0
            weight = np.exp(lag / SIZE_LAG)
            middle = int(self.rng.choice(sizes, p=weight / weight.sum()))
        moved = middle * np.exp(SIZE_SPREAD * self.rng.normal()) + self.rng.integers(-1, 2)
        return int(min(max(round(moved), fewest), most))

    def _run_size(self, size: int, length: int, hot: float) -> Found | None:
        """Anneals at a number of aisles, from the best of the nearest number."""
        near = min(self.by_size, key=lambda known: abs(known - size), default=None)
        basis = self._basis() if near is None else self.by_size[near].aisles
        basis = self.rng.permutation(basis)[:size]
        if len(basis) < size:
            rest = np.setdiff1d(np.arange(self.wave.aisles), basis)
            basis = np.concatenate([basis, self.rng.permutation(rest)[: size - len(basis)]])
        return self._run(basis, length, hot, fixed=True)

    def _ratio(self) -> float:
        return 0.0 if self.best is None else self.best.ratio

    def _sizes(self) -> tuple[int, int]:
        """The least and the greatest number of aisles that could be better than the best."""
        fewest = min(fewest_aisles(self.wave), self.wave.aisles)
        most = self.wave.aisles
        if self.best is not None:
            most = min(most, int(self.wave.units_max / self.best.ratio))
        return fewest, max(fewest, most)

    def _start_from(self, aisles: Ints) -> None:
        pack_afresh(self.wave, self.packing, aisles, self.search.chance)

    def _note(self, method: str) -> None:
        self.search.value[2] = self._ratio()
        if note_best(self.wave, self.packing, self.search):
            self._keep(method)

    def _keep(self, method: str) -> Found:
        size, units = int(self.search.best[0]), int(self.search.best[1])
        found = Found(
            units, self.search.best_aisles[:size].copy(), self.search.best_packed.copy(), method
        )
        if found.ratio > self._ratio():
            self.best = found
        known = self.by_size.get(size)
        if known is None or found.ratio > known.ratio:
            self.by_size[size] = found
        return found

    def _run(self, basis: Ints, length: int, hot: float, fixed: bool) -> Found | None:
        """Anneals from these aisles; the best choice met, which may be worse than the best."""
        if self.iterations is not None:
            length = min(length, self.iterations)
        search = self.search
        # The price of an aisle begins at the best of all runs, the record at nothing.
        price = max(self._ratio(), 1e-3)
        search.value[:3] = price, 0.0, 0.0
        search.best[:] = 0
        self._start_from(basis)
        done = 0
        while done < length and self.left() > 0:
            chunk = self._chunk(length - done)
            before = self.left()
            stretch = Stretch(
                done, done + chunk, length, hot * price, COLD * price, fixed, self.serving
            )
            anneal(self.wave, self.packing, search, stretch)
            done += chunk
            self._measure(chunk, before - self.left())
        if self.iterations is not None:
            self.iterations -= done
        return self._keep("annealing") if search.best[0] else None

    def _chunk(self, most: int) -> int:
        wanted = CHUNK_S * self.rate if self.rate else CHUNK_AT_FIRST
        return int(min(most, max(CHUNK_MIN, min(wanted, CHUNK_MAX))))

    def _measure(self, steps: int, seconds: float) -> None:
        if 0.0 < seconds < float("inf"):
            rate = steps / seconds
            self.rate = rate if not self.rate else 0.7 * self.rate + 0.3 * rate
