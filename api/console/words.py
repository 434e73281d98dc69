"""How the console writes moments, lengths, money and names; all text is escaped here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape

from wms.overview.pipeline import Stage

NOTHING = "–"
# Numbers by which programs know things; people know the order, the parcel and the ticket.
_HIDDEN = {
    "order_id",
    "external_order_id",
    "fulfilment_order_id",
    "hold_id",
    "handoff_id",
    "notice_id",
    "escalation_id",
    "object_id",
    "item_id",
}
# Reasons are sentences, which say themselves what they are.
_SAID = {"sources": "from", "reason": "", "detail": ""}
_WORDS = re.compile(r"[a-z]+(_[a-z]+)+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

STAGE_NAMES = {
    Stage.RECEIVED: "Received",
    Stage.ACCEPTED: "Accepted",
    Stage.OPEN: "Paid",
    Stage.RELEASED: "Released",
    Stage.PICKING: "Picking",
    Stage.PICKED: "Picked",
    Stage.SORTED: "Sorted",
    Stage.PACKED: "Packed",
    Stage.HANDED_OVER: "Handed over",
}
STAGE_MEANINGS = {
    Stage.RECEIVED: "arrived, not decided yet",
    Stage.ACCEPTED: "promised, waiting for payment",
    Stage.OPEN: "firm, waiting for a wave",
    Stage.RELEASED: "bins reserved, waiting for a picker",
    Stage.PICKING: "on a cart",
    Stage.PICKED: "on the way to packing",
    Stage.SORTED: "complete at its packing place",
    Stage.PACKED: "labelled, waiting for its departure",
    Stage.HANDED_OVER: "with the carrier, last 24 h",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What every drawing needs to know: the moment it shows, and the clock on the wall."""

    now: datetime
    zone: tzinfo
    viewer: str = ""

    def time(self, at: datetime | None) -> str:
        """A moment of today as hours, minutes and seconds, else with its date."""
        if at is None:
            return NOTHING
        local = at.astimezone(self.zone)
        clock = local.strftime("%H:%M:%S")
        if local.date() == self.now.astimezone(self.zone).date():
            return clock
        return f"{local.strftime('%d %b')} {clock}"

    def minute(self, at: datetime) -> str:
        """A moment as hours and minutes."""
        return at.astimezone(self.zone).strftime("%H:%M")

    def since(self, at: datetime | None) -> str:
        """How long ago a moment was."""
        return NOTHING if at is None else duration(self.now - at)


def duration(length: timedelta) -> str:
    """A length of time in the two units that matter."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def milliseconds(value: float | None) -> str:
    """A latency, in seconds from one second on."""
    if value is None:
        return NOTHING
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"


def metres(value_mm: float | None) -> str:
    """A walked distance in metres."""
    return NOTHING if value_mm is None else f"{value_mm / 1000:,.0f} m".replace(",", " ")


def kilometres(value_m: float | None) -> str:
    """A driven distance in kilometres."""
    return NOTHING if value_m is None else f"{value_m / 1000:,.0f} km".replace(",", " ")


def kilograms(value_g: int) -> str:
    """A mass in kilograms."""
    return f"{value_g / 1000:.1f} kg"


def percent(share: float | None) -> str:
    """A share in percent."""
    return NOTHING if share is None else f"{share * 100:.0f} %"


def money(amount_minor: int, currency: str) -> str:
    """An amount with its currency; all currencies of the shops so far have two decimals."""
    return f"{amount_minor / 100:,.2f} {escape(currency)}"


def stage_name(stage: str) -> str:
    """A stage or another state in plain words."""
    if stage in set(Stage):
        return STAGE_NAMES[Stage(stage)]
    return plain(stage)


def event_name(event_type: str) -> str:
    """An event's type in plain words: `order.handed_over` becomes `Handed over`.

    What another thing than the order went through says so: `handoff.released` is no release of it.
    """
    of, _, what = event_type.rpartition(".")
    thing = {"handoff": "ticket ", "step": "step "}.get(of, "")
    return escape(f"{thing}{what.replace('_', ' ')}".capitalize())


def actor_name(actor: str) -> str:
    """Who did it, without the kind before the colon where a name follows."""
    return escape(actor.partition(":")[2] or actor)


def facts(data: dict[str, object], scene: Scene) -> str:
    """An event's data as short facts; numbers that no screen speaks of are left out."""
    return escape(" · ".join(f"{name} {value}".strip() for name, value in _facts(data, scene)))


def _facts(data: dict[str, object], scene: Scene) -> Iterable[tuple[str, str]]:
    for key, value in data.items():
        if key not in _HIDDEN and value not in (None, "", [], {}):
            name = key.removesuffix("_id").replace("_", " ")
            yield _SAID.get(name, name), _plain(value, scene)


def _plain(value: object, scene: Scene) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(one, scene) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {text}".strip() for name, text in _facts(value, scene))
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return scene.time(datetime.fromisoformat(value))
    if isinstance(value, str) and _WORDS.fullmatch(value):
        return value.replace("_", " ")
    return str(value)


def join(parts: Iterable[str]) -> str:
    """Markup put together."""
    return "".join(parts)


def plain(state: str) -> str:
    """A state in plain words."""
    return escape(state.replace("_", " ").capitalize())


def pill(state: str, name: str | None = None) -> str:
    """A state as a small label."""
    return f'<span class="pill" data-state="{escape(state)}">{name or plain(state)}</span>'


def empty(headline: str, advice: str) -> str:
    """What stands where nothing is yet: what it will be and how it comes."""
    return f'<div class="empty"><strong>{headline}</strong><p>{advice}</p></div>'


def bar(done: int, total: int) -> str:
    """How much of something is done."""
    share = 0 if total == 0 else round(done / total * 100)
    return (
        f'<span class="bar" role="img" aria-label="{done} of {total}">'
        f'<i style="width:{share}%"></i></span>'
    )
