"""The first screen: the pipeline, its pace, what waits, what is wrong, and what just happened."""

from html import escape

from api.console.words import (
    STAGE_MEANINGS,
    STAGE_NAMES,
    Scene,
    actor_name,
    empty,
    event_name,
    facts,
    join,
    milliseconds,
    stage_name,
)
from wms.overview.pipeline import Alarm, Depth, Overview, Slot, Stage, StageCount, Trouble

CHART_WIDTH = 880
CHART_HEIGHT = 236
CHART_FOOT = 24
CHART_LEFT = 30
# Where an alarm is seen to; a queue's name follows.
PAGES = {"tickets": "/console/tickets", "given_up": "/console/given-up?queue="}
QUEUE_NAMES = {
    "webhooks": "Webhooks to shops",
    "carrier": "Messages to the carrier",
    "mail": "Mail to buyers",
    "labels": "Labels to print",
    "jobs": "Planning jobs",
}


def draw(overview: Overview, scene: Scene) -> str:
    """The whole first screen."""
    return f"""
    <h1 class="page-title">Overview</h1>
    {pipeline(overview, scene)}
    <section class="tiles six" aria-label="Figures">{_tiles(overview, scene)}</section>
    <div class="split">
      <section class="card"><header><h2>Pace</h2><p class="legend">
        <span class="key key-out">handed over</span><span class="key key-in">accepted</span>
        <span class="soft">per 15 s, last 15 min</span></p></header>
        {chart(overview.slots, scene)}</section>
      <section class="card"><header><h2>Attention</h2></header>{_alarms(overview)}</section>
    </div>
    <div class="split">
      <section class="card"><header><h2>Just now</h2></header>
        {_happenings(overview, scene)}</section>
      <section class="card"><header><h2>Waiting to leave</h2></header>
        {_queues(overview, scene)}</section>
    </div>
    """


def pipeline(overview: Overview, scene: Scene) -> str:
    """Orders by stage, as columns whose height is their number."""
    inside = [one.orders for one in overview.stages if one.stage is not Stage.HANDED_OVER]
    highest = max([*inside, 1])
    cells = join(_stage(one, highest, scene) for one in overview.stages)
    return f'<nav class="pipeline" aria-label="Orders by state">{cells}</nav>'


def _stage(count: StageCount, highest: int, scene: Scene) -> str:
    gone = count.stage is Stage.HANDED_OVER
    share = 100 if gone and count.orders else min(round(count.orders / highest * 100), 100)
    note = "last 24 h" if gone else _oldest(count, scene)
    return f"""<a class="stage" data-key="{count.stage}" data-stage="{count.stage}"
      href="/console/orders?stage={count.stage}" title="{STAGE_MEANINGS[count.stage]}">
      <span class="stage-name">{STAGE_NAMES[count.stage]}</span>
      <span class="stage-count">{count.orders}</span>
      <span class="stage-note">{note}</span>
      <span class="pile" aria-hidden="true"><i style="height:{share}%"></i></span></a>"""


def _oldest(count: StageCount, scene: Scene) -> str:
    return f"oldest {scene.since(count.oldest_at)}" if count.orders else "&nbsp;"


def _tiles(overview: Overview, scene: Scene) -> str:
    oldest = overview.oldest
    waiting = sum(queue.waiting for queue in overview.queues)
    if oldest is None:
        longest = _tile("Longest wait", "none", "No paid order waits.")
    else:
        link = (
            f'order <a href="/console/orders/{oldest.order_id}">'
            f"{escape(oldest.external_order_id)}</a>, {stage_name(oldest.state).lower()}"
        )
        longest = _tile("Longest wait", scene.since(oldest.firm_at), link)
    return join(
        (
            _tile("In the house", str(overview.in_house), "accepted, not gone"),
            _tile(
                "Handed over",
                str(overview.handed_over_hour),
                f"in an hour, {overview.handed_over_day} in 24 h",
            ),
            longest,
            _tile(
                "Paid to waybill",
                milliseconds(overview.waybill_p99_ms),
                f"99 of 100; half in {milliseconds(overview.waybill_p50_ms)}",
            ),
            _promise(overview.trouble),
            _tile("Waiting to leave", str(waiting), "messages, labels, jobs"),
        )
    )


def _promise(trouble: Trouble) -> str:
    overdue = f"{trouble.holds_overdue} overdue" if trouble.holds_overdue else "none overdue"
    if not trouble.promises_at_risk:
        return _tile("Promise at risk", "none", f"Holds: {overdue}.")
    late = f"{trouble.promises_late} too late already. Holds: {overdue}."
    return _tile("Promise at risk", str(trouble.promises_at_risk), late, wrong=True)


