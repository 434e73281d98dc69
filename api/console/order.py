"""The order list, and one order's whole story."""

from html import escape
from urllib.parse import urlencode

from api.console.words import (
    NOTHING,
    STAGE_NAMES,
    Scene,
    actor_name,
    empty,
    event_name,
    facts,
    join,
    kilograms,
    money,
    pill,
    plain,
    stage_name,
)
from wms.overview.pipeline import Happening, Stage
from wms.overview.story import (
    OrderRow,
    OrderStory,
    StoryFulfilment,
    StoryHold,
    StoryLine,
    StoryParcel,
    StoryTask,
)

PASSED = tuple(Stage)


def draw_list(
    rows: tuple[OrderRow, ...], stage: str | None, text: str, more: bool, scene: Scene
) -> str:
    """The newest orders with their filters."""
    chips = join(
        f'<a class="chip" href="?{urlencode({"stage": one or "", "q": text})}"'
        f"{' aria-current=true' if (one or None) == stage else ''}>{name}</a>"
        for one, name in [("", "All"), *STAGE_NAMES.items()]
    )
    older = ""
    if more:
        query = urlencode({"stage": stage or "", "q": text, "before": rows[-1].order_id})
        older = f'<p class="older"><a class="button" href="?{query}">Older orders</a></p>'
    return f"""<div class="head"><h1 class="page-title">Orders</h1>
      <form class="search" role="search"><input type="hidden" name="stage" value="{stage or ""}">
      <input type="search" name="q" value="{escape(text)}"
        placeholder="Order or customer number, e-mail"
        title="Part of an order number, or a whole e-mail address or customer number"
        aria-label="Search orders"><button class="button">Search</button></form></div>
      <nav class="chips" aria-label="Filter by state">{chips}</nav>
      <section class="card flush">{_rows(rows, scene)}</section>{older}"""


def _rows(rows: tuple[OrderRow, ...], scene: Scene) -> str:
    if not rows:
        return empty("No order here", "Nothing is in this state now, or nothing holds that text.")
    body = join(
        f'<tr data-key="{row.order_id}"><td>'
        f'<a class="strong" href="/console/orders/{row.order_id}">'
        f"{escape(row.external_order_id)}</a></td><td>{pill(row.stage, stage_name(row.stage))}</td>"
        f"<td>{escape(row.customer) or 'Guest'}</td>"
        f'<td class="soft">{escape(row.city)} {escape(row.country)}</td>'
        f"<td class=num>{row.lines}</td><td class=num>{row.units}</td>"
        f"<td class=num>{money(row.total_minor, row.currency)}</td>"
        f'<td class="soft">{escape(row.payment_state)}</td>'
        f"<td class=num>{scene.time(row.received_at)}</td>"
        f"<td class=num>{_through(row, scene)}</td></tr>"
        for row in rows
    )
    return (
        "<table class=list><thead><tr><th>Order</th><th>State</th><th>Customer</th><th>To</th>"
        "<th class=num>Lines</th><th class=num>Units</th><th class=num>Total</th><th>Payment</th>"
        f"<th class=num>Received</th><th class=num>In house</th></tr></thead><tbody>{body}</tbody>"
        "</table>"
    )


def _through(row: OrderRow, scene: Scene) -> str:
    if row.handed_over_at is None:
        return scene.since(row.received_at)
    return (
        f'<span class="soft">{Scene(row.handed_over_at, scene.zone).since(row.received_at)}</span>'
    )


def draw_story(story: OrderStory, scene: Scene) -> str:
    """One order: how far it is, what it holds, how it was picked and packed, all that happened."""
    row = story.row
    holds = join(_hold(hold, scene) for hold in story.holds)
    return f"""<p class="crumb"><a href="/console/orders">Orders</a></p>
      <div class="head"><h1 class="page-title">Order {escape(row.external_order_id)}</h1>
      <p class="lead">{escape(row.customer) or "Guest"}, {row.lines} lines, {row.units} units,
        {money(row.total_minor, row.currency)}, {escape(row.payment_state)}</p></div>
      {_track(story, scene)}{holds}
      <div class="split wide-left"><div>
        <section class="card flush"><header><h2>Lines</h2></header>{
        _lines(story.lines, scene)
    }</section>
        {_parts(story.fulfilments, scene)}
        {_parcels(story.parcels, scene)}
        <section class="card flush"><header><h2>Picks</h2></header>{
        _tasks(story.tasks, scene)
    }</section>
      </div><div>
        <section class="card"><header><h2>What happened</h2></header>{
        _timeline(story, scene)
    }</section>
        <section class="card"><header><h2>Ship to</h2></header><address>{
        "<br>".join(escape(part) for part in story.ship_to)
    }</address>{_note(story.note)}
        <dl class="pairs"><dt>Service</dt><dd>{escape(story.service)}</dd>
        <dt>Admission</dt><dd>{story.admission}</dd>
        <dt>Decisions of the staff</dt><dd>{story.touches}</dd>
        <dt>Placed</dt><dd>{scene.time(story.placed_at)}</dd></dl></section>
      </div></div>"""


