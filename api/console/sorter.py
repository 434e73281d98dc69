"""A sorter: its link and mode, its lanes as chutes that fill, and why each item goes where."""

from html import escape
from urllib.parse import quote

from api.console.words import (
    NOTHING,
    Scene,
    actor_name,
    empty,
    join,
    pill,
    plain,
)
from wms.overview.sorter import (
    AlarmView,
    EventView,
    ItemView,
    LaneView,
    OrderView,
    Sorter,
    SorterRow,
)

LINKS = {
    "run": "running",
    "handshake": "handshake",
    "stale": "stale",
    "down": "away",
    None: "not served",
}
MODES = {
    "automatic": "automatic",
    "manual": "manual mode",
    "emergency_stop": "emergency stop",
    "stopped": "stopped",
    "draining": "draining",
}
BANNERS = {
    "emergency_stop": (
        "Emergency stop",
        "Nothing of the house ends it. What rides is judged anew as soon as the PLC runs again.",
    ),
    "manual": (
        "Manual mode",
        "Somebody has the belt in hand. What rides is judged anew when they let go.",
    ),
    "stopped": ("Stopped", "The PLC moves nothing and takes no lanes."),
    "draining": ("Draining", "The belt runs empty; nothing new is inducted."),
}
PURPOSES = {"reject": "reject", "late": "late"}
LOAD_SHOWN_MIN = 12
RIDING_SHOWN = 14
RECENT_SHOWN = 12
EVENTS_SHOWN = 9


def draw(rows: tuple[SorterRow, ...], chosen: Sorter | None, lane: int | None, scene: Scene) -> str:
    """The sorters, and the chosen one whole; `lane` is the one that is looked at."""
    if chosen is None:
        body = empty("No sorter yet", "One shows here when it is entered in the device registry.")
        return f'<h1 class="page-title">Sorters</h1><section class="card">{body}</section>'
    row = chosen.row
    return f"""<div class="head"><h1 class="page-title">Sorter {escape(row.name)}
      {pill(f"link-{row.link or 'none'}", LINKS.get(row.link, escape(str(row.link))))}</h1>
      <p class="lead">{_lead(chosen, scene)}</p></div>
      {_chips(rows, row)}{_banner(chosen, scene)}{_tiles(chosen)}{_lanes(chosen, lane)}
      <div class="split wide-left"><div>{_riding(chosen, scene)}{_recent(chosen, scene)}</div>
      <div>{_alarms(chosen.alarms, scene)}{_orders(chosen.orders, scene)}
      {_events(chosen.events, scene)}</div></div>"""


def _lead(chosen: Sorter, scene: Scene) -> str:
    row = chosen.row
    parts = [escape(row.site)]
    if row.address:
        parts.append(f'<span class="code">{escape(row.address)}</span>')
    if row.link is not None and row.mode is not None:
        parts.append(MODES.get(row.mode, escape(row.mode)))
        if chosen.belt_speed_mm_s is not None:
            parts.append(f"{chosen.belt_speed_mm_s} mm/s")
    if row.changed_at is not None:
        parts.append(f"since {scene.time(row.changed_at)}")
    return " · ".join(parts)


def _chips(rows: tuple[SorterRow, ...], here: SorterRow) -> str:
    if len(rows) < 2:
        return ""
    chips = join(
        f'<a class="chip" href="{_address(row)}"'
        f"{' aria-current=true' if row.id == here.id else ''}>{escape(row.name)}"
        f"{f' · {row.alarms}' if row.alarms else ''}</a>"
        for row in rows
    )
    return f'<nav class="chips" aria-label="Sorters">{chips}</nav>'


def _banner(chosen: Sorter, scene: Scene) -> str:
    """What everybody in the house should see from afar: why the belt does not sort."""
    row = chosen.row
    if row.link is None:
        said = ("Not served", "No gateway holds this sorter; its PLC lets everything go round.")
        return _sign("none", *said)
    if row.link == "down":
        fault = escape(row.fault or "it has not answered yet")
        return _sign("down", "PLC away", f"{fault}. Tried again without pause.", safe=True)
    if row.link == "stale":
        said = ("PLC stale", "It answers, but its heart stands still: nothing is sent to it.")
        return _sign("stale", *said)
    if row.mode in BANNERS:
        return _sign(row.mode, *BANNERS[row.mode])
    return ""


def _sign(kind: str, title: str, words: str, *, safe: bool = False) -> str:
    said = words if safe else escape(words)
    return (
        f'<div class="sign" data-kind="{kind}" role="status"><strong>{title}</strong>'
        f"<p>{said}</p></div>"
    )


