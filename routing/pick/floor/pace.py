"""How long a walk takes: steps, turns, stops, reaching up and taking."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A picker's speed. Times in seconds; reach_s is added for each level above the floor's.

    Raises: ValueError when a speed or a time is impossible.
    """

    speed_mm_s: float = 1_200
    setup_s: float = 60.0
    turn_s: float = 1.0
    stop_s: float = 5.0
    reach_s: float = 2.0
    pick_s: float = 3.0

    def __post_init__(self) -> None:
        if self.speed_mm_s < 1:
            raise ValueError(f"speed_mm_s must be at least 1, not {self.speed_mm_s}")
        for name in ("setup_s", "turn_s", "stop_s", "reach_s", "pick_s"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a time, not {getattr(self, name)}")
