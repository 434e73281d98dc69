"""One van's round as a timetable: when it comes where, with what, and what planners want."""

from datetime import datetime
from html import escape
from urllib.parse import urlencode

from api.console.palette import colour
from api.console.words import NOTHING, Scene, join, kilograms, kilometres, pill
from wms.overview.departure import Departure, Stop
from wms.shipping.wish import Wish


def address(chosen: Departure, **query: object) -> str:
    """The departure's page, with what is looked at in it."""
    told = urlencode({name: value for name, value in query.items() if value is not None})
    return f"/console/departures/{chosen.row.departure_id}{'?' if told else ''}{escape(told)}"


def kept_version(chosen: Departure) -> int | None:
    """The version that links keep to: none where it is the one that stands."""
    standing = next((one.version for one in chosen.versions if one.state == "planned"), None)
    return None if chosen.version == standing else chosen.version


def timetable(chosen: Departure, van: str | None, scene: Scene) -> str:
    """The stops of the van that is looked at, else of the first that has any."""
    plan = chosen.plan
    if plan is None or not plan.routes:
        return "<div></div>"
    number, route = next(
        (
            (number, route)
            for number, route in enumerate(plan.routes, 1)
            if van in (None, route.van) and (van or route.stops or route.visited)
        ),
        (1, plan.routes[0]),
    )
    rows = join(
        _stop_row(chosen, at, stop, scene)
        for at, stop in enumerate((*route.visited, *route.stops), 1)
    )
    told = kilometres(route.distance_m)
    if route.leaves_at is not None and route.back_at is not None:
        told = f"leaves {scene.minute(route.leaves_at)}, back {scene.minute(route.back_at)}, {told}"
    body = (
        f'<table class="list stops"><thead><tr><th class=num></th><th>Order</th><th>To</th>'
        f"<th>Expected</th><th class=num>Load</th><th class=num>Goes in</th><th>Wish</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )
    return f"""<section class="card flush"><header><h2 class="swatched">
      <i style="background:{colour(number)}"></i>{escape(route.van)}, stop by stop</h2>
      <p class="legend"><span class="soft">{told}</span></p></header>{body}</section>"""


def _stop_row(chosen: Departure, at: int, stop: Stop, scene: Scene) -> str:
    order = "" if stop.order_id is None else str(stop.order_id)
    where = escape(stop.city or stop.tracking_number)
    name = f'<span class="soft">{escape(stop.name)}</span>' if stop.name else ""
    goods = kilograms(stop.mass_g) if stop.mass_g else ""
    if stop.parcels > 1:
        goods = f'<span class="soft">{stop.parcels} parcels</span> {goods}'
    turn = NOTHING if stop.loading is None else f"{stop.loading}."
    return (
        f'<tr data-key="{order}" data-outcome="{escape(stop.outcome)}"><td class=num>{at}</td>'
        f'<td><a class="strong" href="/console/orders/{order}">{order}</a></td>'
        f'<td class="clip">{where} {name}</td><td>{_expected(stop, scene)}</td>'
        f"<td class=num>{goods}</td><td class=num>{turn}</td><td>{_wish(chosen, stop)}</td></tr>"
    )


def _expected(stop: Stop, scene: Scene) -> str:
    if stop.happened_at is not None and stop.outcome in ("served", "failed"):
        return f"{pill(stop.outcome)} {scene.minute(stop.happened_at)}"
    if stop.expected_at is None:
        return NOTHING
    driven_to = f"{pill('begun', 'On the way')} " if stop.outcome == "begun" else ""
    return f"{driven_to}<b>{scene.minute(stop.expected_at)}</b> {_band(stop, scene)}"


def _band(stop: Stop, scene: Scene) -> str:
    def minute(at: datetime | None) -> str:
        return NOTHING if at is None else scene.minute(at)

    return f'<span class="soft">{minute(stop.earliest_at)}–{minute(stop.latest_at)}</span>'


def _wish(chosen: Departure, stop: Stop) -> str:
    if stop.order_id is None or chosen.row.kind != "own_vans":
        return ""
    said = wish_words(chosen.wishes.get(stop.order_id))
    if stop.order_id in chosen.aboard:
        return said or '<span class="soft">aboard</span>'
    link = address(chosen, order=stop.order_id, version=kept_version(chosen))
    return f'{said} <a class="change" href="{link}">{"Change" if said else "Lock or forbid"}</a>'


def wish_words(wish: Wish | None) -> str:
    """A wish as small labels."""
    if wish is None or wish.says_nothing:
        return ""
    parts = []
    if wish.van is not None:
        parts.append(("locked", f"locked to {wish.van}"))
    if wish.forbidden:
        parts.append(("forbidden", f"not {', '.join(wish.forbidden)}"))
    if wish.skills:
        parts.append(("needs", f"needs {', '.join(wish.skills)}"))
    if wish.priority:
        parts.append(("first", f"priority {wish.priority}"))
    note = f' title="{escape(wish.note)}"' if wish.note else ""
    return join(
        f'<span class="pill" data-wish="{kind}"{note}>{escape(said)}</span>' for kind, said in parts
    )
