"""The planner's queue of tickets, one ticket with its order's story, and what takes too long."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import asyncpg

from api.console.words import (
    NOTHING,
    Scene,
    actor_name,
    duration,
    empty,
    event_name,
    facts,
    join,
    pill,
    plain,
)
from wms.handoff.queries import Desk
from wms.handoff.sop import ABOUT, Step
from wms.handoff.ticket import State
from wms.journey.handoff.view import due
from wms.overview.story import OrderStory

FILTERS = (("", "Queue"), ("answered", "Answered"), ("closed", "Closed"))
STEPS_SHOWN = 12
LIMITS = '<a href="/console/tickets/limits">Limits</a>'
STEP_NAMES = {
    Step.WAYBILL: "Waybill",
    Step.DELIVER: "Digital goods",
    Step.HAND_OVER: "Hand-over",
    Step.PUT_AWAY: "Put away",
}
ASKED = {"shop": "the shop", "buyer": "the buyer", "rule": "a rule"}
KIND_NAMES = {
    "buyer": "Buyer's question",
    "generator": "Code not made",
    "notice_bounced": "Mail came back",
    "refund_unanswered": "Refund not made",
}
OBJECTS = {
    "fulfilment_order": "",
    "parcel": "",
    "hold": "",
    "label_job": "Label",
    "count_task": "Count",
    "inbound_shipment": "Shipment",
    "move_task": "Move",
}


def draw_queue(
    rows: Sequence[asyncpg.Record],
    desk: Desk,
    overdue: Sequence[asyncpg.Record],
    state: str,
    scene: Scene,
) -> str:
    """The queue, whichever ticket is due first on top, with the overdue steps beside it."""
    chips = join(
        f'<a class="chip" href="?{urlencode({"state": one})}"'
        f"{' aria-current=true' if one == state else ''}>{name}</a>"
        for one, name in FILTERS
    )
    return f"""<div class="head"><h1 class="page-title">Tickets</h1>
      <p class="lead">Whichever is due first stands on top: its limit, by urgency, counts from when
        it began to wait.</p></div>{_tiles(desk)}
      <div class="narrow"><nav class="chips" aria-label="Filter by state">{chips}</nav></div>
      <div class="split desk"><div><section class="card flush">{_rows(rows, state, scene)}
      </section></div><div>{draw_steps(overdue, desk, scene)}</div></div>"""


def _tiles(desk: Desk) -> str:
    standing = sum(row.standing for row in desk.tickets)
    waiting = sum(row.waiting for row in desk.tickets)
    urgent = sum(row.standing for row in desk.tickets if row.urgency == "urgent")
    return f"""<section class="tiles four" aria-label="Figures">
      {_tile("Waiting", waiting, f"of {standing} that want an answer")}
      {_tile("Urgent", urgent, "to be answered before all others")}
      {_tile("Late", desk.late, "past the limit of their urgency", wrong=desk.late > 0)}
      {_tile("Steps overdue", desk.overdue, "take longer than they may", wrong=desk.overdue > 0)}
      </section>"""


def _tile(name: str, value: int, note: str, *, wrong: bool = False) -> str:
    return (
        f'<div class="tile"{" data-wrong=yes" if wrong else ""}>'
        f'<span class="tile-name">{name}</span><strong>{value}</strong>'
        f'<span class="tile-note">{note}</span></div>'
    )


def _rows(rows: Sequence[asyncpg.Record], state: str, scene: Scene) -> str:
    if not rows:
        if state:
            return empty("No such ticket", "Nothing is in this state.")
        return empty(
            "Nobody waits", "Tickets of shops, buyers and rules stand here until answered."
        )
    body = join(_row(row, scene) for row in rows)
    return (
        '<table class="list tickets"><thead><tr><th>Urgency</th><th>About</th><th>Order</th>'
        "<th>Asked by</th><th class=num>Waiting</th><th class=num>Due</th><th>State</th>"
        f"</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(row: asyncpg.Record, scene: Scene) -> str:
    return (
        f'<tr data-key="{row["id"]}"><td>{urgency_pill(row["urgency"])}</td>'
        f'<td><a class="strong" href="/console/tickets/{row["id"]}">{kind_name(row["kind"])}</a>'
        f'<span class="soft under">No {row["id"]}</span></td>'
        f"<td>{_order(row)}</td><td>{escape(row['shop'])}"
        f'<span class="soft under">{ASKED[row["asked_by"]]}</span></td>'
        f"<td class=num>{scene.since(row['waiting_since'])}</td>"
        f"<td class=num>{_due(row, scene)}</td><td>{_state(row)}</td></tr>"
    )


def kind_name(kind: str) -> str:
    """What a ticket is about, in plain words."""
    return KIND_NAMES.get(kind) or plain(kind)


def urgency_pill(urgency: str) -> str:
    """How soon an answer is wanted."""
    return f'<span class="pill" data-urgency="{escape(urgency)}">{plain(urgency)}</span>'


def _order(row: asyncpg.Record) -> str:
    if row["order_id"] is None:
        return f'<span class="soft">{NOTHING}</span>'
    return (
        f'<a class="order-number" href="/console/orders/{row["order_id"]}">'
        f"{escape(row['external_order_id'])}</a>"
    )


def _due(row: asyncpg.Record, scene: Scene) -> str:
    if row["state"] not in (State.OPEN, State.CLAIMED):
        return f'<span class="soft">{NOTHING}</span>'
    left = due(row) - scene.now
    if left.total_seconds() > 0:
        return f"in {duration(left)}"
    return f'<span class="past-due">{duration(-left)} late</span>'


def _state(row: asyncpg.Record) -> str:
    if row["state"] == State.CLAIMED:
        return f'{pill("claimed", "Taken")}<span class="soft under">{escape(row["holder"])}</span>'
    raised = "" if row["role"] == "planner" else f'<span class="soft under">{row["role"]}</span>'
    name = "Waiting" if row["state"] == State.OPEN else None
    return f"{pill(row['state'], name)}{raised}"


def draw_steps(overdue: Sequence[asyncpg.Record], desk: Desk, scene: Scene) -> str:
    """What takes longer than it may, the highest role's first."""
    head = f"<header><h2>Overdue steps</h2>{LIMITS}</header>"
    if not overdue:
        body = empty("All in time", "Steps that take longer than they may stand here.")
        return f'<section class="card">{head}{body}</section>'
    rows = join(_step(row, scene) for row in overdue[:STEPS_SHOWN])
    more = desk.overdue - len(overdue[:STEPS_SHOWN])
    note = f'<p class="more soft">and {more} more</p>' if more > 0 else ""
    return (
        f'<section class="card overdue-steps">{head}<ul class="plain">{rows}</ul>{note}</section>'
    )


