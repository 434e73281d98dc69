"""What rides on a sorter, event by event: inducted, read, decided, and how its stay ends.

Scanner and PLC report on two ways, and either may be quicker. What one of them says is therefore
taken as proof of what must have gone before: a scan proves the induction, and a lane that the PLC
was told proves the decision, though the gateway that made it stopped before it was kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.sorting import commands as sorting
from wms.sorting.item import ENDED, Event, State, after

# A unit that nobody saw for so long after it was turned back was taken off the belt.
FORGOTTEN_AFTER = timedelta(hours=1)
_ROUND_LASTS = timedelta(minutes=10)
_READINGS = (Event.READ, Event.FAIL_READ, Event.READ_MANY)
_DECIDED = ("state", "unit", "lane", "decision", "read_at", "assigned_at", "acknowledged_at")
_ENDING = (
    *("state", "unit", "lane", "actual_lane", "plc_reason", "rounds", "ended_at"),
    *("told_boot", "told_seq"),
)
_UNDECIDED = (State.READ, State.NO_READ, State.MULTI_READ)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on a track: READ with its unit, FAIL_READ or READ_MANY."""

    track: int
    event: Event
    unit: str | None = None

    def __post_init__(self) -> None:
        assert self.event in _READINGS and (self.unit is not None) == (self.event is Event.READ)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a reading, and what the PLC made of it.

    `lane` 0 leaves it on the belt; `taken` where the PLC has the lane.
    """

    reading: Reading
    lane: int
    told: dict[str, object]
    taken: bool


@dataclass(frozen=True, slots=True)
class End:
    """How the stay on a track ends, or its round.

    `decided` where the PLC says that it was told this lane; `unit` is known from elsewhere than a
    scan that is kept; `told` are boot and number of the telegram that says so.
    """

    track: int
    event: Event
    lane: int
    reason: str
    decided: bool
    unit: str | None = None
    told: tuple[int, int] | None = None


async def record_induction(
    connection: asyncpg.Connection, device_id: int, track: int, now: datetime
) -> None:
    """Begins a stay, or a further round of one whose PLC lets it keep its track."""
    if track in await record_inductions(connection, device_id, [track], now):
        return
    item = await sorting.riding_item(connection, device_id, track)
    if item is not None:
        # The number is used again, so what had it has left the belt unheard.
        await _end(connection, item, Event.LOSE, now, {"plc_reason": "track_used_again"})
        await sorting.forget_tracks(connection, [item["unit"]] if item["unit"] else [])
    item = await _begin(connection, device_id, track, now)
    await _change(connection, item, {"inducted_at": now})


async def record_inductions(
    connection: asyncpg.Connection, device_id: int, tracks: list[int], now: datetime
) -> dict[int, asyncpg.Record]:
    """Begins stays on tracks, or notes the induction of those that a scan began; the stays.

    Nothing is done on a track where something rides already, or with which it comes round: it is
    missing in the answer.
    """
    rows = await sorting.induct_items(connection, device_id, tracks, now, now - _ROUND_LASTS)
    return {row["track"]: row for row in rows}


async def record_reading(
    connection: asyncpg.Connection,
    device_id: int,
    reading: Reading,
    tenant_id: int | None,
    now: datetime,
) -> None:
    """Notes what was read on a track; the same again changes nothing.

    Another unit than before has the number anew, so that what had it has left the belt unheard.

    Raises:
        Conflict: `wrong_state`, nothing can be read in this state.
    """
    riding = await sorting.riding_item(connection, device_id, reading.track)
    await read_item(connection, device_id, reading, riding, tenant_id, now)


async def read_item(
    connection: asyncpg.Connection,
    device_id: int,
    reading: Reading,
    riding: asyncpg.Record | None,
    tenant_id: int | None,
    now: datetime,
) -> None:
    """Notes what was read on a track, as `record_reading` does; `riding` is the stay there."""
    if riding is not None and riding["unit"] and reading.unit not in (None, riding["unit"]):
        await _end(connection, riding, Event.LOSE, now, {"plc_reason": "track_used_again"})
        await sorting.forget_tracks(connection, [riding["unit"]])
        riding = None
    item = await _item_of(connection, device_id, reading, riding, now)
    changes = read_changes(item, reading, tenant_id, now)
    if changes is not None:
        await _change(connection, item, changes)


def read_changes(
    item: asyncpg.Record, reading: Reading, tenant_id: int | None, now: datetime
) -> dict[str, object] | None:
    """What a reading changes in the stay that it is of; None where it says nothing new.

    Raises:
        Conflict: `wrong_state`, nothing can be read in this state.
    """
    state = State(item["state"])
    if _is_known(item, state, reading):
        return None
    changes: dict[str, object] = {"state": after(state, reading.event), "read_at": now}
    if reading.unit is not None:
        changes |= {"unit": reading.unit, "tenant_id": tenant_id}
    return changes


async def record_decisions(
    connection: asyncpg.Connection, device_id: int, decisions: Sequence[Decision], now: datetime
) -> list[Decision]:
    """Keeps what was decided and why; those about tracks on which nothing rides are given back.

    What they are about has left the belt, or its scan is still to be kept.
    """
    tracks = [decision.reading.track for decision in decisions]
    riding = {row["track"]: row for row in await sorting.items_on(connection, device_id, tracks)}
    nameless = {track for track, row in riding.items() if row["unit"] is None}
    named = [one.reading.unit for one in decisions if one.reading.track in nameless]
    units = [unit for unit in named if unit is not None]
    going = await sorting.units_going_round(connection, device_id, units) if units else set()
    early, decided = [], []
    for decision in decisions:
        item = riding.get(decision.reading.track)
        if item is None:
            early.append(decision)
            continue
        unit = decision.reading.unit
        if item["unit"] is None and unit in going:
            item = await _item_of(connection, device_id, decision.reading, item, now)
        if unit is None or item["unit"] in (None, unit):
            decided.append((item["id"], _decided(item, decision, now)))
    if decided:
        await sorting.change_items(connection, decided)
    return early


def _decided(item: asyncpg.Record, decision: Decision, now: datetime) -> dict[str, object]:
    state = State(item["state"])
    decided = dict(item) | {"decision": decision.told}
    if state is State.INDUCTED:
        state = after(state, decision.reading.event)
        decided |= {"read_at": now, "unit": decision.reading.unit}
    if decision.lane and not (state is State.ACKNOWLEDGED and item["lane"] == decision.lane):
        state = after(state, Event.ASSIGN)
        decided |= {"lane": decision.lane, "assigned_at": now}
    elif not decision.lane:
        decided["lane"] = None
        if state not in _UNDECIDED:
            state = after(state, Event.WITHDRAW)
    if decision.taken and state is State.ASSIGNED:
        state = after(state, Event.ACKNOWLEDGE)
        decided["acknowledged_at"] = now
    decided["state"] = state
    return {name: decided[name] for name in _DECIDED}


async def record_ends(
    connection: asyncpg.Connection,
    device_id: int,
    ends: Sequence[tuple[asyncpg.Record | None, End]],
    now: datetime,
) -> None:
    """Ends stays on tracks, or their rounds; beside each the stay, None for one nobody saw begin.

    Raises:
        Conflict: `wrong_state`.
    """
    rows = []
    for item, end in ends:
        stay = item or await _begin(connection, device_id, end.track, now)
        rows.append((stay["id"], _ended(stay, end, now)))
    await sorting.change_items(connection, rows)


def _ended(item: asyncpg.Record, end: End, now: datetime) -> dict[str, object]:
    facts: dict[str, object] = {"plc_reason": end.reason, "actual_lane": end.lane or None}
    if item["unit"] is None and end.unit is not None:
        facts["unit"] = end.unit
    if end.told is not None:
        facts |= {"told_boot": end.told[0], "told_seq": end.told[1]}
    state = State(item["state"])
    if end.event is Event.DIVERT:
        if state is State.INDUCTED:
            state = after(state, Event.READ if item["unit"] or end.unit else Event.FAIL_READ)
        if state in _UNDECIDED and end.decided:
            state = after(state, Event.ASSIGN)
            facts["lane"] = end.lane
    ended = dict(item) | _end_changes(item, end.event, now, facts, state)
    return {name: ended[name] for name in _ENDING}


async def late_reading(
    connection: asyncpg.Connection, device_id: int, reading: Reading, boot: int, now: datetime
) -> asyncpg.Record | None:
    """The stay whose end this boot of the PLC told before this reading of it came, if there is one.

    That is the last one on the track, unless it has another name by now.
    """
    told = await sorting.item_told(connection, device_id, reading.track, boot, now - _ROUND_LASTS)
    return told if told is not None and told["unit"] in (None, reading.unit) else None


async def lose_all(connection: asyncpg.Connection, device_id: int, now: datetime) -> int:
    """Ends all stays after the PLC forgot them; their totes are expected again."""
    return await _expect_again(connection, await sorting.lose_riding(connection, device_id, now))


async def lose_track(
    connection: asyncpg.Connection, device_id: int, track: int, now: datetime
) -> None:
    """Ends a stay of which the PLC knows nothing any more; its tote is expected again."""
    item = await sorting.riding_item(connection, device_id, track)
    if item is not None:
        await _end(connection, item, Event.LOSE, now, {"plc_reason": "unknown_track"})
        await _expect_again(connection, [item])


async def lose_forgotten(connection: asyncpg.Connection, device_id: int, now: datetime) -> int:
    """Ends the stays of what was turned back and taken off the belt unheard."""
    rows = await sorting.lose_forgotten(connection, device_id, now, FORGOTTEN_AFTER)
    return await _expect_again(connection, rows)


async def _expect_again(connection: asyncpg.Connection, rows: list[asyncpg.Record]) -> int:
    await sorting.forget_tracks(connection, [row["unit"] for row in rows if row["unit"]])
    return len(rows)


def _is_known(item: asyncpg.Record, state: State, reading: Reading) -> bool:
    """Whether a reading says nothing new."""
    if reading.event is Event.READ:
        return item["unit"] == reading.unit and state not in (State.INDUCTED, State.NO_READ)
    if reading.event is Event.FAIL_READ:
        # A second reader that saw nothing takes nothing away from the first.
        return state is not State.INDUCTED
    return state is State.MULTI_READ


async def _item_of(
    connection: asyncpg.Connection,
    device_id: int,
    reading: Reading,
    item: asyncpg.Record | None,
    now: datetime,
) -> asyncpg.Record:
    """The stay on a track: its unit's own, where it has come round again."""
    if item is not None and item["unit"] is not None:
        return item
    before = None
    if reading.unit is not None:
        before = await sorting.unit_going_round(connection, device_id, reading.unit)
    if before is None:
        return item or await _begin(connection, device_id, reading.track, now)
    return await _take_place(connection, device_id, reading.track, before, now)


