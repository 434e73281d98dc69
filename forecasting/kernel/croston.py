"""Size and interval of intermittent demand, smoothed apart."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.kernel.kernel import Memory, Seen, level_path

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Croston:
    """Croston's ratio of size to interval with the bias taken off (SBA).

    Source: Syntetos and Boylan (2005), The accuracy of intermittent demand estimates, eq. 5.
    """

    name: str = "sba"
    complexity: int = 1
    seasonal: bool = False
    grid: Floats = field(default_factory=lambda: np.array([(0.05,), (0.1,), (0.2,)]))

    def start(self, shape: tuple[int, ...]) -> Memory:
        """Make the memory: size, interval, periods since the last demand, demands so far."""
        return (np.zeros(shape), np.ones(shape), np.zeros(shape[-1:]), np.zeros(shape[-1:]))

    def step(self, memory: Memory, parameters: Floats, seen: Seen) -> None:
        """Take in a demand; a period without one only makes the interval longer."""
        size, interval, waited, count = memory
        waited += 1.0 if seen.known is None else seen.known
        came = (seen.demand > 0).astype(np.float64)
        count += came
        gain = came * np.maximum(parameters[0], 1.0 / np.maximum(count, 1.0))
        size += gain * (seen.demand - size)
        interval += gain * (waited - interval)
        waited *= 1.0 - came

    def rate(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer size over interval, less the bias."""
        size, interval, _, _ = memory
        answer: Floats = size / np.maximum(interval, 1.0) * (1.0 - parameters[0] / 2.0)
        return answer

    def path(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the same for every period ahead."""
        return level_path(self.rate(memory, parameters, steps), steps)
