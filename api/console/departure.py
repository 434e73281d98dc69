"""A departure: its vans on a map, along the clock and stop by stop, and what is on no route."""

from datetime import timedelta
from html import escape

from api.console.palette import colour
from api.console.route_map import route_map
from api.console.route_strip import route_strip
from api.console.timetable import address, kept_version, timetable
from api.console.words import (
    NOTHING,
    Scene,
    actor_name,
    bar,
    duration,
    empty,
    join,
    kilometres,
    percent,
    pill,
    plain,
)
from wms.overview.departure import (
    Departure,
    DepartureRow,
    Route,
    RoutePlan,
    Unserved,
    Version,
)

KIND_NAMES = {"carrier": "carrier's vans", "own_vans": "own vans"}
ENGINE_NAMES = {
    "sisr": "SISR",
    "fleet": "SISR, mixed fleet",
    "pair": "SISR, pairs",
    "rested": "SISR, rests put in",
    "pyvrp": "PyVRP",
    "ortools": "OR-Tools",
    "none": "No search:",
    "baseline": "The simple rule:",
    "the plan before": "The plan before:",
}
REASONS_SHOWN = 3
VERSIONS_SHOWN = 4
LEFT_OUT_SHOWN = 6


def draw(
    rows: tuple[DepartureRow, ...], chosen: Departure | None, van: str | None, scene: Scene
) -> str:
    """The departures, and the chosen one's routes; `van` is the one that is looked at."""
    if not rows or chosen is None:
        body = empty("No departure yet", "One opens when the first parcel is staged at a dock.")
        return f'<h1 class="page-title">Departures</h1><section class="card">{body}</section>'
    plan = chosen.plan
    if plan is None or van not in {route.van for route in plan.routes}:
        van = None
    return f"""<div class="head"><h1 class="page-title">Departure {chosen.row.departure_id}
      {pill(chosen.row.state)}</h1><p class="lead">{_lead(chosen.row, scene)}</p></div>
      {_notices(chosen)}
      <div class="split wide-left"><section class="card map-card">{_map(chosen, van)}</section>
      <div>{_vans(chosen, van, scene)}{_versions(chosen, scene)}</div></div>
      {_strip(plan, van, scene)}
      <div class="split wide-left">{timetable(chosen, van, scene)}
      <div>{"" if plan is None else _unserved(plan)}
      {_list(rows, chosen.row.departure_id, scene)}</div></div>"""


def _lead(row: DepartureRow, scene: Scene) -> str:
    parts = [
        f"{escape(row.carrier)} at {escape(row.place)}",
        KIND_NAMES[row.kind],
        f"{row.parcels} parcels, {row.loaded} loaded",
    ]
    if row.closed_at is not None:
        parts.append(f"left {scene.minute(row.closed_at)}")
    elif row.cut_off_at is not None:
        parts.append(f"cut-off {scene.minute(row.cut_off_at)}")
    return " · ".join(parts)


def _notices(chosen: Departure) -> str:
    said = []
    if chosen.planning is not None:
        said.append(_search(chosen.planning))
    elif chosen.stale:
        said.append(
            '<p class="notice">Parcels, wishes or vans have changed since these routes were '
            "planned. They are planned anew within a minute, or at once with “Plan anew”.</p>"
        )
    newest = chosen.versions[0] if chosen.versions else None
    if newest is not None and newest.state == "refused":
        said.append(
            f'<p class="notice">Version {newest.version} could not be planned: '
            f"{escape(newest.refusal or '')}</p>"
        )
    shown = next((one for one in chosen.versions if one.version == chosen.version), None)
    if shown is not None and shown.state == "superseded":
        said.append(
            f'<p class="notice told">This is version {shown.version}, which is superseded. '
            f'<a href="{address(chosen)}">Show the one that stands</a></p>'
        )
    return join(said)


def _search(version: Version) -> str:
    """How far the search is, and how good the best so far."""
    share = round((version.share or 0) * 100)
    best = "the search begins"
    if version.best_cost is not None:
        best = f"best so far {_cost(version.best_cost)}"
        if version.best_unserved:
            best += f", {version.best_unserved} on no route"
    why = f"{escape(version.reason)}; " if version.reason else ""
    return (
        f'<div class="notice seeking" role="status"><strong>Planning version {version.version}'
        f"</strong> {bar(share, 100)}<span>{share} % · {why}{best}</span></div>"
    )


