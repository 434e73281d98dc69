"""Journals in memory, for tests of drivers that must survive a failing one."""

from collections import Counter
from collections.abc import Sequence

from devices.journal import BegunJob, InboundEvent, Outcome, PrintJob
from devices.link.message import DeviceEvent
from devices.sorter.message import RingEvent


class JournalFailure(Exception):
    """The journal could not commit."""


class MemoryEventJournal:
    """Keeps accepted events, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.events: list[InboundEvent[DeviceEvent | RingEvent]] = []
        self.resumed: list[tuple[str, int]] = []
        self.failing: set[str] = set()
        self.fail_once: Counter[tuple[str, int]] = Counter()

    async def resume(self, device: str, boot: int) -> int:
        self.resumed.append((device, boot))
        return max(
            (e.seq for e in self.events if (e.device, e.boot) == (device, boot)),
            default=0,
        )

    async def accept_all(self, events: Sequence[InboundEvent[DeviceEvent | RingEvent]]) -> None:
        """Fail as one transaction does: with none of them kept."""
        for event in events:
            if event.device in self.failing:
                raise JournalFailure(event.device)
            if self.fail_once[event.device, event.seq] > 0:
                self.fail_once[event.device, event.seq] -= 1
                raise JournalFailure(f"{event.device} {event.seq}")
        self.events += events

    def sequence(self, device: str) -> list[tuple[int, int]]:
        return [(e.boot, e.seq) for e in self.events if e.device == device]


class MemoryPrintJournal:
    """Keeps print jobs as a database would: it outlives the spool that wrote to it."""

    def __init__(self) -> None:
        self.jobs: dict[str, PrintJob] = {}
        self.in_flight: dict[str, BegunJob] = {}
        self.outcomes: dict[str, Outcome] = {}

    async def begun(self, printer: str) -> BegunJob | None:
        return self.in_flight.get(printer)

    async def begin(self, printer: str, job_id: str, counter: int) -> None:
        assert printer not in self.in_flight
        self.in_flight[printer] = BegunJob(self.jobs[job_id], counter)

    async def sent(self, job_id: str) -> None:
        # A person may have decided on a job while its data was leaving.
        assert job_id in self.jobs

    async def finish(self, job_id: str, outcome: Outcome) -> None:
        assert job_id not in self.outcomes
        self.outcomes[job_id] = outcome
        self.in_flight = {p: b for p, b in self.in_flight.items() if b.job.job_id != job_id}
