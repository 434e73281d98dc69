"""A departure's rounds on a map that needs no tile server."""

import math
from dataclasses import dataclass
from html import escape

from api.console.palette import colour
from api.console.words import join
from wms.overview.departure import Route, RoutePlan, Stop

WIDTH = 1000
HEIGHT = 620
MARGIN = 56
KM_PER_DEGREE = 111.195
# More stops than this are too close to one another for numbers.
NUMBERED_MAX = 90
STEPS_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500)
STEPS_DEGREE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


@dataclass(frozen=True, slots=True)
class Frame:
    """An equirectangular view: degrees to picture units, true to scale at its middle latitude."""

    west: float
    north: float
    x_scale: float
    y_scale: float

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where an address lies in the picture."""
        return (longitude - self.west) * self.x_scale, (self.north - latitude) * self.y_scale

    @property
    def units_per_km(self) -> float:
        """How long a kilometre is in the picture."""
        return self.y_scale / KM_PER_DEGREE


def fit(points: list[tuple[float, float]]) -> Frame:
    """The view that holds all points, given as (latitude, longitude), with a margin."""
    latitudes = [latitude for latitude, _ in points]
    longitudes = [longitude for _, longitude in points]
    middle = (min(latitudes) + max(latitudes)) / 2
    shrink = max(math.cos(math.radians(middle)), 0.05)
    # Even one address needs some ground around it: two hundredths of a degree.
    tall = max(max(latitudes) - min(latitudes), 0.02)
    wide = max(max(longitudes) - min(longitudes), 0.02)
    y_scale = min((HEIGHT - 2 * MARGIN) / tall, (WIDTH - 2 * MARGIN) / (wide * shrink))
    x_scale = y_scale * shrink
    across = (min(longitudes) + max(longitudes)) / 2
    return Frame(across - WIDTH / 2 / x_scale, middle + HEIGHT / 2 / y_scale, x_scale, y_scale)


def route_map(plan: RoutePlan, chosen: str | None = None) -> str:
    """Depot, stops and routes, with graticule, distance rings and a scale bar.

    The lines follow the roads where those are known; straight ones are dashed. With a chosen van
    the others are faint.
    """
    stops = [stop for route in plan.routes for stop in (*route.visited, *route.stops)]
    ways = [point for route in plan.routes for point in route.way]
    frame = fit([plan.depot, *((stop.latitude, stop.longitude) for stop in stops), *ways])
    small = len(stops) > NUMBERED_MAX
    drawn = [
        _route(frame, plan, number, route, chosen, small)
        for number, route in enumerate(plan.routes, 1)
    ]
    # What is chosen lies on top.
    drawn.sort(key=lambda pair: pair[0])
    x, y = frame.point(*plan.depot)
    return f"""<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
      aria-label="{len(plan.routes)} vans with {len(stops)} stops">
      {_graticule(frame)}{_rings(frame, plan.depot)}{join(markup for _, markup in drawn)}
      <g class="depot"><rect x="{x - 11:.1f}" y="{y - 11:.1f}" width="22" height="22" rx="5"/>
      <path d="M{x - 5:.1f} {y + 5:.1f}v-7l5-4 5 4v7z"/></g>{_scale_bar(frame)}</svg>"""


def _route(
    frame: Frame, plan: RoutePlan, number: int, route: Route, chosen: str | None, small: bool
) -> tuple[bool, str]:
    is_chosen = chosen is None or route.van == chosen
    lines = join(
        f'<polyline data-kind="{kind}" points="{_points(frame, points)}"/>'
        for kind, points in _lines(plan, route)
        if len(points) > 1
    )
    behind = len(route.visited)
    stops = [*enumerate(route.visited, 1), *enumerate(route.stops, behind + 1)]
    dots = join(_dot(frame, at, stop, small) for at, stop in stops)
    return is_chosen, (
        f'<g class="route" data-faded="{"no" if is_chosen else "yes"}" '
        f'style="--van:{colour(number)}"><title>{escape(route.van)}</title>{lines}{dots}</g>'
    )


def _lines(plan: RoutePlan, route: Route) -> list[tuple[str, list[tuple[float, float]]]]:
    """What is driven already, and what is to come: by road, or straight."""
    behind = [(stop.latitude, stop.longitude) for stop in route.visited]
    ahead = [(stop.latitude, stop.longitude) for stop in route.stops]
    driven = [plan.depot, *behind] if behind else []
    start = behind[-1] if behind else plan.depot
    if route.way:
        return [("driven", driven), ("road", list(route.way))]
    return [("driven", driven), ("straight", [start, *ahead, plan.depot] if ahead else [])]


def _points(frame: Frame, points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (frame.point(*point) for point in points))


def _dot(frame: Frame, number: int, stop: Stop, small: bool) -> str:
    x, y = frame.point(stop.latitude, stop.longitude)
    said = f"{number}. {stop.city or stop.tracking_number}"
    dot = (
        f'<circle data-outcome="{escape(stop.outcome)}" cx="{x:.1f}" cy="{y:.1f}" '
        f'r="{5 if small else 9}"><title>{escape(said)}</title></circle>'
    )
    return dot if small else f'{dot}<text x="{x:.1f}" y="{y + 3.6:.1f}">{number}</text>'


def _step(span: float, choices: tuple[float, ...], parts: int) -> float:
    return next((step for step in choices if span / step <= parts), choices[-1])


def _graticule(frame: Frame) -> str:
    lines: list[str] = []
    step = _step(HEIGHT / frame.y_scale, STEPS_DEGREE, 6)
    places = 2 if step < 0.1 else 1
    for at in range(
        math.ceil(frame.west / step), int((frame.west + WIDTH / frame.x_scale) / step) + 1
    ):
        x, _ = frame.point(0, at * step)
        half = "E" if at >= 0 else "W"
        lines.append(
            f'<path d="M{x:.1f} 0V{HEIGHT}"/><text x="{x + 5:.1f}" y="{HEIGHT - 8}">'
            f"{abs(at * step):.{places}f}°{half}</text>"
        )
    south = frame.north - HEIGHT / frame.y_scale
    for at in range(math.ceil(south / step), int(frame.north / step) + 1):
        _, y = frame.point(at * step, 0)
        half = "N" if at >= 0 else "S"
        lines.append(
            f'<path d="M0 {y:.1f}H{WIDTH}"/><text x="8" y="{y - 5:.1f}">'
            f"{abs(at * step):.{places}f}°{half}</text>"
        )
    return f'<g class="graticule">{join(lines)}</g>'


def _rings(frame: Frame, depot: tuple[float, float]) -> str:
    x, y = frame.point(*depot)
    step_km = _step(HEIGHT / frame.units_per_km, tuple(map(float, STEPS_KM)), 6)
    rings = join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{step_km * at * frame.units_per_km:.1f}"/>'
        f'<text x="{x:.1f}" y="{y - step_km * at * frame.units_per_km - 4:.1f}">'
        f"{step_km * at:g} km</text>"
        for at in (1, 2, 3)
    )
    return f'<g class="rings">{rings}</g>'


def _scale_bar(frame: Frame) -> str:
    km = _step(WIDTH / frame.units_per_km, tuple(map(float, STEPS_KM)), 8)
    length = km * frame.units_per_km
    x, y = WIDTH - 28 - length, HEIGHT - 26
    return (
        f'<g class="scale"><path d="M{x:.1f} {y - 6}v6h{length:.1f}v-6"/>'
        f'<text x="{x + length / 2:.1f}" y="{y - 10}">{km:g} km</text></g>'
    )
