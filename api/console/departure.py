"""Departures, and their vans' routes on a map that needs no tile server."""

import math
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from api.console.palette import colour
from api.console.words import Scene, duration, empty, join, kilometres, percent, pill
from wms.overview.departure import Departure, DepartureRow, Route, RoutePlan

WIDTH = 1000
HEIGHT = 620
MARGIN = 56
KM_PER_DEGREE = 111.195
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


def draw(rows: tuple[DepartureRow, ...], chosen: Departure | None, scene: Scene) -> str:
    """The departures, and the chosen one's vans on the map."""
    if not rows or chosen is None:
        body = empty("No departure yet", "One opens when the first parcel is staged at a dock.")
        return f'<h1 class="page-title">Departures</h1><section class="card">{body}</section>'
    return f"""<div class="head"><h1 class="page-title">Departure {chosen.row.departure_id}
      {pill(chosen.row.state)}</h1><p class="lead">{escape(chosen.row.carrier)} at
      {escape(chosen.row.place)}, {chosen.row.parcels} parcels, {chosen.row.loaded} loaded</p></div>
      <div class="split wide-left"><section class="card map-card">{_map(chosen)}</section>
      <div>{_vans(chosen.plan)}
      <section class="card flush"><header><h2>All departures</h2></header>{
        _rows(rows, chosen.row.departure_id, scene)
    }</section></div></div>"""


def _map(chosen: Departure) -> str:
    if chosen.plan is None:
        advice = (
            "The vans are put on routes when the departure closes."
            if chosen.row.state == "open"
            else "The routes are being planned and will show here by themselves."
        )
        return empty("No routes yet", advice)
    return route_map(chosen.plan)


def route_map(plan: RoutePlan) -> str:
    """Depot, stops and routes, with graticule, distance rings and a scale bar."""
    stops = [(stop.latitude, stop.longitude) for route in plan.routes for stop in route.stops]
    frame = fit([plan.depot, *stops])
    routes = join(_route(frame, plan, at, route) for at, route in enumerate(plan.routes, 1))
    x, y = frame.point(*plan.depot)
    return f"""<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
      aria-label="{len(plan.routes)} vans with {len(stops)} stops">
      {_graticule(frame)}{_rings(frame, plan.depot)}{routes}
      <g class="depot"><rect x="{x - 11:.1f}" y="{y - 11:.1f}" width="22" height="22" rx="5"/>
      <path d="M{x - 5:.1f} {y + 5:.1f}v-7l5-4 5 4v7z"/></g>{_scale_bar(frame)}</svg>"""


def _route(frame: Frame, plan: RoutePlan, number: int, route: Route) -> str:
    depot = frame.point(*plan.depot)
    points = [frame.point(stop.latitude, stop.longitude) for stop in route.stops]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in [depot, *points, depot])
    dots = join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9"/><text x="{x:.1f}" y="{y + 3.6:.1f}">{at}</text>'
        for at, (x, y) in enumerate(points, 1)
    )
    return (
        f'<g class="route" style="--van:{colour(number)}"><title>{escape(route.van)}</title>'
        f'<polyline points="{line}"/>{dots}</g>'
    )


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


def _vans(plan: RoutePlan | None) -> str:
    if plan is None:
        return ""
    rows = join(
        f'<tr><td><span class="swatched"><i style="background:{colour(at)}"></i>{escape(route.van)}'
        f"</span></td><td class=num>{len(route.stops)}</td>"
        f"<td class=num>{kilometres(route.distance_m)}</td>"
        f"<td class=num>{duration(timedelta(seconds=route.duration_s))}</td></tr>"
        for at, route in enumerate(plan.routes, 1)
    )
    saved = 1 - plan.distance_m / plan.baseline_m if plan.baseline_m else None
    unserved = join(
        f"<li><strong>{escape(name)}</strong><p>{escape(reason)}</p></li>"
        for name, reason in plan.unserved
    )
    note = f'<ul class="plain notice-list">{unserved}</ul>' if unserved else ""
    return f"""<section class="card flush"><header><h2>Vans</h2><p class="legend">
      <span class="soft">{kilometres(plan.distance_m)}, {percent(saved)} saved,
        {escape(plan.engine)}</span></p></header>
      <table><thead><tr><th>Van</th><th class=num>Stops</th>
      <th class=num>Distance</th><th class=num>Time</th></tr></thead><tbody>{rows}</tbody></table>
      {note}</section>"""


def _current(chosen: bool) -> str:
    return " aria-current=true" if chosen else ""


def _rows(rows: tuple[DepartureRow, ...], chosen_id: int, scene: Scene) -> str:
    body = join(
        f'<tr data-key="{row.departure_id}"{_current(row.departure_id == chosen_id)}>'
        f'<td><a class="strong" href="/console/departures/{row.departure_id}">'
        f"{row.departure_id}</a></td>"
        f"<td>{pill(row.state)}</td><td class=num>{row.parcels}</td><td class=num>{row.vans}</td>"
        f"<td class=num>{scene.time(row.closed_at or row.opened_at)}</td></tr>"
        for row in rows
    )
    return (
        "<table><thead><tr><th>No.</th><th>State</th><th class=num>Parcels</th>"
        f"<th class=num>Vans</th><th class=num>Time</th></tr></thead><tbody>{body}</tbody></table>"
    )
