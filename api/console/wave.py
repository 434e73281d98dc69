"""The wave list, and one wave drawn over the floor it is walked on."""

from datetime import timedelta
from html import escape

from api.console.palette import colour
from api.console.words import (
    Scene,
    actor_name,
    bar,
    duration,
    empty,
    join,
    metres,
    percent,
    pill,
    plain,
)
from wms.overview.floor import Floor, Walk, WaveOnFloor, WaveRow

MARGIN_MM = 3200
FOOT_MM = 5200
CELL_MM = 900
# Walks in the same aisle are drawn beside each other, as far apart as this.
LANE_MM = 260


def draw_list(rows: tuple[WaveRow, ...], scene: Scene) -> str:
    """The newest waves."""
    return f"""<h1 class="page-title">Waves</h1>
      <section class="card flush">{_rows(rows, scene)}</section>"""


def _rows(rows: tuple[WaveRow, ...], scene: Scene) -> str:
    if not rows:
        return empty(
            "No wave yet",
            "One is planned by itself when enough paid orders wait, or one has waited long enough.",
        )
    body = join(
        f'<tr data-key="{row.wave_id}"><td><a class="strong" href="/console/waves/{row.wave_id}">'
        f"Wave {row.wave_id}</a></td><td>{pill(row.state)}</td><td class=num>{row.orders}</td>"
        f"<td class=num>{row.carts}</td><td>{bar(row.tasks_done, row.tasks)} "
        f'<span class="soft num">{row.tasks_done} of {row.tasks}</span></td>'
        f"<td class=num>{metres(row.distance_mm)}</td>"
        f'<td class="num soft">{metres(row.baseline_mm)}</td>'
        f"<td class=num><b>{percent(row.saving)}</b></td>"
        f'<td class="soft">{actor_name(row.asked_by)}</td>'
        f"<td class=num>{scene.time(row.created_at)}</td></tr>"
        for row in rows
    )
    return (
        "<table class=list><thead><tr><th>Wave</th><th>State</th><th class=num>Orders</th>"
        "<th class=num>Carts</th><th>Picks done</th><th class=num>Walk</th>"
        "<th class=num>First come walk</th><th class=num>Saved</th><th>Asked by</th>"
        f"<th class=num>Asked</th></tr></thead><tbody>{body}</tbody></table>"
    )


def draw_wave(wave: WaveOnFloor, cart: int | None) -> str:
    """One wave: its figures, the floor with its walks, its carts, whom it left out."""
    row = wave.row
    all_walks = '<a class="button" href="?">Show all</a>' if cart else ""
    refused = f'<p class="notice">Refused: {escape(row.refusal)}</p>' if row.refusal else ""
    return f"""<p class="crumb"><a href="/console/waves">Waves</a></p>
      <div class="head"><h1 class="page-title">Wave {row.wave_id} {pill(row.state)}</h1>
      <p class="lead">{row.orders} orders on {row.carts} carts, asked by
        {actor_name(row.asked_by)}{_why(row)}</p></div>{refused}{_told(row)}
      <section class="tiles four" aria-label="Figures">
        <div class="tile"><span class="tile-name">Walk</span><strong>{
        metres(row.distance_mm)
    }</strong>
          <span class="tile-note">{escape(row.method or "not planned")}</span></div>
        <div class="tile"><span class="tile-name">First come, first served</span>
          <strong>{metres(row.baseline_mm)}</strong>
          <span class="tile-note">same orders, S-shape walk</span></div>
        <div class="tile"><span class="tile-name">Saved</span><strong>{percent(row.saving)}</strong>
          <span class="tile-note">{_quality(row)}</span></div>
        <div class="tile"><span class="tile-name">Picks done</span>
          <strong>{row.tasks_done} <small>of {row.tasks}</small></strong>
          <span class="tile-note">{bar(row.tasks_done, row.tasks)}</span></div></section>
      <div class="split"><section class="card"><header><h2>{escape(wave.floor.name)}</h2>
        <p class="legend"><span class="key key-open">pick to do</span>
        <span class="key key-done">done</span><span class="key key-short">short</span></p></header>
        {floor_plan(wave.floor, wave.walks, cart)}</section>
      <div><section class="card flush"><header><h2>Carts</h2>{all_walks}</header>
        {_carts(wave, cart)}</section>
      <section class="card"><header><h2>Left out</h2></header>{_left_out(wave)}</section>
      </div></div>"""


