"""What a kernel is, and how one is run over a panel."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecasting.kernel.panel import Panel

Floats = NDArray[np.float64]
Memory = tuple[Floats, ...]


class Kernel(Protocol):
    """A recursive forecast; memory and parameters may carry a leading axis of parameter sets."""

    @property
    def name(self) -> str: ...
    @property
    def complexity(self) -> int: ...
    @property
    def seasonal(self) -> bool: ...
    @property
    def grid(self) -> Floats:
        """(g, p) the parameter sets tried."""
        ...

    def start(self, shape: tuple[int, ...]) -> Memory:
        """Make the memory before the first period."""
        ...

    def step(self, memory: Memory, parameters: Floats, seen: "Seen") -> None:
        """Take in one period, in place. parameters: (p, ...), broadcast against the memory."""
        ...

    def rate(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the mean demand a period over the next `steps`, season apart; never negative."""
        ...

    def path(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the mean demand (steps, ...) of each period ahead, season apart."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """One period of n series: (n,) each, or None where it makes no difference."""

    demand: Floats
    known: Floats | None
    share: Floats
    factor: Floats | None


@dataclass(frozen=True, slots=True)
class Trail:
    """What a kernel with g parameter sets said of n series."""

    #: (o, g, n) forecast of the protection interval's sum from each origin on
    past: Floats
    #: (g, n) summed absolute error of it
    loss: Floats
    #: each (g, n), or (n,) where no parameter matters, after the last period
    memory: Memory


def level_path(rate: Floats, steps: int) -> Floats:
    """Answer the path of a kernel that expects the same of every period ahead."""
    return np.broadcast_to(rate, (steps, *rate.shape))


def run(kernel: Kernel, panel: Panel, weights: Floats, actual: Floats) -> Trail:
    """Step the kernel's whole grid through the panel.

    weights: (o, n or 1) what a mean rate is multiplied by to be an interval's sum; actual: (o, n)
    that sum as it came, nan where unknown.
    """
    periods, n = panel.shape
    parameters = np.ascontiguousarray(kernel.grid.T)[:, :, None]
    memory = kernel.start((len(kernel.grid), n))
    past = np.empty((len(panel.origins), len(kernel.grid), n))
    loss = np.zeros((len(kernel.grid), n))
    place = {int(at): i for i, at in enumerate(panel.origins)}
    factor = panel.factor if kernel.seasonal else None
    least = float(kernel.grid[:, 0].min())
    for t in range(periods):
        if t in place:
            i = place[t]
            np.multiply(kernel.rate(memory, parameters, panel.protection), weights[i], out=past[i])
            error = past[i] - actual[i]
            np.abs(error, out=error)
            loss += np.fmax(error, 0.0, out=error)
        kernel.step(memory, parameters, _seen(panel, t, least, factor))
    return Trail(past, loss, memory)


def _seen(panel: Panel, t: int, least: float, factor: Floats | None) -> Seen:
    """Answer period t; what makes no difference to any series is left out, to save time."""
    share = panel.share[t]
    return Seen(
        panel.demand[t],
        None if panel.known is None or panel.whole[t] else panel.known[t],
        _NONE if panel.most[t] <= least else share,
        None if factor is None else factor[t],
    )


_NONE = np.zeros(1)
