"""A choice of orders and aisles as it is handed over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaveChoice:
    """Orders to release now and the aisles that hold their units, as rising indices.

    bound: no choice gives more units by aisle. left_out: each order that is not chosen, with the
    reason.
    """

    orders: tuple[int, ...]
    aisles: tuple[int, ...]
    units: int
    bound: float
    optimal: bool
    method: str
    left_out: tuple[tuple[int, str], ...] = ()

    @property
    def objective(self) -> float:
        """Units by visited aisle."""
        return self.units / len(self.aisles) if self.aisles else 0.0
