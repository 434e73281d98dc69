"""What a planner wants for one order of a departure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The van it must go by, vans that it must not, what its van must be able to do, its rank.

    priority: 0 to 9; where not all can be served, the higher goes first.
    """

    van: str | None = None
    forbidden: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    priority: int = 0
    note: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether routes are the same without it."""
        return not (self.van or self.forbidden or self.skills or self.priority)

    def vans_of(self, codes: frozenset[str]) -> frozenset[str]:
        """Those of these vans that may take it."""
        allowed = codes - set(self.forbidden)
        return allowed if self.van is None else allowed & {self.van}
