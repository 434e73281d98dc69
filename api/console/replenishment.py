"""The planner's table of what to buy and fetch, with what is low, on its way, and too full."""

from html import escape
from math import ceil, floor
from urllib.parse import urlencode

from api.console.spark import days_ahead, spark_line
from api.console.words import Scene, actor_name, empty, join, pill, plain
from wms.overview.replenishment import (
    Days,
    LowRow,
    ProposalRow,
    Replenishment,
    RunRow,
    TransferRow,
)

KINDS = (("", "All"), ("purchase", "To buy"), ("transfer", "To fetch"))
TOLD = 5
WORK = {"picking": "Picking", "sorting": "Sorting"}


def draw(page: Replenishment, text: str, kind: str, scene: Scene) -> str:
    """The whole page; `text` and `kind` are what its rows are narrowed to."""
    chips = join(
        f'<a class="chip" href="?{urlencode({"kind": one, "q": text})}"'
        f"{' aria-current=true' if one == kind else ''}>{name}</a>"
        for one, name in KINDS
    )
    return f"""<div class="head short"><h1 class="page-title">Replenishment</h1>
      <p class="lead">{_run(page.run, scene)}</p></div>{_tiles(page)}
      <div class="narrow"><nav class="chips" aria-label="Filter by kind">{chips}</nav>
      <form class="search" role="search"><input type="hidden" name="kind" value="{escape(kind)}">
      <input type="search" name="q" value="{escape(text)}" placeholder="Item, name or supplier"
        aria-label="Search proposals"><button class="button">Search</button></form></div>
      <section class="card flush">{_rows(page, text, kind)}</section>
      <div class="split"><div>{_ahead(page.ahead)}</div>
      <div>{_low(page.low, scene)}{_moving(page.moving, scene)}</div></div>"""


def _run(run: RunRow | None, scene: Scene) -> str:
    if run is None:
        return "Nothing was forecast yet; it is done every night."
    return (
        f"{run.series} items forecast {scene.time(run.done_at)}, asked by "
        f"{actor_name(run.asked_by)}"
    )


def _tiles(page: Replenishment) -> str:
    return f"""<section class="tiles four" aria-label="Figures">
      {_tile("To buy", page.purchases, "proposals wait for you")}
      {_tile("To fetch", page.transfers, "before anything is bought")}
      {_tile("Below safety stock", page.below, "items with too little free")}
      {_tile("To send", page.to_send, "approved transfers that wait")}</section>"""


def _tile(name: str, value: int, note: str) -> str:
    return (
        f'<div class="tile"><span class="tile-name">{name}</span><strong>{value}</strong>'
        f'<span class="tile-note">{note}</span></div>'
    )


def _rows(page: Replenishment, text: str, kind: str) -> str:
    if not page.rows:
        if text or kind:
            return empty("Nothing of that kind", "No open proposal holds that text.")
        if page.run is None:
            return empty("Nothing proposed yet", "The first run says what to get, and why.")
        return empty("Nothing to get", "Every item is above its reorder point, or on its way.")
    body = join(_row(row, text, kind) for row in page.rows)
    more = page.purchases + page.transfers - len(page.rows)
    note = ""
    if more > 0 and not text and not kind:
        note = f'<p class="more soft">{more} more, which last longer.</p>'
    return (
        '<table class="list proposals"><thead><tr><th>Item</th><th>Demand, 8 weeks and 4 ahead</th>'
        "<th>Free and coming</th><th class=num>Lasts</th><th class=num>Get</th><th>From</th>"
        f"<th>Why</th><th></th></tr></thead><tbody>{body}</tbody></table>{note}"
    )


def _row(row: ProposalRow, text: str, kind: str) -> str:
    query = urlencode({"q": text, "kind": kind, "proposal": row.proposal_id})
    lasts = "–" if row.days_left is None else _days(row.days_left)
    low = ' <span class="pill" data-state="failed">low</span>' if row.below else ""
    return (
        f'<tr data-key="{row.proposal_id}"><td><span class="strong">{escape(row.sku)}</span>{low}'
        f'<span class="soft under">{escape(row.name)}</span>'
        f'<span class="soft under">{escape(row.warehouse)}</span></td>'
        f"<td>{spark_line(row.spark) if row.spark else ''}{_model(row)}</td>"
        f"<td>{_level(row)}</td><td class=num>{lasts}</td>"
        f"<td class=num><b>{row.quantity}</b> {_unit(row.unit)}</td><td>{_source(row)}</td>"
        f'<td class="reason">{_why(row.reason)}</td>'
        f'<td><a class="button change" href="?{query}">Decide</a></td></tr>'
    )


def _days(days: float) -> str:
    return "long" if days >= 365 else f"{days:.0f} d" if days >= 10 else f"{days:.1f} d"


def _unit(unit: str) -> str:
    return "" if unit == "each" else f'<span class="soft">{escape(unit)}</span>'


def _model(row: ProposalRow) -> str:
    if not row.demand_class:
        return ""
    return (
        f'<span class="soft under" title="{escape(row.model_reason)}">'
        f"{plain(row.demand_class)}, {escape(row.model)}</span>"
    )