def _tile(name: str, value: str, note: str, *, wrong: bool = False) -> str:
    return (
        f'<div class="tile"{" data-wrong=yes" if wrong else ""}>'
        f'<span class="tile-name">{name}</span>'
        f'<strong>{value}</strong><span class="tile-note">{note}</span></div>'
    )


def chart(slots: tuple[Slot, ...], scene: Scene) -> str:
    """Bars for what left, a stepped line for what came in."""
    highest = max([*(max(slot.accepted, slot.handed_over) for slot in slots), 4])
    step = max(-(-highest // 4), 1)
    top = step * 4
    width = (CHART_WIDTH - CHART_LEFT) / max(len(slots), 1)
    high = CHART_HEIGHT - CHART_FOOT

    def y(value: int) -> float:
        return round(8 + (high - 8) * (1 - value / top), 1)

    lines = join(
        f'<line x1="{CHART_LEFT}" x2="{CHART_WIDTH}" y1="{y(value)}" y2="{y(value)}"/>'
        f'<text x="{CHART_LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value}</text>'
        for value in range(0, top + 1, step)
    )
    bars = join(
        f'<rect x="{CHART_LEFT + at * width + 1:.1f}" width="{width - 2:.1f}" '
        f'y="{y(slot.handed_over)}" height="{high - y(slot.handed_over):.1f}" rx="1.5"/>'
        for at, slot in enumerate(slots)
        if slot.handed_over
    )
    stairs = " ".join(
        f"L{CHART_LEFT + at * width:.1f} {y(slot.accepted)}H{CHART_LEFT + (at + 1) * width:.1f}"
        for at, slot in enumerate(slots)
    )
    labels = join(
        f'<text x="{CHART_LEFT + at * width:.1f}" y="{CHART_HEIGHT - 4}">'
        f"{scene.minute(slot.at)}</text>"
        for at, slot in enumerate(slots)
        if at % 12 == 0
    )
    gone = sum(slot.handed_over for slot in slots)
    came = sum(slot.accepted for slot in slots)
    return f"""<svg class="chart" viewBox="0 0 {CHART_WIDTH} {CHART_HEIGHT}" role="img"
      aria-label="In the last 15 minutes {came} orders were accepted and {gone} handed over.">
      <g class="grid">{lines}</g><g class="out">{bars}</g>
      <path class="in" d="M{CHART_LEFT} {y(0)} {stairs}"/><g class="axis">{labels}</g></svg>"""


def _alarms(overview: Overview) -> str:
    if not overview.alarms:
        return empty("All quiet", "Queues drain, devices answer, nothing is held.")
    rows = join(
        f'<li data-level="{alarm.level}"><b>{"!" if alarm.level == "alarm" else "i"}</b>'
        f"<div><strong>{_linked(alarm)}</strong><p>{escape(alarm.advice)}</p></div></li>"
        for alarm in overview.alarms
    )
    return f'<ul class="alarms" aria-live="polite">{rows}</ul>'


def _linked(alarm: Alarm) -> str:
    """An alarm's words, which lead to where it can be seen to."""
    text = escape(alarm.text)
    of, _, queue = alarm.about.partition("/")
    if of not in PAGES:
        return text
    return f'<a href="{PAGES[of]}{escape(queue)}">{text}</a>'


def _queues(overview: Overview, scene: Scene) -> str:
    rows = join(
        f"<tr><th scope=row>{QUEUE_NAMES[queue.name]}</th><td class=num>{queue.waiting}</td>"
        f"<td class=num>{scene.since(queue.oldest_at) if queue.waiting else ''}</td>"
        f"<td class=num>{_given_up(queue)}</td></tr>"
        for queue in overview.queues
    )
    return (
        "<table><thead><tr><th>Queue</th><th class=num>Waiting</th><th class=num>Oldest</th>"
        f"<th class=num>Given up</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _given_up(queue: Depth) -> str:
    """A number that leads to what it counts; nothing where there is none."""
    if not queue.dead:
        return ""
    return f'<a class="past-due" href="{PAGES["given_up"]}{queue.name}">{queue.dead}</a>'


def _happenings(overview: Overview, scene: Scene) -> str:
    if not overview.happenings:
        return empty("Nothing has happened yet", "A shop's first order will show here at once.")
    rows = join(
        f'<tr data-key="{at.timestamp()}{escape(kind)}"><td class="soft num">{scene.time(at)}</td>'
        f"<td>{event_name(kind)}</td><td>{link}</td>"
        f'<td class="soft clip">{detail}</td><td class="soft">{actor}</td></tr>'
        for at, kind, link, detail, actor in (
            (
                one.at,
                one.type,
                f'<a href="/console/orders/{one.order_id}">{escape(one.external_order_id)}</a>'
                if one.external_order_id
                else escape(one.subject),
                facts(one.data, scene),
                actor_name(one.actor),
            )
            for one in overview.happenings
        )
    )
    return f'<table class="feed"><tbody>{rows}</tbody></table>'