def _map(chosen: Departure, van: str | None) -> str:
    if chosen.plan is None:
        if chosen.planning is not None:
            advice = "The routes are being planned and will show here by themselves."
        elif chosen.row.kind == "own_vans":
            advice = "They are planned before the cut-off, or as soon as you ask for them."
        else:
            advice = "The vans are put on routes when the departure closes, or when you ask."
        return empty("No routes yet", advice)
    if not any(route.stops for route in chosen.plan.routes):
        return route_map(chosen.plan, van)
    source = escape(chosen.plan.travel[:1].upper() + chosen.plan.travel[1:])
    kind = "straight" if chosen.plan.straight else "roads"
    return f'{route_map(chosen.plan, van)}<p class="source" data-kind="{kind}">{source}</p>'


def _vans(chosen: Departure, van: str | None, scene: Scene) -> str:
    plan = chosen.plan
    if plan is None:
        return ""
    rows = join(
        _van_row(chosen, number, route, route.van == van, scene)
        for number, route in enumerate(plan.routes, 1)
    )
    saved = None
    if plan.baseline_cost:
        saved = 1 - plan.cost / plan.baseline_cost
    # Half a percent would be shown as none, or as one.
    spared = f", {percent(saved)} below the simple rule" if saved and saved >= 0.005 else ""
    engine = escape(ENGINE_NAMES.get(plan.engine, plan.engine))
    why = f'<p class="why"><b>{engine}</b> {escape(plan.why)}</p>' if plan.why else ""
    return f"""<section class="card flush"><header><h2>Vans</h2><p class="legend">
      <span class="soft">{kilometres(plan.distance_m)}{spared}</span></p></header>
      <table class="list vans"><thead><tr><th>Van</th><th class=num>Stops</th><th>Load</th>
      <th class=num>Distance</th><th class=num>Out</th></tr></thead>
      <tbody>{rows}</tbody></table>{why}</section>"""


def _van_row(chosen: Departure, number: int, route: Route, current: bool, scene: Scene) -> str:
    link = address(chosen, van=None if current else route.van, version=kept_version(chosen))
    total = len(route.visited) + len(route.stops)
    count = f"{len(route.visited)} / {total}" if route.visited else str(total)
    out = duration(timedelta(seconds=route.duration_s))
    if route.leaves_at is not None:
        back = NOTHING if route.back_at is None else scene.minute(route.back_at)
        out = f"{scene.minute(route.leaves_at)}–{back}"
    late = ""
    if route.late_s:
        late = f'<span class="late">{duration(timedelta(seconds=route.late_s))} late</span>'
    return (
        f'<tr data-key="{escape(route.van)}"{" aria-current=true" if current else ""}>'
        f'<td><a class="swatched" href="{link}"><i style="background:{colour(number)}"></i>'
        f"{escape(route.van)}</a>{late}</td><td class=num>{count}</td><td>{_load(route)}</td>"
        f"<td class=num>{kilometres(route.distance_m)}</td><td class=num>{out}</td></tr>"
    )


def _load(route: Route) -> str:
    """The fuller of mass and room."""
    if not route.mass_g_max:
        return NOTHING
    mass, room = route.mass_g / route.mass_g_max, route.volume_ml / max(route.volume_ml_max, 1)
    share = max(mass, room)
    what = "of its load" if mass >= room else "of its room"
    return (
        f'<span class="load" title="{percent(share)} {what}">{bar(round(share * 100), 100)}'
        f"{percent(share)}</span>"
    )


def _strip(plan: RoutePlan | None, van: str | None, scene: Scene) -> str:
    drawn = "" if plan is None else route_strip(plan, van, scene)
    if not drawn:
        return ""
    return f"""<section class="card"><header><h2>The day</h2><p class="legend">
      <span class="key key-open">to come</span><span class="key key-done">served</span>
      <span class="key key-short">failed</span><span class="key key-band">eight of ten arrivals
      </span></p></header>{drawn}</section>"""