def _level(row: ProposalRow) -> str:
    """What there is against the reorder point, on the way to what an order would lift it to."""
    share, point = min(row.share, 1.0) * 100, min(row.point_share, 1.0) * 100
    return (
        f'<span class="level" role="img" aria-label="{row.free} free and {row.coming} coming, '
        f'reorder point {row.reorder_point}"><i style="width:{share:.0f}%"></i>'
        f'<b style="left:{point:.0f}%"></b></span>'
        f'<span class="soft under">{row.free} + {row.coming} of {row.reorder_point}</span>'
    )


def _source(row: ProposalRow) -> str:
    if row.source is None:
        return '<span class="nobody">nobody sells it</span>'
    if row.kind == "transfer":
        return f"{pill('planned', 'fetch')} {escape(row.source)}"
    return escape(row.source)


def _why(reason: str) -> str:
    first, *rest = reason.split("; ")
    more = f'<span class="soft">{escape("; ".join(rest))}</span>' if rest else ""
    return f"{escape(first)}{more}"


def _ahead(ahead: tuple[Days, ...]) -> str:
    busy = [days for days in ahead if any(day.lines_high >= 0.5 for day in days.days)]
    if not busy:
        body = empty("No days to show", "A run says how many order lines the next days will bring.")
        return f'<section class="card"><header><h2>Days ahead</h2></header>{body}</section>'
    return join(_warehouse(days) for days in busy)


def _warehouse(days: Days) -> str:
    legend = (
        '<span class="key key-mean">lines expected</span>'
        '<span class="key key-most">rarely more</span>'
    )
    if days.days[0].pick_capacity is not None:
        legend += '<span class="key key-pick">picking</span>'
    if days.days[0].sort_capacity is not None:
        legend += '<span class="key key-sort">sorting</span>'
    told = join(
        f'<li data-level="{"alarm" if each.sure else "warning"}"><b>!</b><div><strong>'
        f"{WORK[each.work]} {'will' if each.sure else 'may'} not keep up on {each.day:%a %d %b}"
        f"</strong><p>{ceil(each.lines)} lines with what is left from before, and "
        f"{floor(each.capacity)} can be done.</p></div></li>"
        for each in days.bottlenecks[:TOLD]
    )
    if len(days.bottlenecks) > TOLD:
        told += f'<li class="soft">and {len(days.bottlenecks) - TOLD} days more</li>'
    told = f'<ul class="alarms">{told}</ul>' if told else '<p class="quiet">No day is too full.</p>'
    return (
        f'<section class="card"><header><h2>Days ahead, {escape(days.warehouse)}</h2>'
        f'<p class="legend">{legend}</p></header>{days_ahead(days)}{told}</section>'
    )


def _low(low: tuple[LowRow, ...], scene: Scene) -> str:
    if not low:
        body = empty("All above", "No item is below its safety stock.")
        return f'<section class="card"><header><h2>Below safety stock</h2></header>{body}</section>'
    body = join(
        f'<tr data-key="{escape(row.sku)}{escape(row.warehouse)}"><td><span class="strong">'
        f'{escape(row.sku)}</span><span class="soft under">{escape(row.name)}</span></td>'
        f"<td>{escape(row.warehouse)}</td><td class=num>{row.free}</td>"
        f"<td class=num>{row.safety_stock}</td><td class=num>{row.coming}</td>"
        f'<td class="num soft">{scene.since(row.since)}</td></tr>'
        for row in low
    )
    return (
        '<section class="card flush"><header><h2>Below safety stock</h2></header><table><thead><tr>'
        "<th>Item</th><th>In</th><th class=num>Free</th><th class=num>Safety</th>"
        f"<th class=num>Coming</th><th class=num>Since</th></tr></thead><tbody>{body}</tbody>"
        "</table></section>"
    )


def _moving(moving: tuple[TransferRow, ...], scene: Scene) -> str:
    if not moving:
        body = empty("Nothing on its way", "Approved transfers stand here until they have come.")
        return f'<section class="card"><header><h2>Transfers</h2></header>{body}</section>'
    rows = join(
        f'<li data-key="{row.transfer_id}"><div><strong>{escape(row.from_warehouse)} → '
        f"{escape(row.to_warehouse)}</strong> {pill(row.state)}<p class=soft>"
        f"{_lines(row)}</p></div>{_act(row, scene)}</li>"
        for row in moving
    )
    return (
        '<section class="card"><header><h2>Transfers</h2></header>'
        f'<ul class="plain transfers">{rows}</ul></section>'
    )


def _lines(row: TransferRow) -> str:
    shown = ", ".join(f"{quantity} {escape(sku)}" for sku, quantity in row.lines[:4])
    return shown + (f" and {len(row.lines) - 4} more" if len(row.lines) > 4 else "")


def _act(row: TransferRow, scene: Scene) -> str:
    if row.state == "requested":
        return f'<a class="button" href="?transfer={row.transfer_id}">Send</a>'
    return f'<span class="soft">comes {scene.time(row.expected_at)}</span>'
