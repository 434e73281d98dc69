"""Lanes: what stands in them, and which of them takes nothing."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Lanes:
    """The lanes 1 to `count`; `covered` ones have something standing before their upper eye."""

    count: int
    capacity: int
    covered: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    faulty: set[int] = field(default_factory=set)
    _standing: dict[int, list[str]] = field(default_factory=dict)
    _told_full: set[int] = field(default_factory=set)

    def exists(self, lane: int) -> bool:
        """Whether there is such a lane."""
        return 1 <= lane <= self.count

    def totes(self, lane: int) -> list[str]:
        """Give what stands in a lane, the first to arrive first."""
        return list(self._standing.get(lane, ()))

    def enter(self, lane: int, tote: str) -> None:
        """Have a tote come to stand in a lane."""
        self._standing.setdefault(lane, []).append(tote)

    def leave(self, lane: int, tote: str) -> bool:
        """Have a tote leave its lane; False where somebody took it before."""
        if tote not in self._standing.get(lane, ()):
            return False
        self._standing[lane].remove(tote)
        return True

    def is_full(self, lane: int) -> bool:
        """Whether nothing more goes in."""
        return lane in self.covered or len(self._standing.get(lane, ())) >= self.capacity

    def is_broken(self, lane: int) -> bool:
        """Whether a lane takes nothing, however empty it is."""
        return lane in self.closed or lane in self.faulty

    @property
    def full(self) -> frozenset[int]:
        """Every lane that is full."""
        return frozenset(lane for lane in {*self._standing, *self.covered} if self.is_full(lane))

    def turned(self, lane: int) -> bool | None:
        """Say whether a lane has become full (True) or free (False) since it was asked last."""
        now = self.is_full(lane)
        if now == (lane in self._told_full):
            return None
        if now:
            self._told_full.add(lane)
        else:
            self._told_full.discard(lane)
        return now

    def forget(self) -> None:
        """Lose what was said of lanes; totes, covers and faults stay, because they are real."""
        self._told_full = set()
        self.closed = set()
