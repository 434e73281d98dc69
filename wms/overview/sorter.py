"""Sorters as planners see them: link, mode, lanes, alarms, and why each item goes where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from wms.error import NotFound
from wms.sorting import queries as sorting
from wms.sorting.item import ENDED, State
from wms.sorting.plan import SorterPlan, read_plan

ITEMS = 40
EVENTS = 20
ALARMS = 12
ORDERS = 8
HOURS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """A lane: where it ends and how it stands; `state` is open, full, fault or closed.

    `standing` is in it by the books, `riding` is on its way to it. `capacity` is known where
    somebody said it. `purpose` is sort, reject or late.
    """

    lane: int
    place: str | None
    purpose: str
    state: str
    standing: int
    riding: int
    capacity: int | None
    closed_by: str | None = None
    closed_why: str | None = None

    @property
    def load(self) -> int:
        return self.standing + self.riding


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """A stay on the sorter with the decision that stands; `decision` says why."""

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

    @property
    def why(self) -> str:
        """The reason of the decision in a sentence; empty before there is one."""
        return str((self.decision or {}).get("why", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """A trouble, standing until it is cleared."""

    kind: str
    subject: str
    said: str
    raised_at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """What was asked of a lane, and what came of it."""

    id: int
    lane: int
    op: str
    why: str
    state: str
    result: str | None
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """What the PLC reported."""

    seq: int
    kind: str
    track: int
    planned: int
    actual: int
    reason: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SorterRow:
    """A sorter at a glance; `link` is down, handshake, run or stale, None where none was served."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """A sorter whole."""

    row: SorterRow
    belt_speed_mm_s: int | None
    lanes: tuple[LaneView, ...]
    riding: tuple[ItemView, ...]
    recent: tuple[ItemView, ...]
    alarms: tuple[AlarmView, ...]
    orders: tuple[OrderView, ...]
    events: tuple[EventView, ...]
    ended: dict[str, int]
    reject_lane: int | None


async def sorters(connection: asyncpg.Connection) -> tuple[SorterRow, ...]:
    """All sorters of the house."""
    return tuple([await _row(connection, row) for row in await sorting.sorters(connection)])


async def sorter(connection: asyncpg.Connection, name: str, site: str | None = None) -> Sorter:
    """A sorter with all that people ask about it.

    Raises:
        NotFound: `unknown_sorter`.
    """
    row = await sorting.sorter_of_name(connection, name, site)
    if row is None:
        raise NotFound("unknown_sorter", f"There is no sorter {name}.")
    items = [_item(one) for one in await sorting.items_before(connection, row["id"], None, ITEMS)]
    riding = [_item(one) for one in await sorting.items_riding(connection, row["id"])]
    device = "/".join((row["site"], row["area"], "sorter", row["name"]))
    events = await sorting.last_events(connection, device, row["boot"] or 0, EVENTS)
    plan = plan_of(row["config"])
    return Sorter(
        row=await _row(connection, row, riding),
        belt_speed_mm_s=row["detail"].get("belt_speed_mm_s"),
        lanes=await _lanes(connection, row, plan, riding),
        riding=tuple(riding),
        recent=tuple(item for item in items if item.state in ENDED),
        alarms=tuple(
            AlarmView(**_only(one, AlarmView))
            for one in await sorting.recent_alarms(connection, row["id"], ALARMS)
        ),
        orders=tuple(
            OrderView(**_only(one, OrderView))
            for one in await sorting.lane_commands_before(connection, row["id"], ORDERS)
        ),
        events=tuple(_event(one) for one in events),
        ended=dict(await sorting.ended_since(connection, row["id"], HOURS)),
        reject_lane=plan.reject_lane,
    )


async def items(
    connection: asyncpg.Connection, device_id: int, before: int | None, limit: int
) -> tuple[ItemView, ...]:
    """The stays on a sorter, the newest first."""
    rows = await sorting.items_before(connection, device_id, before, limit)
    return tuple(_item(row) for row in rows)


async def items_of_unit(
    connection: asyncpg.Connection, unit: str, limit: int
) -> tuple[ItemView, ...]:
    """The stays of a unit on any sorter, the newest first."""
    return tuple(_item(row) for row in await sorting.items_of_unit(connection, unit, limit))


def plan_of(config: Mapping[str, object]) -> SorterPlan:
    """The plan of a sorter, the plainest where its row says nonsense, which the gateway refuses."""
    try:
        return read_plan(config)
    except ValueError:
        return SorterPlan()


async def _row(
    connection: asyncpg.Connection, row: asyncpg.Record, riding: list[ItemView] | None = None
) -> SorterRow:
    if riding is None:
        riding = [_item(one) for one in await sorting.items_riding(connection, row["id"])]
    detail = row["detail"]
    return SorterRow(
        id=row["id"],
        site=row["site"],
        name=row["name"],
        address=row["address"],
        in_service=row["in_service"],
        # A state that nobody keeps any more is not the sorter's.
        link=row["link"] if row["holder"] is not None else None,
        mode=detail.get("mode"),
        circuit=detail.get("circuit"),
        fault=detail.get("fault", ""),
        boot=row["boot"],
        served_by=row["holder"],
        changed_at=row["changed_at"],
        alarms=len(await sorting.standing_alarms(connection, row["id"])),
        riding=len(riding),
    )


async def _lanes(
    connection: asyncpg.Connection,
    row: asyncpg.Record,
    plan: SorterPlan,
    riding: list[ItemView],
) -> tuple[LaneView, ...]:
    detail = row["detail"]
    full, fault = set(detail.get("lanes_full", ())), set(detail.get("lanes_fault", ()))
    closed = {one["lane"]: one for one in await sorting.closed_lanes(connection, row["id"])}
    standing = {
        one["lane"]: one["standing"]
        for one in await sorting.standing_in_lanes(connection, row["id"])
    }
    named: dict[int, str] = {}
    for place in await sorting.places_with_lanes(connection):
        named.setdefault(place["lane"], place["code"])
    known = {one.lane for one in plan.lanes} | set(named) | plan.set_aside | closed.keys()
    views = []
    for lane in sorted(known | full | fault):
        shut = closed.get(lane)
        told = plan.lane(lane)
        views.append(
            LaneView(
                lane=lane,
                place=told.place or named.get(lane),
                purpose=_purpose(plan, lane),
                state=_state(shut is not None, lane in fault, lane in full),
                standing=standing.get(lane, 0),
                riding=sum(
                    item.lane == lane and item.state != State.RECIRCULATED for item in riding
                ),
                capacity=told.capacity,
                closed_by=shut["closed_by"] if shut is not None else None,
                closed_why=shut["closed_why"] if shut is not None else None,
            )
        )
    return tuple(views)


def _purpose(plan: SorterPlan, lane: int) -> str:
    if lane == plan.reject_lane:
        return "reject"
    return "late" if lane == plan.late_lane else "sort"


def _state(closed: bool, fault: bool, full: bool) -> str:
    if fault:
        return "fault"
    if closed:
        return "closed"
    return "full" if full else "open"


def _item(row: asyncpg.Record) -> ItemView:
    return ItemView(**_only(row, ItemView))


def _event(row: asyncpg.Record) -> EventView:
    said = row["payload"]
    return EventView(
        seq=row["seq"],
        kind=row["kind"],
        track=said.get("track", 0),
        planned=said.get("planned", 0),
        actual=said.get("actual", 0),
        reason=str(said.get("reason", "")),
        received_at=row["received_at"],
    )


def _only(row: asyncpg.Record, view: type) -> dict[str, Any]:
    return {name: row[name] for name in view.__dataclass_fields__}  # type: ignore[attr-defined]