def _note(text: str) -> str:
    return f'<p class="notice">The buyer wrote: {escape(text)}</p>' if text else ""


def _hold(hold: StoryHold, scene: Scene) -> str:
    """Why it is held, whose that is, and until when; loud where that is over."""
    late = "overdue since" if hold.overdue_at else "until"
    return (
        f'<p class="notice" data-level="{"alarm" if hold.overdue_at else "warning"}">Held: '
        f"{plain(hold.kind).lower()}: {escape(hold.reason)} <span class=soft>The "
        f"{escape(hold.owned_by)} looks at it, {late} {scene.time(hold.until)}.</span></p>"
    )


def _track(story: OrderStory, scene: Scene) -> str:
    """The stages as a line of points, with the moment each was passed."""
    if story.stage is None:
        return f'<p class="notice">This order is {stage_name(story.row.stage).lower()}.</p>'
    reached = PASSED.index(story.stage)
    first = min(story.fulfilments, key=_how_far, default=None)
    points = join(
        f'<li data-passed="{"yes" if at < reached else "now" if at == reached else "no"}">'
        f"<b>{STAGE_NAMES[stage]}</b><span>{_moment(stage, story, first, scene)}</span></li>"
        for at, stage in enumerate(PASSED)
    )
    return f'<ol class="track" aria-label="Progress">{points}</ol>'


def _how_far(part: StoryFulfilment) -> tuple[bool, int, int]:
    """Parts by how far they are; the hindmost that will ship says how far the order is."""
    states = list(Stage)
    at = states.index(Stage(part.state)) if part.state in set(Stage) else -1
    over = len(states) if part.state == "closed" else at
    return part.state in ("cancelled", "incomplete"), over, part.fulfilment_order_id


def _parts(parts: tuple[StoryFulfilment, ...], scene: Scene) -> str:
    """The parts of an order that ships in several: from where, and how far each is."""
    if len(parts) < 2:
        return ""
    body = join(
        f"<tr><td class=num>{number}</td><td class=strong>{escape(part.warehouse)}</td>"
        f"<td class=num>{part.units}</td><td>{pill(part.state, stage_name(part.state))}</td>"
        f"<td class=num>{scene.time(part.waybill_ready_at)}</td>"
        f"<td class=num>{scene.time(part.released_at)}</td>"
        f"<td class=num>{scene.time(part.packed_at)}</td>"
        f"<td class=num>{scene.time(part.handed_over_at)}</td></tr>"
        for number, part in enumerate(parts, start=1)
    )
    return f"""<section class="card flush"><header><h2>Parts</h2></header>
      <table><thead><tr><th class=num>#</th><th>From</th><th class=num>Units</th><th>State</th>
      <th class=num>Waybill</th><th class=num>Released</th><th class=num>Packed</th>
      <th class=num>Handed over</th></tr></thead><tbody>{body}</tbody></table></section>"""


def _moment(stage: Stage, story: OrderStory, first: StoryFulfilment | None, scene: Scene) -> str:
    if stage is Stage.RECEIVED:
        return scene.time(story.row.received_at)
    if first is None:
        return NOTHING
    moments = {
        Stage.ACCEPTED: story.row.received_at,
        Stage.OPEN: first.firm_at,
        Stage.RELEASED: first.released_at,
        Stage.PICKED: first.picked_at,
        Stage.SORTED: first.sorted_at,
        Stage.PACKED: first.packed_at,
        Stage.HANDED_OVER: first.handed_over_at,
    }
    return scene.time(moments.get(stage)) if stage in moments else "&nbsp;"