def _tiles(chosen: Sorter) -> str:
    ended = chosen.ended
    went_wrong = ended["missorted"] + ended["lost"]
    going = sum(item.state == "recirculated" for item in chosen.riding)
    tiles = (
        ("On the belt", len(chosen.riding) - going, f"{going} going round" if going else "now"),
        ("Diverted", ended["diverted"], "last hour"),
        ("Rounds", ended["rounds"], "last hour"),
        ("Rejected", ended["rejected"], "last hour"),
        ("Missorted, lost", went_wrong, "last hour"),
    )
    drawn = join(
        f'<div class="tile"><span class="tile-name">{name}</span><strong>{value}</strong>'
        f'<span class="tile-note">{note}</span></div>'
        for name, value, note in tiles
    )
    return f'<div class="tiles">{drawn}</div>'


def _lanes(chosen: Sorter, looked_at: int | None) -> str:
    if not chosen.lanes:
        body = empty("No lanes yet", "A place that names a lane, or the sorter's plan, makes one.")
        return f'<section class="card">{body}</section>'
    loads = [view.load for view in chosen.lanes]
    scale = max(LOAD_SHOWN_MIN, *loads)
    chutes = join(_chute(chosen.row, view, scale, looked_at) for view in chosen.lanes)
    told = next((view for view in chosen.lanes if view.lane == looked_at), None)
    run = "yes" if chosen.row.link == "run" and chosen.row.mode == "automatic" else "no"
    return f"""<section class="card lanes-card"><header><h2>Lanes</h2><p class="legend">
      <span class="key">standing</span><span class="key key-riding">riding to it</span>
      <span class="key key-full">full</span><span class="key key-fault">fault</span>
      <span class="key key-closed">closed</span></p></header>
      <div class="belt" data-run="{run}"><i></i></div><div class="chutes">{chutes}</div>
      {_lane_told(told)}</section>"""


def _chute(row: SorterRow, view: LaneView, scale: int, looked_at: int | None) -> str:
    room = view.capacity or scale
    standing = min(view.standing / room, 1.0) * 100
    riding = min(view.riding / room, 1.0 - standing / 100) * 100
    count = f"{view.load}<small> / {view.capacity}</small>" if view.capacity else f"{view.load}"
    here = view.lane == looked_at
    target = _address(row) if here else f"{_address(row)}&amp;lane={view.lane}"
    words = f"Lane {view.lane}, {view.state}, {view.standing} standing, {view.riding} riding to it"
    place = PURPOSES.get(view.purpose) or view.place or NOTHING
    return (
        f'<a class="chute" data-key="{view.lane}" data-state="{view.state}" '
        f'data-purpose="{view.purpose}" href="{target}" aria-label="{words}"'
        f"{' aria-current=true' if here else ''}><b>{view.lane}</b>"
        f'<span class="shaft"><i class="rides" style="height:{riding:.0f}%"></i>'
        f'<i class="stands" style="height:{standing:.0f}%"></i></span>'
        f'<span class="count">{count}</span><span class="goes">{escape(place)}</span></a>'
    )


def _lane_told(view: LaneView | None) -> str:
    if view is None:
        return ""
    state = plain(view.state)
    if view.closed_by is not None:
        state = f"Closed by {actor_name(view.closed_by)}: {escape(view.closed_why or '')}"
    return (
        f'<p class="lane-told"><strong>Lane {view.lane}</strong> {escape(view.place or NOTHING)} · '
        f"{state} · {view.standing} standing, {view.riding} riding to it</p>"
    )


def _riding(chosen: Sorter, scene: Scene) -> str:
    shown = chosen.riding[-RIDING_SHOWN:][::-1]
    if not shown:
        body = empty("The belt is empty", "What is inducted shows here, with its lane and why.")
        return f'<section class="card"><header><h2>On the belt</h2></header>{body}</section>'
    more = len(chosen.riding) - len(shown)
    note = f'<span class="soft">and {more} more</span>' if more > 0 else ""
    return _table("On the belt", shown, scene, note)


def _recent(chosen: Sorter, scene: Scene) -> str:
    shown = chosen.recent[:RECENT_SHOWN]
    return _table("Left the belt", shown, scene, "") if shown else ""


