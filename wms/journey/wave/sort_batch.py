"""Telegrams of a sorter booked together: one statement for all of them where it was one for each.

Only what does not meddle with each other is: inductions, scans and falls of tracks and units of
their own. All else is booked one by one in the order of its arrival, as `sort_effect` does.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg

from devices.gs1 import is_sscc
from wms.equipment.device import DeadTelegram
from wms.journey.wave import ride, sort, sort_effect
from wms.journey.wave.ride import Decision, Reading
from wms.journey.wave.sort import Divert
from wms.sorting import commands as sorting
from wms.sorting.item import Event

# On one track each of them may follow those before it, and none of the others.
_STEPS = {sort_effect.INDUCTED: 0, sort_effect.SCAN: 1, sort_effect.DIVERTED: 2}
_Items = dict[int, asyncpg.Record]
Answer = Divert | bool | None


async def note_together(
    connection: asyncpg.Connection,
    sorter_id: int,
    telegrams: Sequence[DeadTelegram],
    decisions: Sequence[Decision],
    now: datetime,
) -> list[Answer] | None:
    """Books what scanners and PLC report, and what was decided before units fell.

    Answers what `note_scan` and `note_event` do for each. None where one of the telegrams may hang
    on another: nothing is done then.
    """
    if not _are_apart(telegrams):
        return None
    tracks = sorted({_track(said) for said in telegrams})
    items = await _riding(connection, sorter_id, tracks)
    named = _named(telegrams, decisions, items)
    if len({unit for unit, _ in named}) < len(named):
        return None
    steps: list[list[tuple[int, DeadTelegram]]] = [[] for _ in _STEPS]
    for place, said in enumerate(telegrams):
        steps[_STEPS[said.kind]].append((place, said))
    inducted, scanned, fallen = steps
    # Falls alone lock their orders in the same order by themselves.
    if scanned and len(named) > 1:
        await sorting.lock_orders(connection, sorted(unit for unit, _ in named))
    if inducted:
        await _induct(connection, sorter_id, [_track(said) for _, said in inducted], items, now)
    answers = await _note_scans(connection, sorter_id, scanned, items, now)
    changed = {_track(said) for _, said in scanned}
    if decisions:
        await ride.record_decisions(connection, sorter_id, decisions, now)
        changed |= {decision.reading.track for decision in decisions}
    if again := changed & {_track(said) for _, said in fallen}:
        items |= await _riding(connection, sorter_id, again)
    if fallen:
        stays = [(said, items.get(_track(said))) for _, said in fallen]
        verdicts = await sort_effect.note_falls(connection, stays, now)
        answers |= {place: verdict for (place, _), verdict in zip(fallen, verdicts, strict=True)}
    return [answers.get(place) for place in range(len(telegrams))]


def _track(said: DeadTelegram) -> int:
    track = said.payload["trigger" if said.kind == sort_effect.SCAN else "track"]
    assert isinstance(track, int), "asked only of what is on a track"
    return track


def _are_apart(telegrams: Sequence[DeadTelegram]) -> bool:
    """Whether each track has one induction, scan and fall at most, in this order."""
    last: dict[int, int] = {}
    for said in telegrams:
        step, track = _STEPS.get(said.kind), said.payload.get("track", said.payload.get("trigger"))
        if step is None or not isinstance(track, int) or last.get(track, -1) >= step:
            return False
        last[track] = step
    return True


def _named(
    telegrams: Sequence[DeadTelegram],
    decisions: Sequence[Decision],
    items: Mapping[int, asyncpg.Record],
) -> set[tuple[str, int]]:
    """Every unit that somebody names, with each track on which they do."""
    named = {
        (said.payload.get("unit", said.payload.get("tote")), _track(said)) for said in telegrams
    }
    named |= {(one.reading.unit, one.reading.track) for one in decisions}
    named |= {(item["unit"], track) for track, item in items.items()}
    return {(unit, track) for unit, track in named if isinstance(unit, str)}


async def _riding(connection: asyncpg.Connection, sorter_id: int, tracks: Iterable[int]) -> _Items:
    rows = await sorting.items_on(connection, sorter_id, list(tracks))
    return {row["track"]: row for row in rows}


async def _induct(
    connection: asyncpg.Connection,
    sorter_id: int,
    tracks: list[int],
    items: _Items,
    now: datetime,
) -> None:
    begun = await ride.record_inductions(connection, sorter_id, tracks, now)
    items |= begun
    again = [track for track in tracks if track not in begun]
    for track in again:
        await ride.record_induction(connection, sorter_id, track, now)
    if again:
        items |= await _riding(connection, sorter_id, again)


async def _note_scans(
    connection: asyncpg.Connection,
    sorter_id: int,
    scanned: Sequence[tuple[int, DeadTelegram]],
    items: _Items,
    now: datetime,
) -> dict[int, Answer]:
    """Notes scans together where a stay has no name yet; the others by themselves."""
    told = [said.payload["unit"] for _, said in scanned]
    units = [unit for unit in told if isinstance(unit, str)]
    going = await sorting.units_going_round(connection, sorter_id, units) if units else set()
    plain: dict[int, Reading] = {}
    answers: dict[int, Answer] = {}
    for place, said in scanned:
        track, unit = _track(said), said.payload["unit"]
        item = items.get(track)
        if unit is None or unit in going or item is None or item["unit"] not in (None, unit):
            answers[place] = await sort_effect.note_scan(connection, said, now)
        else:
            assert isinstance(unit, str), "the gateway wrote it"
            plain[place] = Reading(track, Event.READ, unit)
    if plain:
        tenants = await _read(connection, list(plain.values()), items, now)
        for place, reading in plain.items():
            answers[place] = reading.unit in tenants or is_sscc(reading.unit or "")
    return answers


async def _read(
    connection: asyncpg.Connection, readings: Sequence[Reading], items: _Items, now: datetime
) -> Mapping[str, int]:
    """Names stays; the tenants of the units that are totes on their way."""
    track_of = {reading.unit: reading.track for reading in readings if reading.unit is not None}
    tenants = await sort.record_reads(connection, track_of, now)
    rows = []
    for reading in readings:
        item, tenant_id = items[reading.track], tenants.get(reading.unit or "")
        changes = ride.read_changes(item, reading, tenant_id, now)
        if changes is not None:
            rows.append((item["id"], changes))
    if rows:
        await sorting.change_items(connection, rows)
    return tenants
