"""The link of a whole site: every registered device but those over a sorter, held by one lease."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from api.gateway.bell import Bell
from api.gateway.intake import SiteJournal
from api.gateway.keeper import BadKeeper, StateKeeper
from api.gateway.lease import Lease
from api.gateway.roster import Roster
from devices.error import DecodeError
from devices.journal import CommandAnswer, OpenCommand, Sequence
from devices.link.client import BrokerAddress, DeviceLink, Presence
from devices.link.topic import DeviceName, parse_name
from wms.database.pool import staff_transaction
from wms.equipment.device import GATEWAY_AREA, GATEWAY_CLASS, GATEWAY_NAME
from wms.journey.device import order

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """What the site's link works with; a bell rings where commands wait or the roster changed."""

    broker: BrokerAddress
    name: str
    now: Callable[[], datetime]
    commands_changed: Bell
    roster_changed: Bell
    roster: Roster
    counts: Counter[str]


class SiteCommands:
    """Keeps what the devices of a site are asked to do."""

    def __init__(self, lease: Lease, site: Site) -> None:
        self._lease = lease
        self._site = site

    async def waiting(self) -> list[OpenCommand]:
        """Gives the oldest open command of each device; what waited too long is given up."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            rows, expired = await order.commands_waiting(
                connection, self._site.name, self._site.now()
            )
        if expired:
            self._site.counts["commands_expired"] += expired
            _log.warning("commands expired", commands=expired)
        return [
            OpenCommand(
                row["id"],
                "/".join((row["site"], row["area"], row["class"], row["name"])),
                row["op"],
                row["args"],
                row["expires_at"],
            )
            for row in rows
        ]

    async def begin(self, number: int) -> Sequence | None:
        """Notes that a command leaves, with its number for good."""
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            begun = await order.begin_command(connection, number, self._site.now())
        return None if begun is None else Sequence(*begun)

    async def settle(self, answer: CommandAnswer) -> bool:
        """Notes what a device answered; an answer of one that is no longer registered is void."""
        try:
            device_id = self._site.roster.device_id(parse_name(answer.device))
        except DecodeError:
            device_id = None
        if device_id is None:
            return False
        said = order.DeviceAnswer(
            answer.epoch, answer.upto, answer.seq, answer.ok, answer.reason, answer.data
        )
        async with staff_transaction(self._lease.pool) as connection:
            await self._lease.check(connection)
            epoch = await order.settle_commands(connection, device_id, said, self._site.now())
        if epoch is not None:
            _log.warning("device knows later commands", device=answer.device, new_epoch=epoch)
        return epoch is not None


async def serve_site(lease: Lease, site: Site) -> None:
    """Listens to the devices of a site and sends what they are asked to do, until cancelled."""
    states = StateKeeper(lease, site.roster, site.now, site.counts)
    bad = BadKeeper(lease, site.name, site.now)
    journal = SiteJournal(lease)
    name = DeviceName(site.name, GATEWAY_AREA, GATEWAY_CLASS, GATEWAY_NAME)
    link = DeviceLink(
        site.broker,
        site.name,
        journal,
        # Whoever holds the lease next takes the session of one that hangs.
        client_id=f"stowline-{site.name}",
        on_view=states.note,
        on_bad=bad.note,
        on_connection=states.note_connection,
        whose=site.roster.whose,
        presence=Presence(name, lease.fence),
        commands=SiteCommands(lease, site),
        boots=journal,
        now=site.now,
        counts=site.counts,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(journal.run())
        tasks.create_task(link.run())
        tasks.create_task(states.run())
        tasks.create_task(bad.run())
        tasks.create_task(_follow(site.commands_changed, link.ring))
        tasks.create_task(_follow(site.roster_changed, link.look_again))


async def _follow(bell: Bell, act: Callable[[], None]) -> None:
    while True:
        rung = bell.next()
        act()
        await rung.wait()
