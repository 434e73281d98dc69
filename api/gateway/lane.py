"""Where totes go, kept in memory so that no decision waits for the database."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """The lane of a tote, and whose order it carries."""

    tote: str
    lane: int
    order_id: int
    track: int | None = None


class LaneTable:
    """The ways of all totes that are under way, as the database said last."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}

    def __len__(self) -> int:
        return len(self._routes)

    def replace(self, routes: Iterable[Route]) -> None:
        """Take the database's word for all totes."""
        self._routes = {route.tote: route for route in routes}

    def find(self, tote: str) -> Route | None:
        """Give a tote's way; None where it is not expected on the sorter."""
        return self._routes.get(tote)

    def tracks(self) -> dict[int, str]:
        """Give the totes that ride, by track."""
        routes = self._routes.values()
        return {route.track: route.tote for route in routes if route.track is not None}
