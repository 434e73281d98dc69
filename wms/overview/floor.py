"""A wave over the floor it is walked on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave as the list shows it; distances are in millimetres."""

    wave_id: int
    state: str
    asked_by: str
    method: str | None
    orders: int
    carts: int
    carts_done: int
    tasks: int
    tasks_done: int
    distance_mm: int | None
    baseline_mm: int | None
    left_out: int
    refusal: str | None
    created_at: datetime
    released_at: datetime | None
    bound_mm: int | None = None
    walk_s: float | None = None
    solve_s: float | None = None
    solve_s_max: float | None = None
    choice: dict[str, Any] | None = None
    reason: str = ""

    @property
    def gap(self) -> float | None:
        """How far above the least walk the plan can be, as a share of the bound."""
        if not self.bound_mm or self.distance_mm is None:
            return None
        return self.distance_mm / self.bound_mm - 1

    @property
    def saving(self) -> float | None:
        """The share of the baseline's walk that the plan leaves out, or None without a plan."""
        if not self.baseline_mm or self.distance_mm is None:
            return None
        return 1 - self.distance_mm / self.baseline_mm


@dataclass(frozen=True, slots=True)
class Floor:
    """A warehouse in plan: parallel aisles, its bins' (x, y) in millimetres, and its doors."""

    code: str
    name: str
    aisles: int
    aisle_length_mm: int
    aisle_pitch_mm: int
    depot_aisle: int
    bins: tuple[tuple[int, int], ...]
    drop_aisle: int | None = None
    drop_at_back: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One bin of a walk, at (x, y) in millimetres, with how many of its picks are done."""

    code: str
    x_mm: int
    y_mm: int
    tasks: int
    done: int
    short: int


@dataclass(frozen=True, slots=True)
class Walk:
    """One cart of the wave: its way as points in millimetres, and how far it has come."""

    number: int
    state: str
    picker: str | None
    cart: str | None
    orders: int
    distance_mm: int
    tasks: int
    tasks_done: int
    path: tuple[tuple[int, int], ...]
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An order that the wave could not take, and why."""

    order_id: int | None
    external_order_id: str | None
    fulfilment_order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class WaveOnFloor:
    """One wave with its floor, its walks, and whom it left out."""

    row: WaveRow
    floor: Floor
    walks: tuple[Walk, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def begun(self) -> bool:
        """Whether somebody has taken one of its carts."""
        return any(walk.state not in ("planned", "void") for walk in self.walks)