def _why(row: WaveRow) -> str:
    return f": {escape(row.reason)}" if row.reason else ""


def _quality(row: WaveRow) -> str:
    """How far the walks can be from the shortest ones."""
    if row.gap is None:
        return "of the walking"
    return "as short as can be" if row.gap <= 0 else f"at most {row.gap:.1%} too long"


def _told(row: WaveRow) -> str:
    """How the orders were chosen, how long the walks take, and what the plan took."""
    said: list[str] = []
    if row.choice:
        bound = row.choice["bound"]
        said.append(
            f"Of {row.choice['waiting']} waiting orders those were chosen that lie close: "
            f"{row.choice['units']} units from {row.choice['aisles']} aisles, "
            f"{row.choice['units_per_aisle']:.1f} from each"
            + (f"; no choice gives more than {bound:.1f}." if bound is not None else ".")
        )
    if row.walk_s:
        said.append(f"All walks together take {duration(timedelta(seconds=row.walk_s))}.")
    if row.solve_s is not None and row.solve_s_max is not None:
        ended = "its time was over" if row.solve_s >= row.solve_s_max else "nothing better came"
        said.append(
            f"The search ended after {row.solve_s:.1f} s of {row.solve_s_max:.0f} s: {ended}."
        )
    return f'<p class="told soft">{" ".join(said)}</p>' if said else ""


