"""What each telegram of a sorter and of its scanners does, at its arrival and when it is replayed.

Everything that a decision depended on stands in the telegram, so that a replay needs no memory.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from devices.gs1 import is_sscc
from wms.equipment.device import DeadTelegram
from wms.journey.device.dead_letter import Effect
from wms.journey.wave import lane, ride, sort
from wms.journey.wave.parcel_sort import record_parcel_divert
from wms.journey.wave.ride import End, Reading
from wms.journey.wave.sort import Divert, Fall
from wms.sorting import commands as sorting
from wms.sorting.item import Event

SCAN = "scan"
INDUCTED = "inducted"
DIVERTED = "diverted"
# The PLC's encoder counts in 32 bits.
_COUNTS = 1 << 32
_READINGS = {
    "read": Event.READ,
    "no_read": Event.FAIL_READ,
    "multi_read": Event.READ_MANY,
}
_FALLS = {Divert.RIGHT: Event.DIVERT, Divert.SET_ASIDE: Event.REJECT}


async def note_scan(connection: asyncpg.Connection, telegram: DeadTelegram, now: datetime) -> bool:
    """Notes what was read on a track; False where such a unit is not on its way."""
    said: Mapping[str, Any] = telegram.payload
    if said.get("trigger") is None or "sorter_id" not in said:
        return True
    sorter_id, unit = said["sorter_id"], said["unit"]
    reading = Reading(said["trigger"], _READINGS[said["read"]], unit)
    riding = await sorting.riding_item(connection, sorter_id, reading.track)
    if riding is None and unit is not None and (boot := said.get("plc_boot")) is not None:
        told = await ride.late_reading(connection, sorter_id, reading, boot, now)
        telling = None if told is None else await sorting.telling_of(connection, told["id"])
        if told is not None and telling is not None and _is_this_pass(said, telling["payload"]):
            return await _note_late_scan(connection, sorter_id, told, telling, reading, now)
    expected, tenant_id = True, None
    if unit is not None:
        tenant_id = (await sort.record_reads(connection, {unit: reading.track}, now)).get(unit)
        expected = tenant_id is not None or is_sscc(unit)
    await ride.read_item(connection, sorter_id, reading, riding, tenant_id, now)
    return expected


async def _note_late_scan(
    connection: asyncpg.Connection,
    sorter_id: int,
    told: asyncpg.Record,
    telling: asyncpg.Record,
    reading: Reading,
    now: datetime,
) -> bool:
    """Names what its track has already brought to an end, and books that end under the name.

    A gateway that was killed told the PLC the lane, and nobody knew for which unit.
    """
    unit = reading.unit
    assert unit is not None, "what names nothing is not late"
    if told["unit"] is not None:
        return True
    tenant_id = (await sort.record_reads(connection, {unit: reading.track}, now)).get(unit)
    item = await sorting.reopen_item(connection, told["id"])
    await ride.read_item(connection, sorter_id, reading, item, tenant_id, now)
    telegram = DeadTelegram(
        telling["device"], telling["boot"], telling["seq"], telling["kind"], telling["payload"]
    )
    await note_event(connection, telegram, now)
    return tenant_id is not None or is_sscc(unit)


def _is_this_pass(said: Mapping[str, Any], end: Mapping[str, Any]) -> bool:
    """Whether an end is of the pass that a scan is of, and not of the track's last one.

    The belt's counts say so, of which the scan has the induction's where that was seen.
    """
    began = said.get("inducted_at")
    return began is None or (end["encoder"] - began) % _COUNTS < _COUNTS // 2


async def lock_before(connection: asyncpg.Connection, telegrams: Sequence[DeadTelegram]) -> None:
    """Locks what the effects of several telegrams will change, so that nobody meets half of it."""
    totes = [said.payload["tote"] for said in telegrams if said.kind == DIVERTED]
    known = [tote for tote in totes if isinstance(tote, str)]
    if len(known) > 1:
        await sorting.lock_orders(connection, known)


async def note_event(
    connection: asyncpg.Connection, telegram: DeadTelegram, now: datetime
) -> Divert | None:
    """Books what the PLC reports; what a divert turned out to be."""
    said: Mapping[str, Any] = telegram.payload
    sorter_id, track, kind = said["sorter_id"], said["track"], telegram.kind
    if kind == INDUCTED:
        await ride.record_induction(connection, sorter_id, track, now)
    elif kind in ("no_read", "multi_read"):
        reading = Reading(track, _READINGS[kind])
        await ride.record_reading(connection, sorter_id, reading, None, now)
    elif kind == DIVERTED:
        item = await sorting.riding_item(connection, sorter_id, track)
        return (await note_falls(connection, [(telegram, item)], now))[0]
    elif kind in ("recirculated", "rejected", "lost"):
        await _leave(connection, telegram, now)
    return None


async def note_falls(
    connection: asyncpg.Connection,
    fallen: Sequence[tuple[DeadTelegram, asyncpg.Record | None]],
    now: datetime,
) -> list[Divert]:
    """Books what fell into lanes of one sorter, beside each its stay; what each turned out to be.

    No unit falls twice.
    """
    falls = [_fall(telegram, item) for telegram, item in fallen]
    totes = [fall for fall in falls if not _is_parcel(fall)]
    booked = iter(await sort.record_diverts(connection, totes, now) if totes else ())
    verdicts = [
        await record_parcel_divert(connection, fall, now) if _is_parcel(fall) else next(booked)
        for fall in falls
    ]
    ends = [
        (item, _end(telegram, fall, verdict))
        for (telegram, item), fall, verdict in zip(fallen, falls, verdicts, strict=True)
    ]
    await ride.record_ends(connection, _sorter_of(fallen[0][0]), ends, now)
    for (telegram, _), fall, verdict in zip(fallen, falls, verdicts, strict=True):
        if verdict is Divert.RIGHT and telegram.payload["purge_after_wave"] and fall.unit:
            await lane.purge_after_wave(connection, _sorter_of(telegram), fall.unit, now)
    return verdicts


def _sorter_of(telegram: DeadTelegram) -> int:
    sorter_id = telegram.payload["sorter_id"]
    assert isinstance(sorter_id, int), "the gateway wrote it"
    return sorter_id


def _is_parcel(fall: Fall) -> bool:
    return fall.unit is not None and is_sscc(fall.unit)


def _fall(telegram: DeadTelegram, item: asyncpg.Record | None) -> Fall:
    said: Mapping[str, Any] = telegram.payload
    return Fall(
        unit=_unit(item, said),
        lane=said["actual"],
        place=said["place"],
        set_aside=said["set_aside"],
        command_id=f"{telegram.device}/{telegram.boot}/{telegram.seq}",
        device=telegram.device.rpartition("/")[2],
        device_id=said["sorter_id"],
    )


def _end(telegram: DeadTelegram, fall: Fall, verdict: Divert) -> End:
    said: Mapping[str, Any] = telegram.payload
    return End(
        said["track"],
        Event.REJECT if fall.set_aside else _FALLS.get(verdict, Event.STRAY),
        lane=fall.lane,
        reason=said["reason"],
        # The PLC took the other lane that it was given, or the right one without being told.
        decided=said["planned"] == said["actual"]
        or (verdict is Divert.RIGHT and not fall.set_aside),
        unit=fall.unit,
        told=(telegram.boot, telegram.seq),
    )


async def _leave(connection: asyncpg.Connection, telegram: DeadTelegram, now: datetime) -> None:
    said: Mapping[str, Any] = telegram.payload
    item = await sorting.riding_item(connection, said["sorter_id"], said["track"])
    unit = _unit(item, said)
    event = {"recirculated": Event.TURN_BACK, "rejected": Event.REJECT}.get(
        telegram.kind, Event.LOSE
    )
    end = End(
        said["track"],
        event,
        lane=0,
        reason=said["reason"],
        decided=False,
        unit=unit,
        told=(telegram.boot, telegram.seq),
    )
    await ride.record_ends(connection, said["sorter_id"], [(item, end)], now)
    if event is Event.REJECT:
        await sort.record_rejected(connection, unit)
    else:
        await sort.record_lost_sight(connection, unit, recirculated=event is Event.TURN_BACK)


def _unit(item: asyncpg.Record | None, said: Mapping[str, Any]) -> str | None:
    """The unit on a track: the one that the house has read there, else the one in memory."""
    unit: str | None = said["tote"]
    return unit if item is None or item["unit"] is None else item["unit"]


async def _scan_again(
    connection: asyncpg.Connection, telegram: DeadTelegram, now: datetime
) -> None:
    await note_scan(connection, telegram, now)


async def _event_again(
    connection: asyncpg.Connection, telegram: DeadTelegram, now: datetime
) -> None:
    await note_event(connection, telegram, now)


EFFECTS: Mapping[str, Effect] = {
    SCAN: _scan_again,
    **dict.fromkeys(
        (INDUCTED, "no_read", "multi_read", DIVERTED, "recirculated", "rejected", "lost"),
        _event_again,
    ),
}
