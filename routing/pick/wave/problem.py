"""What waits, and what lies in which aisle."""

from dataclasses import dataclass

# Pairs of item and quantity.
Contents = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WaveProblem:
    """Orders that wait and the free goods of each aisle; choose some of both.

    The chosen aisles must hold every unit of the chosen orders, whose units lie from units_min to
    units_max; units by visited aisle shall be most. must: orders to be chosen before all others,
    as long as it is possible at all.

    Source: the wave picking challenge of SBPO 2025 (Mercado Libre).
    Raises: ValueError when a quantity, a limit or an index makes no sense.
    """

    orders: tuple[Contents, ...]
    aisles: tuple[Contents, ...]
    units_min: int
    units_max: int
    must: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.units_min <= self.units_max:
            raise ValueError(f"units from {self.units_min} to {self.units_max} are no range")
        for what, rows in (("order", self.orders), ("aisle", self.aisles)):
            for number, row in enumerate(rows):
                if any(quantity < 0 or item < 0 for item, quantity in row):
                    raise ValueError(f"{what} {number} has a negative item or quantity")
        for order in self.must:
            if not 0 <= order < len(self.orders):
                raise ValueError(f"order {order} must go, but there are {len(self.orders)}")
