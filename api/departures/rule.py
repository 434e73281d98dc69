"""What the settings say of routes."""

from api.settings import Settings
from wms.shipping.limit import RouteLimits

# A job's lease is longer than any plan may take, so that nobody plans the same routes beside it.
SOLVE_S_MOST = 200.0


def route_limits(settings: Settings, *, compiled: bool) -> RouteLimits:
    """How long a plan of routes may take, by how many processes, and of which engines."""
    seconds = min(settings.route_solve_s, SOLVE_S_MOST)
    return RouteLimits(seconds, settings.route_workers, compiled)