async def _begin(
    connection: asyncpg.Connection, device_id: int, track: int, now: datetime
) -> asyncpg.Record:
    before = await sorting.track_going_round(connection, device_id, track, now - _ROUND_LASTS)
    if before is None:
        return await _hold(connection, device_id, track, now)
    return await _take_place(connection, device_id, track, before, now)


async def _hold(
    connection: asyncpg.Connection, device_id: int, track: int, now: datetime
) -> asyncpg.Record:
    """What rides on a track; a stay is begun where nothing does. Scan and PLC may meet here."""
    while True:
        item = await sorting.begin_item(connection, device_id, track, State.INDUCTED, now)
        item = item or await sorting.riding_item(connection, device_id, track)
        if item is not None:
            return item


async def _take_place(
    connection: asyncpg.Connection,
    device_id: int,
    track: int,
    before: asyncpg.Record,
    now: datetime,
) -> asyncpg.Record:
    """A stay that comes round takes the place of the one that was begun for it on a track."""
    begun = await _hold(connection, device_id, track, now)
    if begun["unit"] is not None:
        return begun
    await sorting.drop_item(connection, begun["id"])
    await _come_round(connection, before, track)
    await _change(connection, before, {"inducted_at": begun["inducted_at"]})
    again = await sorting.riding_item(connection, device_id, track)
    assert again is not None
    return again


