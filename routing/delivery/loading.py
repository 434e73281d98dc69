"""In which order a vehicle is loaded."""

from collections.abc import Collection

from routing.delivery.plan import Route


def loading_order(route: Route, fetched: Collection[str] = ()) -> tuple[tuple[str, ...], ...]:
    """For each trip its stops in the order of loading: what is delivered first is loaded last.

    fetched: stops that need no loading at the depot, for their goods are picked up on the way.
    """
    return tuple(
        tuple(visit.stop for visit in reversed(trip.visits) if visit.stop not in fetched)
        for trip in route.trips
    )
