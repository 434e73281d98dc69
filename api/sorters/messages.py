"""Sorters, their lanes, and what rides on them, as staff read and change them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL

Why = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]


class LaneRequest(BaseModel):
    """Why a lane is closed, opened or purged; everybody reads it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "rack full"}]}
    )

    why: Why = "asked for"


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SorterRowView(_View):
    """A sorter at a glance; `link` is null while no gateway serves it."""

    id: int
    site: str
    name: str
    address: str | None
    in_service: bool
    link: str | None
    mode: str | None
    circuit: str | None
    fault: str
    boot: int | None
    served_by: str | None
    changed_at: datetime | None
    alarms: int
    riding: int


class SorterList(BaseModel):
    """All sorters."""

    items: list[SorterRowView]


class LaneView(_View):
    """A lane: where it ends, and how it stands (open, full, fault or closed)."""

    lane: int
    place: str | None
    purpose: str
    state: str
    standing: int
    riding: int
    load: int
    capacity: int | None
    closed_by: str | None
    closed_why: str | None


class ItemView(_View):
    """A stay on the sorter; `decision` is the one that stands, with its rule, its reason, the load
    of its lane, and why the destination's other lanes were not taken.
    """

    id: int
    track: int
    state: str
    unit: str | None
    lane: int | None
    actual_lane: int | None
    rounds: int
    plc_reason: str | None
    decision: dict[str, Any] | None
    begun_at: datetime
    inducted_at: datetime | None
    read_at: datetime | None
    assigned_at: datetime | None
    acknowledged_at: datetime | None
    ended_at: datetime | None


class ItemList(BaseModel):
    """Stays, the newest first."""

    items: list[ItemView]
    next: str | None = None


class AlarmView(_View):
    """A trouble; it stands until `cleared_at`."""

    kind: str
    subject: str
    said: str
    raised_at: datetime
    cleared_at: datetime | None


class LaneOrderView(_View):
    """What was asked of a lane; done only when the PLC said so."""

    id: int
    lane: int
    op: str
    why: str
    state: str
    result: str | None
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None


class EventView(_View):
    """What the PLC reported."""

    seq: int
    kind: str
    track: int
    planned: int
    actual: int
    reason: str
    received_at: datetime


class SorterView(BaseModel):
    """A sorter whole."""

    sorter: SorterRowView
    belt_speed_mm_s: int | None
    reject_lane: int | None
    lanes: list[LaneView]
    riding: list[ItemView]
    alarms: list[AlarmView]
    orders: list[LaneOrderView]
    events: list[EventView]
    last_hour: dict[str, int]
