"""What the link hears beside events, written down in batches: states as they change, bad messages.

Nothing here waits for a database: a burst costs memory that is bounded, and one transaction.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
import structlog

from api.gateway.lease import DATABASE_FAULTS, Lease, LeaseLost
from api.gateway.roster import Roster
from devices.error import DecodeError
from devices.link.bad import BadKind, BadMessage
from devices.link.client import DeviceView
from devices.link.topic import DeviceName, parse_name
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.equipment import queries as equipment_rows

_log = structlog.get_logger(__name__)
_GATHER_S = 0.2
_BAD_GATHER_S = 1.0
_AGAIN_S = 1.0
_BAD_DEVICES_MAX = 500
_BAD_WAITING_MAX = 2_000
_TEXT_MAX = 500
_Key = tuple[str, BadKind]


@dataclass(frozen=True, slots=True)
class _State:
    online: bool | None
    boot: int | None
    birth: dict[str, object] | None
    link: str | None = None


class StateKeeper:
    """Writes what devices say of themselves, and tells in the log who came and who went."""

    def __init__(
        self, lease: Lease, roster: Roster, now: Callable[[], datetime], counts: Counter[str]
    ) -> None:
        self._lease = lease
        self._roster = roster
        self._now = now
        self._counts = counts
        self._changed: dict[int, tuple[str, _State]] = {}
        self._written: dict[int, _State] = {}
        self._rung = asyncio.Event()

    def note(self, name: DeviceName, view: DeviceView) -> None:
        """Take what a device said."""
        device_id = self._roster.device_id(name)
        if device_id is None:
            return
        birth = None
        if view.birth is not None:
            birth = {
                "schema": view.birth.schema,
                "capabilities": list(view.birth.capabilities),
                "boot": view.birth.boot,
            }
        self._take(device_id, str(name), _State(view.online, view.boot, birth))

    def note_connection(self, connected: bool) -> None:
        """Take that the broker is there, or gone."""
        state = _State(connected, self._lease.fence, None, "up" if connected else "down")
        self._take(self._lease.device_id, self._lease.name, state)

    def _take(self, device_id: int, name: str, state: _State) -> None:
        if self._written.get(device_id) != state or device_id in self._changed:
            self._changed[device_id] = (name, state)
            self._rung.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._rung.wait()
            await asyncio.sleep(_GATHER_S)
            self._rung.clear()
            changed, self._changed = self._changed, {}
            try:
                await self._write(changed)
            except (LeaseLost, *DATABASE_FAULTS) as error:
                _log.warning("states not written", error=repr(error))
                self._changed = changed | self._changed
                self._rung.set()
                await asyncio.sleep(_AGAIN_S)

    async def _write(self, changed: dict[int, tuple[str, _State]]) -> None:
        new: set[int] = set()
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            for device_id, (_, state) in sorted(changed.items()):
                if await equipment.note_state(
                    connection,
                    device_id,
                    online=state.online,
                    boot=state.boot,
                    birth=state.birth,
                    link=state.link,
                    now=self._now(),
                ):
                    new.add(device_id)
        for device_id, (name, state) in changed.items():
            before = self._written.get(device_id)
            self._written[device_id] = state
            if device_id in new and (before is None or before.online != state.online):
                self._tell(name, state)

    def _tell(self, name: str, state: _State) -> None:
        if state.online is None:
            return
        event = "device.online" if state.online else "device.offline"
        self._counts[event] += 1
        (_log.info if state.online else _log.warning)(event, device=name, boot=state.boot)


class BadKeeper:
    """Counts bad messages in the database, one row a kind and device."""

    def __init__(self, lease: Lease, site: str, now: Callable[[], datetime]) -> None:
        self._lease = lease
        self._site = site
        self._now = now
        self._counted: dict[_Key, tuple[int, BadMessage]] = {}
        self._devices: set[str] = set()
        self._elsewhere: dict[str, list[str]] = {}
        self._is_loaded = False
        self._rung = asyncio.Event()

    def note(self, bad: BadMessage) -> None:
        """Take a bad message."""
        key = (bad.device, bad.kind)
        if key not in self._counted and len(self._counted) >= _BAD_WAITING_MAX:
            key = ("", bad.kind)
        count, _ = self._counted.get(key, (0, bad))
        self._counted[key] = (count + 1, bad)
        self._rung.set()

    def note_boots(self, bad: BadMessage) -> None:
        """Take only what the one who takes a device's events can tell; the site's link the rest."""
        if bad.kind in (BadKind.OLD_BOOT, BadKind.REPLAY):
            self.note(bad)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            counted, self._counted = self._counted, {}
            try:
                await self._write(counted)
            except (LeaseLost, *DATABASE_FAULTS) as error:
                _log.warning("bad messages not written", error=repr(error))
                self._put_back(counted)
            await asyncio.sleep(_BAD_GATHER_S)

    async def _write(self, counted: dict[_Key, tuple[int, BadMessage]]) -> None:
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            if not self._is_loaded:
                known = await equipment_rows.bad_devices(connection, self._site)
                self._devices = {row["device"] for row in known}
                self._is_loaded = True
            for (device, _), (count, message) in sorted(counted.items()):
                bad = await self._placed(connection, message)
                await equipment.count_bad(
                    connection,
                    self._site,
                    self._row_of(device),
                    bad.kind,
                    bad.topic[:_TEXT_MAX],
                    bad.reason[:_TEXT_MAX],
                    bad.payload,
                    bad.payload_bytes,
                    count,
                    self._now(),
                )

    def _row_of(self, device: str) -> str:
        """Whose row counts it: devices beyond the first hundreds share one."""
        if device not in self._devices and len(self._devices) >= _BAD_DEVICES_MAX:
            return ""
        self._devices.add(device)
        return device

    async def _placed(self, connection: asyncpg.Connection, bad: BadMessage) -> BadMessage:
        """The message, as one of the wrong site where its device is known at another."""
        if bad.kind is not BadKind.UNKNOWN_DEVICE:
            return bad
        if bad.device not in self._elsewhere and len(self._elsewhere) <= _BAD_DEVICES_MAX:
            try:
                name = parse_name(bad.device).device
            except DecodeError:
                return bad
            sites = await equipment_rows.sites_of_name(connection, name, self._site)
            self._elsewhere[bad.device] = sites
        sites = self._elsewhere.get(bad.device, [])
        if not sites:
            return bad
        reason = f"{bad.device} is registered at {', '.join(sites)}"
        return replace(bad, kind=BadKind.WRONG_SITE, reason=reason)

    def _put_back(self, counted: dict[_Key, tuple[int, BadMessage]]) -> None:
        for key, (count, bad) in counted.items():
            more, last = self._counted.get(key, (0, bad))
            self._counted[key] = (count + more, last)
        self._rung.set()
