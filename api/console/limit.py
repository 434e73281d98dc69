"""How long each step of the house may take, whose it is, and who is told next."""

import re
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from urllib.parse import urlencode

import asyncpg

from api.console.handoff import STEP_NAMES
from api.console.words import NOTHING, Scene, actor_name, join, plain
from wms.handoff.sop import ABOUT, Step
from wms.handoff.ticket import Urgency, next_role
from wms.orders.hold import CARE, SHOP
from wms.tenants.staff import Role

PATH = "/console/tickets/limits"
UNITS_S = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
_PART = re.compile(r"(\d{1,7})\s*(d|h|min|s)\s*")
WRITTEN = "as 45 min, 2 h or 1 d 12 h"
ROOMS = (
    (
        "An order's way",
        (
            Step.WAYBILL,
            Step.DELIVER,
            Step.RELEASE,
            Step.PICK,
            Step.SORT,
            Step.PACK,
            Step.LABEL,
            Step.STAGE,
            Step.HAND_OVER,
        ),
    ),
    ("Goods", (Step.RECEIVE, Step.PUT_AWAY, Step.REFILL, Step.COUNT)),
    ("Holds", (Step.HOLD,)),
    ("Tickets", (Step.TICKET,)),
)


def span(seconds: int) -> str:
    """A length of time, exactly, as `length_of` reads it."""
    parts, rest = [], seconds
    for unit, size_s in UNITS_S.items():
        many, rest = divmod(rest, size_s)
        if many:
            parts.append(f"{many} {unit}")
    return " ".join(parts) or "0 s"


def length_of(text: str) -> timedelta | None:
    """The length of time that is written there, or None where none is."""
    written = text.strip().lower()
    if not written or _PART.sub("", written):
        return None
    return timedelta(
        seconds=sum(int(part[1]) * UNITS_S[part[2]] for part in _PART.finditer(written))
    )


def step_name(step: Step) -> str:
    """A step as planners call it."""
    return STEP_NAMES.get(step, step.value.capitalize())


def draw(rows: Sequence[asyncpg.Record], may_change: bool, scene: Scene) -> str:
    """All steps with their limits, by what they are about."""
    known = {(row["step"], row["kind"]): row for row in rows}
    who = "Choose a step to change it." if may_change else "A supervisor changes them."
    cards = join(_card(name, steps, known, may_change, scene) for name, steps in ROOMS)
    return f"""<p class="crumb"><a href="/console/tickets">Tickets</a></p>
      <div class="head"><h1 class="page-title">Limits of steps</h1>
      <p class="lead">What takes longer is told to whoever is responsible, and later to the next
        role, once each. {who}</p></div>{cards}"""


def _card(
    name: str,
    steps: Sequence[Step],
    known: dict[tuple[str, str], asyncpg.Record],
    may_change: bool,
    scene: Scene,
) -> str:
    body = join(
        _row(step, kind, known.get((step, kind)), may_change, scene)
        for step in steps
        for kind in kinds_of(step)
    )
    return f"""<section class="card flush limits"><header><h2>{name}</h2></header>
      <table class=list><thead><tr><th>Step</th><th>Whose</th><th class=num>May take</th>
      <th>Then</th><th>Changed</th></tr></thead><tbody>{body}</tbody></table></section>"""


def kinds_of(step: Step) -> tuple[str, ...]:
    """Of what a step has limits of their own: holds by kind, tickets by urgency."""
    if step is Step.HOLD:
        return ("", *CARE)
    return tuple(Urgency) if step is Step.TICKET else ("",)


def _row(step: Step, kind: str, row: asyncpg.Record | None, may_change: bool, scene: Scene) -> str:
    name, about = _name(step, kind)
    if may_change:
        link = escape(urlencode({"step": step.value, "kind": kind}))
        name = f'<a class="strong" href="?{link}">{name}</a>'
    else:
        name = f'<span class="strong">{name}</span>'
    first = f'<td>{name}<span class="soft about"> {escape(about)}</span></td>'
    key = f'data-key="{step}/{escape(kind)}"'
    if row is None:
        care = CARE[kind]
        return (
            f'<tr {key}>{first}<td class="soft">{care.owned_by}</td>'
            f'<td class="num soft">{span(int(care.lasts.total_seconds()))}</td>'
            f'<td class="soft">as all holds</td><td class="soft">{NOTHING}</td></tr>'
        )
    own = "its own time" if row["limit_s"] is None else span(row["limit_s"])
    by = NOTHING
    if row["changed_at"] is not None:
        by = f"{actor_name(row['changed_by'])}, {scene.time(row['changed_at'])}"
    return (
        f'<tr {key}>{first}<td>{_whose(step, kind, row)}</td><td class="num strong">{own}</td>'
        f'<td>{_then(kind, row)}</td><td class="soft">{by}</td></tr>'
    )


def _whose(step: Step, kind: str, row: asyncpg.Record) -> str:
    if step is not Step.HOLD:
        return str(row["role"])
    return CARE[kind].owned_by if kind else "whoever owns it"


def _then(kind: str, row: asyncpg.Record) -> str:
    """Who is told next, and how much later."""
    owner = CARE[kind].owned_by if kind in CARE else SHOP
    role = Role(row["role"] if owner == SHOP else owner)
    above = next_role(role)
    return "" if above is role else f"{above}, {span(row['escalate_s'])} later"


def _name(step: Step, kind: str) -> tuple[str, str]:
    if step is Step.TICKET:
        return plain(kind), "from the question to a human's answer"
    if step is Step.HOLD:
        if not kind:
            return "All holds", "unless their kind has a limit below"
        return plain(kind), CARE[kind].about
    return step_name(step), ABOUT[step]
