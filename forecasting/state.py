"""What a fitted model remembers, so that a new period costs one update."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.fit import KERNELS, WIDTHS
from forecasting.history import Frequency, following
from forecasting.kernel.kernel import Seen
from forecasting.season import Season, phase

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class State:
    """n series after their last period."""

    frequency: Frequency
    #: the last period's first day
    last: np.datetime64
    season: int
    #: (n,) index into KERNELS
    kernel: NDArray[np.int8]
    #: (n, PARAMETERS) and (n, MEMORY)
    parameters: Floats
    memory: Floats
    #: (n,) periods known
    count: Floats
    #: (s,) rows with a season, and theirs: prior, seen and due (s, m), level and weight (s,)
    rows: NDArray[np.intp]
    prior: Floats
    seen: Floats
    due: Floats
    level: Floats
    weight: Floats
    #: (n,) rows whose forecast lives from drivers or from others: a kernel only stands in
    stand_in: NDArray[np.bool_]

    def mean(self, horizon: int) -> Floats:
        """Answer the mean (n, h) of each period ahead, as if all were open."""
        answer = np.zeros((len(self.kernel), horizon))
        factor = self._factors(horizon)
        for code, kernel in enumerate(KERNELS):
            rows = np.flatnonzero(self.kernel == code)
            if not len(rows):
                continue
            memory = tuple(self.memory[rows].T[: WIDTHS[code]])
            answer[rows] = kernel.path(memory, self.parameters[rows].T, horizon).T
        answer[self.rows] *= factor
        return answer

    def _factors(self, horizon: int) -> Floats:
        ahead = self._phases(horizon + 1)[1:]
        season = self._season()
        if not len(self.rows):
            return np.ones((0, horizon))
        return np.stack([season.factor(int(j)) for j in ahead], axis=1)

    def _season(self) -> Season:
        return Season(
            np.ascontiguousarray(self.prior.T),
            np.array(self.seen.T, order="C"),
            np.array(self.due.T, order="C"),
            self.level.copy(),
            self.weight,
        )

    def _phases(self, count: int) -> NDArray[np.intp]:
        return phase(self.last, self.frequency, self.season, count)


def join(parts: list[State]) -> State:
    """Put the series of several states one under the other."""
    offset = np.cumsum([0] + [len(part.kernel) for part in parts])
    return replace(
        parts[0],
        kernel=np.concatenate([part.kernel for part in parts]),
        parameters=np.concatenate([part.parameters for part in parts]),
        memory=np.concatenate([part.memory for part in parts]),
        count=np.concatenate([part.count for part in parts]),
        rows=np.concatenate([part.rows + offset[i] for i, part in enumerate(parts)]),
        prior=np.concatenate([part.prior for part in parts]),
        seen=np.concatenate([part.seen for part in parts]),
        due=np.concatenate([part.due for part in parts]),
        level=np.concatenate([part.level for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        stand_in=np.concatenate([part.stand_in for part in parts]),
    )


def update(state: State, demand: Floats) -> State:
    """Take in the next periods' demand (n, k), nan where unknown or closed.

    The parameters stay as fitted; what is answered equals a run over the whole history.
    Raises: ValueError when the rows are not the state's.
    """
    if demand.ndim != 2 or len(demand) != len(state.kernel):
        raise ValueError(f"demand is {demand.shape}, expected ({len(state.kernel)}, periods)")
    memory, count, season = state.memory.copy(), state.count.copy(), state._season()
    phases = state._phases(demand.shape[1] + 1)[1:]
    groups = [
        (kernel, width, np.flatnonzero(state.kernel == code))
        for code, (kernel, width) in enumerate(zip(KERNELS, WIDTHS, strict=True))
    ]
    for t in range(demand.shape[1]):
        known = (~np.isnan(demand[:, t])).astype(np.float64)
        value = np.where(known > 0, demand[:, t], 0.0)
        count += known
        share = 1.0 / np.maximum(count, 1.0)
        factor = np.ones(len(demand))
        if len(state.rows):
            at = state.rows
            factor[at] = season.step(int(phases[t]), value[at], known[at], share[at])
        for kernel, width, rows in groups:
            if len(rows):
                held = tuple(np.ascontiguousarray(part) for part in memory[rows].T[:width])
                kernel.step(
                    held,
                    state.parameters[rows].T,
                    Seen(
                        value[rows],
                        known[rows],
                        share[rows],
                        factor[rows] if kernel.seasonal else None,
                    ),
                )
                memory[rows, :width] = np.stack(held).T
    starts = np.array([state.last], dtype="datetime64[D]")
    last = (
        following(starts, state.frequency, demand.shape[1])[-1] if demand.shape[1] else state.last
    )
    return replace(
        state,
        last=last,
        memory=memory,
        count=count,
        level=season.level,
        seen=np.ascontiguousarray(season.seen.T),
        due=np.ascontiguousarray(season.due.T),
    )