async def _come_round(connection: asyncpg.Connection, before: asyncpg.Record, track: int) -> None:
    changes: dict[str, object] = {
        "state": after(State(before["state"]), Event.INDUCT),
        "track": track,
        "lane": None,
        "actual_lane": None,
        "plc_reason": None,
        "assigned_at": None,
        "acknowledged_at": None,
        "told_boot": None,
        "told_seq": None,
    }
    await _change(connection, before, changes)


async def _end(
    connection: asyncpg.Connection,
    item: asyncpg.Record,
    event: Event,
    now: datetime,
    facts: dict[str, object],
) -> None:
    changes = _end_changes(item, event, now, facts, State(item["state"]))
    await _change(connection, item, changes)


def _end_changes(
    item: asyncpg.Record, event: Event, now: datetime, facts: dict[str, object], state: State
) -> dict[str, object]:
    to = after(state, event)
    changes: dict[str, object] = facts | {"state": to}
    if to in ENDED:
        changes["ended_at"] = now
    if to is State.RECIRCULATED:
        changes["rounds"] = item["rounds"] + 1
    return changes


async def _change(
    connection: asyncpg.Connection, item: asyncpg.Record, changes: dict[str, object]
) -> None:
    await sorting.change_items(connection, [(item["id"], changes)])