def _lines(lines: tuple[StoryLine, ...], scene: Scene) -> str:
    body = join(
        f"<tr><td class=num>{line.line}</td><td class=strong>{escape(line.sku)}</td>"
        f"<td>{escape(line.name)}</td><td class=num>{line.quantity}</td>"
        f"<td class=num>{line.picked}</td><td class=num>{line.packed}</td>"
        f"<td class=soft>{_promise(line, scene)}</td></tr>"
        for line in lines
    )
    return (
        "<table><thead><tr><th class=num>#</th><th>SKU</th><th>Item</th><th class=num>Ordered</th>"
        "<th class=num>Picked</th><th class=num>Packed</th><th>Promise</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _promise(line: StoryLine, scene: Scene) -> str:
    if line.promise is None:
        return NOTHING
    if line.promise_expires_at is None:
        return escape(line.promise)
    return f"until {scene.time(line.promise_expires_at)}"


def _parcels(parcels: tuple[StoryParcel, ...], scene: Scene) -> str:
    if not parcels:
        return f"""<section class="card"><header><h2>Parcels</h2></header>{
            empty("No carton planned yet", "Cartons and waybill are made as soon as it is paid.")
        }</section>"""
    rows = join(_parcel(parcel, scene) for parcel in parcels)
    return f'<section class="card"><header><h2>Parcels</h2></header>{rows}</section>'


def _parcel(parcel: StoryParcel, scene: Scene) -> str:
    void = parcel.waybill_state == "void"
    changed = (
        f", planned {escape(parcel.planned_carton)}"
        if parcel.carton != parcel.planned_carton and not void
        else ""
    )
    clocks = (
        ("Waybill ready", parcel.ready_at),
        ("Pickup requested", parcel.told_at),
        ("Label printed", parcel.label_printed_at),
        ("Carrier accepted", parcel.carrier_accepted_at),
    )
    points = join(
        f'<li data-passed="{"no" if at is None else "yes"}"><b>{name}</b>'
        f"<span>{scene.time(at)}</span></li>"
        for name, at in clocks
    )
    reason = f'<p class="soft">Void: {escape(parcel.void_reason or "no reason given")}</p>'
    about = (
        "an earlier waybill"
        if void
        else f"carton {escape(parcel.carton)}{changed}, {kilograms(parcel.mass_g)}, "
        f"{plain(parcel.state).lower()}"
    )
    return f"""<article class="parcel" data-void="{"yes" if void else "no"}">
      <h3>Parcel {parcel.number} <span class="soft">{about}</span></h3>
      <p class="codes"><span>SSCC <b>{escape(parcel.sscc or NOTHING)}</b></span>
        <span>Tracking <b>{escape(parcel.tracking_number or NOTHING)}</b></span>
        <span>Route <b>{escape(parcel.routing_code or NOTHING)}</b></span></p>
      {reason if void else f'<ol class="track clocks">{points}</ol>'}</article>"""


def _tasks(tasks: tuple[StoryTask, ...], scene: Scene) -> str:
    if not tasks:
        return empty("Not on a wave yet", "Picks show here when a wave takes the order.")
    body = join(
        f'<tr><td><a href="/console/waves/{task.wave_id}?cart={task.cart}">'
        f"{task.wave_id}, cart {task.cart}</a></td><td class=strong>{escape(task.place)}</td>"
        f"<td>{escape(task.sku)}</td><td class=num>{task.picked} of {task.quantity}</td>"
        f"<td>{escape(task.tote or NOTHING)}</td><td>{pill(task.state)}</td>"
        f"<td class=soft>{escape(task.picker or NOTHING)}</td>"
        f"<td class=num>{scene.time(task.done_at)}</td></tr>"
        for task in tasks
    )
    return (
        "<table><thead><tr><th>Wave</th><th>Bin</th><th>SKU</th><th class=num>Picked</th>"
        "<th>Tote</th><th>State</th><th>Picker</th><th class=num>Done</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _event(one: Happening) -> str:
    """What happened; what became of a ticket leads to it."""
    number = one.data.get("handoff_id")
    if isinstance(number, int):
        return f'<a href="/console/tickets/{number}">{event_name(one.type)}</a>'
    return event_name(one.type)


def _timeline(story: OrderStory, scene: Scene) -> str:
    rows = join(
        f"<li><time>{scene.time(one.at)}</time><div><strong>{_event(one)}</strong>"
        f"<p>{facts(one.data, scene)}</p><p class=soft>{actor_name(one.actor)}</p></div></li>"
        for one in story.happenings
    )
    return f'<ol class="timeline">{rows}</ol>' if rows else empty("No event yet", "")