def _table(title: str, items: tuple[ItemView, ...], scene: Scene, note: str) -> str:
    rows = join(_row(item, scene) for item in items)
    return (
        f'<section class="card flush"><header><h2>{title}</h2><p class="legend">{note}</p></header>'
        '<table class="list items"><thead><tr><th>Unit</th><th class=num>Track</th><th>State</th>'
        "<th class=num>Lane</th><th>Why</th><th class=num>Time</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(item: ItemView, scene: Scene) -> str:
    unit = f'<span class="code">{escape(item.unit)}</span>' if item.unit else "unread"
    going = item.state == "recirculated"
    lane = None if going else item.actual_lane or item.lane
    rounds = f'<span class="soft others">round {item.rounds + 1}</span>' if item.rounds else ""
    strayed = item.actual_lane and item.lane and item.actual_lane != item.lane
    told = f"{item.actual_lane}<small> not {item.lane}</small>" if strayed else str(lane or NOTHING)
    at = item.ended_at or item.acknowledged_at or item.read_at or item.inducted_at or item.begun_at
    return (
        f'<tr data-key="{item.id}"><td class="strong">{unit}</td><td class=num>{item.track}</td>'
        f"<td>{pill(item.state)}{rounds}</td><td class=num>{told}</td>"
        f'<td class="reason">{_why(item)}</td><td class=num>{scene.time(at)}</td></tr>'
    )


def _why(item: ItemView) -> str:
    why = escape(item.why)
    if item.plc_reason not in (None, "", "none"):
        plc = plain(str(item.plc_reason)).lower()
        why += f'{". " if why else ""}<span class="soft">PLC: {plc}</span>'
    others = (item.decision or {}).get("others") or []
    if others and item.state in ("assigned", "acknowledged"):
        said = ", ".join(
            f"lane {other['lane']} {other['why'] or 'load ' + str(other['load'])}"
            for other in others[:3]
        )
        why += f'<span class="soft others">instead of {escape(said)}</span>'
    return why or NOTHING


def _alarms(alarms: tuple[AlarmView, ...], scene: Scene) -> str:
    standing = [alarm for alarm in alarms if alarm.cleared_at is None]
    past = [alarm for alarm in alarms if alarm.cleared_at is not None][:4]
    if not standing and not past:
        body = '<p class="quiet">No alarm, and none lately.</p>'
        return f'<section class="card"><header><h2>Alarms</h2></header>{body}</section>'
    rows = join(
        f'<li data-level="{"alarm" if alarm.cleared_at is None else "past"}" '
        f'data-key="{escape(alarm.kind + alarm.subject)}{alarm.raised_at.timestamp():.0f}">'
        f"<b>{'!' if alarm.cleared_at is None else '✓'}</b><div><strong>{escape(alarm.said)}"
        f"</strong><p>{_alarm_time(alarm, scene)}</p></div></li>"
        for alarm in [*standing, *past]
    )
    count = f'<span class="soft">{len(standing)} standing</span>' if standing else ""
    return (
        f'<section class="card flush"><header><h2>Alarms</h2><p class="legend">{count}</p></header>'
        f'<ul class="alarms notice-list">{rows}</ul></section>'
    )


def _alarm_time(alarm: AlarmView, scene: Scene) -> str:
    if alarm.cleared_at is None:
        return f"for {scene.since(alarm.raised_at)}"
    return f"{scene.time(alarm.raised_at)} until {scene.time(alarm.cleared_at)}"


def _orders(orders: tuple[OrderView, ...], scene: Scene) -> str:
    if not orders:
        return ""
    rows = join(
        f'<tr data-key="{order.id}"><td class="strong">{plain(order.op)} lane {order.lane}</td>'
        f'<td class="reason">{escape(order.why)}<span class="soft"> {actor_name(order.asked_by)}'
        f"</span></td><td>{pill(order.state)}</td><td class=num>{scene.time(order.asked_at)}</td>"
        "</tr>"
        for order in orders
    )
    return (
        '<section class="card flush"><header><h2>Asked of lanes</h2></header>'
        f'<table class="list"><tbody>{rows}</tbody></table></section>'
    )


def _events(events: tuple[EventView, ...], scene: Scene) -> str:
    if not events:
        return ""
    rows = join(
        f'<tr data-key="{event.seq}"><td>{plain(event.kind)}</td>'
        f"<td class=num>{event.track or NOTHING}</td><td class=num>{_where(event)}</td>"
        f"<td class=num>{scene.time(event.received_at)}</td></tr>"
        for event in events[:EVENTS_SHOWN]
    )
    return (
        '<section class="card flush"><header><h2>Last from the PLC</h2></header>'
        '<table class="list"><thead><tr><th>Event</th><th class=num>Track</th>'
        f"<th class=num>Lane</th><th class=num>Time</th></tr></thead><tbody>{rows}</tbody></table>"
        "</section>"
    )


def _where(event: EventView) -> str:
    lane = event.actual or event.planned
    return f"{lane}" if lane else NOTHING


def _address(row: SorterRow) -> str:
    """The sorter's page; two sites may have one of the same name."""
    return f"/console/sorters/{quote(row.name, safe='')}?site={quote(row.site, safe='')}"
