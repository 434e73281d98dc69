"""Size of intermittent demand and the probability that it comes, smoothed apart."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.kernel.kernel import Memory, Seen, level_path

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tsb:
    """Probability times size; the probability falls while nothing sells, so items may die.

    Source: Teunter, Syntetos and Babai (2011), Intermittent demand, eq. 4.
    """

    name: str = "tsb"
    complexity: int = 1
    seasonal: bool = False
    #: gain of the probability, of the size
    grid: Floats = field(
        default_factory=lambda: np.array(
            [(0.02, 0.05), (0.05, 0.05), (0.1, 0.05), (0.2, 0.05), (0.05, 0.2), (0.15, 0.2)]
        )
    )

    def start(self, shape: tuple[int, ...]) -> Memory:
        """Make the memory: probability, size, demands so far."""
        return (np.zeros(shape), np.zeros(shape), np.zeros(shape[-1:]))

    def step(self, memory: Memory, parameters: Floats, seen: Seen) -> None:
        """Move the probability in every known period, the size when something sold."""
        chance, size, count = memory
        came = (seen.demand > 0).astype(np.float64)
        count += came
        gain = np.maximum(parameters[0], seen.share)
        if seen.known is not None:
            gain = gain * seen.known
        chance += gain * (came - chance)
        size += (
            came * np.maximum(parameters[1], 1.0 / np.maximum(count, 1.0)) * (seen.demand - size)
        )

    def rate(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer probability times size."""
        chance, size, _ = memory
        answer: Floats = chance * size
        return answer

    def path(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the same for every period ahead."""
        return level_path(self.rate(memory, parameters, steps), steps)