def _carts(wave: WaveOnFloor, cart: int | None) -> str:
    if not wave.walks:
        return empty("No carts", "The wave is not planned yet, or it was refused.")
    body = join(
        f'<tr data-key="{walk.number}"><td><a class="swatched" href="?cart={walk.number}"'
        f"{' aria-current=true' if walk.number == cart else ''}>"
        f'<i style="background:{colour(walk.number)}"></i>{walk.number}</a></td>'
        f"<td>{_who(walk)}</td><td class=num>{walk.orders}</td>"
        f"<td class=num>{metres(walk.distance_mm)}</td>"
        f'<td class="num">{walk.tasks_done}<span class="soft"> of {walk.tasks}</span>'
        f"<br>{bar(walk.tasks_done, walk.tasks)}</td></tr>"
        for walk in wave.walks
    )
    return (
        "<table class=carts><thead><tr><th>Cart</th><th>Picker</th><th class=num>Orders</th>"
        "<th class=num>Walk</th><th class=num>Picks</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _who(walk: Walk) -> str:
    if walk.picker is None:
        return pill(walk.state)
    cart = f"{escape(walk.cart)}, " if walk.cart else ""
    return f'{escape(walk.picker)}<br><span class="soft">{cart}{plain(walk.state).lower()}</span>'


def _left_out(wave: WaveOnFloor) -> str:
    if not wave.left_out:
        return empty("Nobody", "Every order that was asked for is on a cart.")
    rows = join(
        f"<li><strong>{_order_link(one.order_id, one.external_order_id)}</strong>"
        f"<p>{escape(one.reason)}</p></li>"
        for one in wave.left_out
    )
    return f'<ul class="plain">{rows}</ul>'


def _order_link(order_id: int | None, external_order_id: str | None) -> str:
    if order_id is None:
        return "unknown order"
    return f'<a href="/console/orders/{order_id}">{escape(external_order_id or "")}</a>'


def floor_plan(floor: Floor, walks: tuple[Walk, ...], cart: int | None) -> str:
    """The floor to scale, seen from above, the front cross aisle below; a unit is a millimetre."""
    width = (floor.aisles - 1) * floor.aisle_pitch_mm + 2 * MARGIN_MM
    height = floor.aisle_length_mm + 2 * MARGIN_MM + FOOT_MM
    shown = join(
        _walk(floor, walk, at, len(walks), cart) for at, walk in enumerate(walks) if walk.path
    )
    total = metres(sum(walk.distance_mm for walk in walks))
    return f"""<svg class="floor" viewBox="0 0 {width} {height}" role="img"
      aria-label="Floor plan with {len(walks)} walks, together {total}">
      <g class="racks">{_racks(floor)}</g><g class="names">{_aisle_names(floor)}</g>
      {_doors(floor)}{shown}{_scale(floor, width, height)}</svg>"""


def _point(floor: Floor, x_mm: float, y_mm: float) -> tuple[float, float]:
    return MARGIN_MM + x_mm, MARGIN_MM + floor.aisle_length_mm - y_mm


def _racks(floor: Floor) -> str:
    """One cell for every bin place on each side it stands on, gathered into one path."""
    depth = floor.aisle_pitch_mm * 0.24
    offset = floor.aisle_pitch_mm * 0.24
    cells: list[str] = []
    for x_mm, y_mm in floor.bins:
        centre = round(x_mm / floor.aisle_pitch_mm) * floor.aisle_pitch_mm
        side = x_mm - centre
        sides = (-1, 1) if abs(side) < floor.aisle_pitch_mm * 0.05 else (1 if side > 0 else -1,)
        for sign in sides:
            left = centre + (offset if sign > 0 else -offset - depth)
            x, y = _point(floor, left, y_mm + CELL_MM / 2)
            cells.append(f"M{x:.0f} {y:.0f}h{depth:.0f}v{CELL_MM}h-{depth:.0f}z")
    return f'<path d="{"".join(cells)}"/>'


def _aisle_names(floor: Floor) -> str:
    names: list[str] = []
    for aisle in range(floor.aisles):
        x, y = _point(floor, aisle * floor.aisle_pitch_mm, floor.aisle_length_mm + 1500)
        names.append(f'<text x="{x:.0f}" y="{y:.0f}">{aisle + 1:02}</text>')
    return join(names)


def _doors(floor: Floor) -> str:
    """Where walks begin, and where they end if that is another place."""
    begin = _door(floor, floor.depot_aisle, False, "DEPOT")
    if floor.drop_aisle is None or (floor.drop_aisle, floor.drop_at_back) == (
        floor.depot_aisle,
        False,
    ):
        return begin
    return begin + _door(floor, floor.drop_aisle, floor.drop_at_back, "DROP")


def _door(floor: Floor, aisle: int, at_back: bool, name: str) -> str:
    x, y = _point(floor, aisle * floor.aisle_pitch_mm, floor.aisle_length_mm if at_back else 0)
    # At the back the sign stands above the aisle's name, as far out as the margin goes.
    edge, top = (y - 1100, y - 3000) if at_back else (y + 2300, y + 2300)
    return (
        f'<g class="depot"><rect x="{x - 1700:.0f}" y="{top:.0f}" width="3400" '
        f'height="1900" rx="400"/><path d="M{x:.0f} {edge:.0f}V{y:.0f}"/>'
        f'<text x="{x:.0f}" y="{top + 1350:.0f}">{name}</text></g>'
    )


def _walk(floor: Floor, walk: Walk, at: int, count: int, cart: int | None) -> str:
    shift = (at - (count - 1) / 2) * min(LANE_MM, floor.aisle_pitch_mm * 0.42 / max(count, 1))
    points = [_point(floor, x, y) for x, y in walk.path]
    line = " ".join(f"{x + shift:.0f},{y + shift:.0f}" for x, y in points)
    stops: list[str] = []
    for visit in walk.visits:
        x, y = _point(floor, visit.x_mm, visit.y_mm)
        state = "short" if visit.short else "done" if visit.done == visit.tasks else "open"
        stops.append(
            f'<circle cx="{x + shift:.0f}" cy="{y + shift:.0f}" r="330" data-state="{state}">'
            f"<title>{escape(visit.code)}: {visit.done} of {visit.tasks} picks</title></circle>"
        )
    faded = "yes" if cart is not None and cart != walk.number else "no"
    return (
        f'<g class="walk" data-key="{walk.number}" data-faded="{faded}" '
        f'style="--cart:{colour(walk.number)}"><polyline points="{line}"/>{join(stops)}</g>'
    )


def _scale(floor: Floor, width: int, height: int) -> str:
    x, y = MARGIN_MM, height - 1500
    return (
        f'<g class="scale"><path d="M{x} {y - 400}v400h10000v-400M{x + 5000} {y}v-250"/>'
        f'<text x="{x + 10600}" y="{y}">10 m</text>'
        f'<text x="{width - MARGIN_MM}" y="{y}" text-anchor="end">{floor.aisles} aisles of '
        f"{metres(floor.aisle_length_mm)}, drawn to scale</text></g>"
    )