def _unserved(plan: RoutePlan) -> str:
    if not plan.unserved:
        return ""
    items = join(_left_out(each) for each in plan.unserved[:LEFT_OUT_SHOWN])
    more = len(plan.unserved) - LEFT_OUT_SHOWN
    if more > 0:
        items += f"<li><p>and {more} more</p></li>"
    return f"""<section class="card flush"><header><h2>On no route</h2><p class="legend">
      <span class="soft">{len(plan.unserved)}</span></p></header>
      <ul class="plain notice-list left-out">{items}</ul></section>"""


def _left_out(each: Unserved) -> str:
    by_reason: dict[str, list[str]] = {}
    for van, reason in each.reasons:
        by_reason.setdefault(reason, []).append(van)
    shown = list(by_reason.items())[:REASONS_SHOWN]
    reasons = join(f"<p>{_refused_by(vans)}{escape(reason)}</p>" for reason, vans in shown)
    more = len(by_reason) - len(shown)
    if more > 0:
        reasons += f"<p>and {more} more reasons</p>"
    remedies = join(f"<li>{escape(remedy)}</li>" for remedy in each.remedies)
    helps = f'<p class="helps">What would help</p><ul>{remedies}</ul>' if remedies else ""
    return (
        f'<li data-key="{each.order_id}"><a class="strong" href="/console/orders/{each.order_id}">'
        f"Order {each.order_id}</a>{reasons}{helps}</li>"
    )


def _refused_by(vans: list[str]) -> str:
    named = [van for van in vans if van]
    if not named:
        return ""
    said = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
    return f"<b>{escape(said)}</b> "


def _versions(chosen: Departure, scene: Scene) -> str:
    if not chosen.versions:
        return ""
    rows = join(_version_row(chosen, one, scene) for one in chosen.versions[:VERSIONS_SHOWN])
    older = len(chosen.versions) - VERSIONS_SHOWN
    more = f'<p class="soft more">and {older} older</p>' if older > 0 else ""
    return f"""<section class="card flush"><header><h2>Versions</h2></header>
      <table class="list"><tbody>{rows}</tbody></table>{more}</section>"""


def _version_row(chosen: Departure, one: Version, scene: Scene) -> str:
    current = " aria-current=true" if one.version == chosen.version else ""
    name = f"{one.version}"
    if one.planned_at is not None:
        kept = None if one.state == "planned" else one.version
        name = f'<a class="strong" href="{address(chosen, version=kept)}">{one.version}</a>'
    cost = NOTHING if one.cost is None else _cost(one.cost)
    by = actor_name(one.asked_by)
    return (
        f'<tr data-key="{one.version}"{current}><td>{name}</td>'
        f'<td>{pill(one.state)}</td><td class="reason">{escape(one.reason)}'
        f'<span class="soft"> {by}, {scene.time(one.asked_at)}</span></td>'
        f"<td class=num>{cost}</td></tr>"
    )


def _cost(cost: float) -> str:
    return f"{cost:,.0f}".replace(",", " ")


def _list(rows: tuple[DepartureRow, ...], chosen_id: int, scene: Scene) -> str:
    body = join(
        f'<tr data-key="{row.departure_id}"'
        f"{' aria-current=true' if row.departure_id == chosen_id else ''}>"
        f'<td><a class="strong" href="/console/departures/{row.departure_id}">'
        f"{row.departure_id}</a></td>"
        f"<td>{pill(row.state)}</td><td>{plain(row.place)}</td><td class=num>{row.parcels}</td>"
        f"<td class=num>{row.vans}</td>"
        f"<td class=num>{scene.time(row.closed_at or row.opened_at)}</td></tr>"
        for row in rows
    )
    return (
        '<section class="card flush"><header><h2>All departures</h2></header>'
        "<table><thead><tr><th>No.</th><th>State</th><th>Place</th><th class=num>Parcels</th>"
        f"<th class=num>Vans</th><th class=num>Time</th></tr></thead><tbody>{body}</tbody></table>"
        "</section>"
    )
