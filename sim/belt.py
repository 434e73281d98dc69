"""The belt: totes in motion, past a scanner and a point of decision to the gates of the lanes.

All totes move at one speed, so a tote that was inducted when the belt stood at `e` mm reaches
everything at `e` plus a fixed distance. Motion is therefore a queue of positions: `advance` lets
happen what lies behind the belt's position by now, in order. Nothing here knows a register.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum


class Spot(IntEnum):
    """What a tote passes."""

    SCANNER = 1
    DECISION = 2
    GATE = 3
    END = 4
    ROLLED_OFF = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BeltPlan:
    """Distances from the induction and the belt's speed, both as the belt's own clock sees them.

    `lane_roll_mm` is how far the belt moves while a tote rolls down its lane to the rack; None
    lets totes stay in their lane until they are taken. A tote that has come round
    `recirculations_max` times is put out at the end instead; None lets it ride for ever.
    """

    speed_mm_s: float = 500.0
    mm_per_count: int = 10
    spacing_mm: int = 1_200
    scanner_mm: int = 2_000
    decision_mm: int = 62_000
    first_gate_mm: int = 64_000
    gate_pitch_mm: int = 2_000
    lanes: int = 8
    lane_capacity: int = 12
    lane_roll_mm: int | None = 6_000
    recirculations_max: int | None = None

    def gate_mm(self, lane: int) -> int:
        """Give the distance from the induction to a lane's gate."""
        return self.first_gate_mm + (lane - 1) * self.gate_pitch_mm

    @property
    def end_mm(self) -> int:
        """The distance to the end, where totes turn back to the induction."""
        return self.gate_mm(self.lanes) + self.gate_pitch_mm


@dataclass(slots=True, eq=False)
class Ride:
    """One pass of a tote over the belt.

    `gone` is one that somebody took off the belt.
    """

    tote: str
    track: int
    inducted_mm: float
    lane: int = 0
    other_lane: int = 0
    heading: int = 0
    decided: bool = False
    reason: int = 0
    scanned_s: float | None = None
    gone: bool = False


@dataclass(slots=True)
class Belt:
    """Totes waiting for induction and riding; `passed` is told what happens."""

    plan: BeltPlan
    passed: Callable[[Spot, Ride], None]
    inducted: Callable[[str], Ride]
    may_induct: Callable[[], bool]
    position_mm: float = 0.0
    moving: bool = True
    waiting: deque[str] = field(default_factory=deque)
    _ahead: list[tuple[float, int, Spot, Ride]] = field(default_factory=list)
    _ties: int = 0
    _clock_s: float | None = None
    _free_mm: float = 0.0

    def load(self, tote: str, *, first: bool = False) -> None:
        """Put a tote on the induction; one that comes round again goes first."""
        if first:
            self.waiting.appendleft(tote)
        else:
            self.waiting.append(tote)

    def advance(self, now_s: float) -> None:
        """Move to where the belt is by now, and let happen what happens on the way."""
        if self._clock_s is None or not self.moving:
            self._clock_s = now_s
            return
        target_mm = self.position_mm + max(now_s - self._clock_s, 0) * self.plan.speed_mm_s
        self._clock_s = now_s
        while (next_mm := self._next_mm()) <= target_mm and self.moving:
            self.position_mm = max(next_mm, self.position_mm)
            self._step()
        if self.moving:
            self.position_mm = target_mm

    def due_s(self) -> float | None:
        """Say in how many seconds something happens; None when nothing is under way."""
        next_mm = self._next_mm()
        if not self.moving or next_mm == float("inf"):
            return None
        return max(next_mm - self.position_mm, 0) / self.plan.speed_mm_s

    def send(self, ride: Ride, spot: Spot, distance_mm: float) -> None:
        """Have a tote pass a spot at a distance from where it was inducted."""
        self._ties += 1
        heapq.heappush(self._ahead, (ride.inducted_mm + distance_mm, self._ties, spot, ride))

    def forget_rides(self) -> None:
        """Lose track of all that rides; what rolls down a lane goes on by its own weight."""
        self._ahead = [entry for entry in self._ahead if entry[2] is Spot.ROLLED_OFF]
        heapq.heapify(self._ahead)

    def _next_mm(self) -> float:
        ahead_mm = self._ahead[0][0] if self._ahead else float("inf")
        return min(ahead_mm, self._induction_mm())

    def _induction_mm(self) -> float:
        if not self.waiting or not self.may_induct():
            return float("inf")
        return max(self._free_mm, self.position_mm)

    def _step(self) -> None:
        if self._ahead and self._ahead[0][0] <= self._induction_mm():
            _, _, spot, ride = heapq.heappop(self._ahead)
            self.passed(spot, ride)
            return
        ride = self.inducted(self.waiting.popleft())
        self._free_mm = self.position_mm + self.plan.spacing_mm
        self.send(ride, Spot.SCANNER, self.plan.scanner_mm)
        self.send(ride, Spot.DECISION, self.plan.decision_mm)
