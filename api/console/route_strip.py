"""A departure's rounds along the clock: who is where when, and how sure that is."""

from datetime import datetime, timedelta
from html import escape

from api.console.palette import colour
from api.console.words import Scene, join
from wms.overview.departure import Pause, Route, RoutePlan, Stop

WIDTH = 1290
LABEL = 112
RIGHT = 22
ROW = 34
HEAD = 26
HOURS_APART = (1, 2, 3, 6, 12, 24)
TICKS_MAX = 14


def route_strip(plan: RoutePlan, chosen: str | None, scene: Scene) -> str:
    """A row a van: its stops with their bands of arrival, its rests, and the present moment."""
    rounds = [
        (number, route)
        for number, route in enumerate(plan.routes, 1)
        if route.leaves_at is not None and (route.stops or route.visited)
    ]
    moments = [at for _, route in rounds for at in _moments(route)]
    if not moments:
        return ""
    axis = _Axis(min(moments), max(moments), scene)
    height = HEAD + ROW * len(rounds) + 6
    rows = join(
        _row(axis, HEAD + ROW * at, number, route, chosen)
        for at, (number, route) in enumerate(rounds)
    )
    return f"""<svg class="strip" viewBox="0 0 {WIDTH} {height}" role="img"
      aria-label="{len(rounds)} vans along the clock">{axis.grid(height)}{rows}{axis.now(height)}
      </svg>"""


class _Axis:
    """Hours from left to right, by the clocks of the warehouse."""

    def __init__(self, first: datetime, last: datetime, scene: Scene) -> None:
        local = first.astimezone(scene.zone)
        self._since = local.replace(minute=0, second=0, microsecond=0)
        hours = max(1, -(-int((last - self._since).total_seconds()) // 3600))
        self._step = next((step for step in HOURS_APART if hours / step <= TICKS_MAX), 24)
        self._hours = -(-hours // self._step) * self._step
        self._scene = scene

    def x(self, at: datetime) -> float:
        """Where a moment lies."""
        share = (at - self._since).total_seconds() / 3600 / self._hours
        return LABEL + share * (WIDTH - LABEL - RIGHT)

    def grid(self, height: int) -> str:
        """A line every hour or so, with its time."""
        ticks = [self._since + timedelta(hours=at) for at in range(0, self._hours + 1, self._step)]
        lines = join(
            f'<path d="M{self.x(at):.1f} {HEAD - 6}V{height}"/>'
            f'<text x="{self.x(at):.1f}" y="13">{self._scene.minute(at)}</text>'
            for at in ticks
        )
        return f'<g class="grid">{lines}</g>'

    def now(self, height: int) -> str:
        """The present moment, where it lies within."""
        x = self.x(self._scene.now)
        if not LABEL <= x <= WIDTH - RIGHT:
            return ""
        return f'<g class="now"><path d="M{x:.1f} {HEAD - 8}V{height}"/></g>'


def _moments(route: Route) -> list[datetime]:
    told = [route.leaves_at, route.back_at]
    told += [at for stop in route.stops for at in (stop.earliest_at, stop.latest_at)]
    told += [stop.happened_at for stop in route.visited]
    return [at for at in told if at is not None]


def _row(axis: _Axis, top: int, number: int, route: Route, chosen: str | None) -> str:
    y = top + ROW / 2
    behind = [stop for stop in route.visited if stop.happened_at is not None]
    times = [*_moments(route)]
    left, right = axis.x(min(times)), axis.x(max(times))
    bar = (
        f'<rect class="round" x="{left:.1f}" y="{y - 4:.1f}" width="{right - left:.1f}" '
        'height="8" rx="4"/>'
    )
    marks = join(_visited(axis, y, stop) for stop in behind)
    marks += join(_rest(axis, y, pause) for pause in route.pauses)
    marks += join(_stop(axis, y, stop) for stop in route.stops)
    faded = "no" if chosen in (None, route.van) else "yes"
    return (
        f'<g data-key="{escape(route.van)}" class="van-row" data-faded="{faded}" '
        f'style="--van:{colour(number)}"><text x="0" y="{y + 4:.1f}">{escape(route.van)}</text>'
        f"{bar}{marks}</g>"
    )


def _stop(axis: _Axis, y: float, stop: Stop) -> str:
    if stop.earliest_at is None or stop.latest_at is None or stop.expected_at is None:
        return ""
    left, right = axis.x(stop.earliest_at), axis.x(stop.latest_at)
    title = escape(f"Order {stop.order_id}, {stop.city}")
    return (
        f'<path class="band" d="M{left:.1f} {y + 10:.1f}H{right:.1f}"/>'
        f'<circle data-outcome="{escape(stop.outcome)}" cx="{axis.x(stop.expected_at):.1f}" '
        f'cy="{y:.1f}" r="5"><title>{title}</title></circle>'
    )


def _visited(axis: _Axis, y: float, stop: Stop) -> str:
    assert stop.happened_at is not None
    return (
        f'<circle data-outcome="{escape(stop.outcome)}" cx="{axis.x(stop.happened_at):.1f}" '
        f'cy="{y:.1f}" r="5"/>'
    )


def _rest(axis: _Axis, y: float, pause: Pause) -> str:
    left = axis.x(pause.starts_at)
    right = axis.x(pause.starts_at + timedelta(seconds=pause.length_s))
    return (
        f'<rect class="rest" x="{left:.1f}" y="{y - 7:.1f}" width="{max(right - left, 2):.1f}" '
        'height="14" rx="3"><title>Rest</title></rect>'
    )
