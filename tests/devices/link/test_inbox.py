"""What waits in a line is kept in one go; a device that counts its boots anew loses nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from devices.journal import InboundEvent
from devices.link.inbox import Inbox, Listeners
from devices.link.message import DeviceEvent
from devices.link.topic import DeviceName
from devices.sorter.message import RingEvent
from tests.devices.journal import MemoryEventJournal
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio
SCANNER = DeviceName("main", "sort", "scanner", "SCN-01")
OTHER = DeviceName("main", "sort", "scanner", "SCN-02")
AT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


class SlowJournal(MemoryEventJournal):
    """Notes what it was offered together, and keeps nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()
        self.together: list[int] = []

    async def accept_all(self, events: Sequence[InboundEvent[DeviceEvent | RingEvent]]) -> None:
        await self.let.wait()
        self.together.append(len(events))
        await super().accept_all(events)

    async def latest_boot(self, device: str) -> int | None:
        return max((one.boot for one in self.events if one.device == device), default=None)


@dataclass
class Told:
    """What an inbox said."""

    acks: list[tuple[DeviceName, int, int]] = field(default_factory=list)
    repeats: list[tuple[int, int]] = field(default_factory=list)
    old: list[tuple[int, int, int]] = field(default_factory=list)


def event(seq: int, boot: int = 7) -> DeviceEvent:
    return DeviceEvent(boot, seq, AT, f"T-{seq:05d}")


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def taking(
    journal: SlowJournal, running: int = 7
) -> AsyncIterator[tuple[Told, Inbox, Callable[..., None]]]:
    told = Told()
    listeners = Listeners(
        lambda name, boot, upto: told.acks.append((name, boot, upto)),
        None,
        lambda _name, one: told.repeats.append((one.boot, one.seq)),
        lambda _name, one, latest: told.old.append((one.boot, one.seq, latest)),
    )
    inbox = Inbox(journal, listeners, Counter(), journal, lambda _name, boot: boot >= running)
    async with asyncio.TaskGroup() as tasks:

        def take(*events: DeviceEvent, name: DeviceName = SCANNER) -> None:
            for one in events:
                inbox.take(tasks, name, one)

        yield told, inbox, take
        for task in asyncio.all_tasks():
            if task.get_name().startswith("device "):
                task.cancel()


async def test_a_backlog_is_kept_together_in_order_and_acknowledged_once() -> None:
    journal = SlowJournal()
    async with taking(journal) as (told, _, take):
        take(event(1))
        await until(lambda: journal.resumed != [])
        take(*map(event, (3, 2, 2, 5, 4, 6)))
        journal.let.set()
        await until(lambda: told.acks[-1:] == [(SCANNER, 7, 6)])
    assert journal.sequence(str(SCANNER)) == [(7, seq) for seq in range(1, 7)]
    assert sum(journal.together) == 6 and len(journal.together) == len(told.acks) <= 2


async def test_a_batch_that_fails_is_offered_again_and_nothing_of_it_acknowledged() -> None:
    journal = SlowJournal()
    journal.fail_once[str(SCANNER), 2] = 1
    journal.let.set()
    async with taking(journal) as (told, _, take):
        take(*map(event, (1, 2, 3)))
        await until(lambda: told.acks != [])
    assert told.acks == [(SCANNER, 7, 3)] and journal.together == [3, 3]
    assert journal.sequence(str(SCANNER)) == [(7, 1), (7, 2), (7, 3)]


async def test_a_device_whose_events_cannot_be_kept_holds_up_no_other() -> None:
    journal = SlowJournal()
    journal.failing.add(str(SCANNER))
    journal.let.set()
    async with taking(journal) as (told, _, take):
        take(event(1))
        take(event(1), name=OTHER)
        await until(lambda: told.acks == [(OTHER, 7, 1)])
    assert journal.sequence(str(SCANNER)) == []


async def test_of_a_boot_below_the_latest_nothing_is_taken_or_acknowledged() -> None:
    journal = SlowJournal()
    journal.let.set()
    async with taking(journal, running=1) as (told, _, take):
        take(event(1, boot=7))
        await until(lambda: told.acks == [(SCANNER, 7, 1)])
        take(event(1, boot=1))
        await until(lambda: told.old == [(1, 1, 7)])
    assert (SCANNER, 1, 1) not in told.acks


async def test_what_a_device_kept_from_an_earlier_boot_is_taken_late() -> None:
    journal = SlowJournal()
    journal.let.set()
    async with taking(journal, running=8) as (told, _, take):
        take(event(1, boot=8))
        take(event(1, boot=7), event(2, boot=7))
        await until(lambda: told.acks == [(SCANNER, 8, 1), (SCANNER, 7, 2)])
    assert told.old == [] and len(journal.events) == 3