def _step(row: asyncpg.Record, scene: Scene) -> str:
    step = Step(row["step"])
    name = STEP_NAMES.get(step, step.value.capitalize())
    kind = f" {escape(row['kind'].replace('_', ' '))}" if row["kind"] else ""
    return (
        f'<li data-key="{row["id"]}"><div><strong title="{escape(ABOUT[step])}">{name}</strong>'
        f'<span class="soft">{kind}</span>'
        f'<p>{_thing(row)} <span class="past-due">{duration(scene.now - row["due_at"])} late</span>'
        f'</p></div><span class="pill" data-level="{row["level"]}">{row["role"]}</span></li>'
    )


def _thing(row: asyncpg.Record) -> str:
    if row["object"] == "handoff":
        return f'<a href="/console/tickets/{row["object_id"]}">Ticket {row["object_id"]}</a>'
    if row["order_id"] is not None:
        return (
            f'<a href="/console/orders/{row["order_id"]}">'
            f"Order {escape(row['external_order_id'])}</a>"
        )
    return f"{OBJECTS.get(row['object']) or plain(row['object'])} {row['object_id']}"


def draw_ticket(
    ticket: asyncpg.Record,
    notes: Sequence[asyncpg.Record],
    story: OrderStory | None,
    overdue: Sequence[asyncpg.Record],
    desk: Desk,
    scene: Scene,
) -> str:
    """One ticket: what was said, its order's story, and the overdue steps beside it."""
    order = "about no order" if story is None else f"about order {_order(ticket)}"
    return f"""<p class="crumb"><a href="/console/tickets">Tickets</a></p>
      <div class="head"><h1 class="page-title">{kind_name(ticket["kind"])}
        {urgency_pill(ticket["urgency"])} {_state_line(ticket)}</h1>
      <p class="lead">Ticket {ticket["id"]} of {escape(ticket["shop"])}, {order}, asked by
        {ASKED[ticket["asked_by"]]}</p></div>
      <dl class="clocks-line"><div><dt>Asked</dt><dd>{scene.time(ticket["asked_at"])}</dd></div>
        <div><dt>Waiting</dt><dd>{_waiting(ticket, scene)}</dd></div>
        <div><dt>Due</dt><dd>{_due(ticket, scene)}</dd></div>
        <div><dt>For</dt><dd>{ticket["role"]}</dd></div></dl>
      <div class="split desk"><div><section class="card"><header><h2>What was said</h2></header>
      <ol class="talk">{join(_note(note, scene) for note in notes)}</ol></section>{
        _story(story, scene)
    }</div><div>{draw_steps(overdue, desk, scene)}</div></div>"""


def _state_line(ticket: asyncpg.Record) -> str:
    if ticket["state"] == State.CLAIMED:
        return pill("claimed", f"With {escape(ticket['holder'])}")
    return pill(ticket["state"], "Waiting" if ticket["state"] == State.OPEN else None)


def _waiting(ticket: asyncpg.Record, scene: Scene) -> str:
    if ticket["state"] in (State.OPEN, State.CLAIMED):
        return scene.since(ticket["waiting_since"])
    return NOTHING


def _note(note: asyncpg.Record, scene: Scene) -> str:
    words = note["said"].get("words") or "forgotten"
    about = {"answer": "answered", "reason": "noted"}.get(note["kind"], "wrote")
    who = ASKED[note["author"]] if note["author"] in ASKED else actor_name(note["actor"])
    return (
        f'<li data-author="{note["author"]}" data-key="{note["id"]}"><p class="soft">'
        f"<b>{who[:1].upper()}{who[1:]}</b> {about} {scene.time(note['at'])}</p>"
        f'<p class="words" dir="auto">{escape(words)}</p></li>'
    )


def _story(story: OrderStory | None, scene: Scene) -> str:
    if story is None:
        return ""
    holds = join(
        f'<p class="notice">Held: {plain(hold.kind).lower()}: {escape(hold.reason)}</p>'
        for hold in story.holds
    )
    rows = join(
        f"<li><time>{scene.time(one.at)}</time><div><strong>{event_name(one.type)}</strong>"
        f"<p>{facts(one.data, scene)}</p><p class=soft>{actor_name(one.actor)}</p></div></li>"
        for one in reversed(story.happenings)
    )
    return (
        f'{holds}<section class="card"><header><h2>What happened to the order</h2>'
        f'<span class="soft">the newest first</span></header><ol class="timeline">{rows}</ol>'
        "</section>"
    )
