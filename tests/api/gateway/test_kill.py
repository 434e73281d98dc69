"""Kill points strike once each, where they are asked for, and nowhere else."""

from pathlib import Path
from typing import NoReturn

import pytest

from api.gateway.kill import Kill, Killer, KillPoint, killer_of, kills_done, read_kills
from api.settings import Settings
from devices.journal import InboundEvent, Outcome, PrintJob
from devices.sorter.message import CommandResult, EventType, RingEvent, Status
from tests.devices.journal import MemoryEventJournal, MemoryPrintJournal

EVENT = InboundEvent("PLC-1", 1, 1, RingEvent(1, EventType.INDUCTED))


class Killed(Exception):
    """The process would be dead now."""


def die() -> NoReturn:
    raise Killed


def killer(points: str, log: Path) -> Killer:
    return Killer(read_kills(points), log, end=die)


class Sorter:
    """A sorter that takes every lane."""

    status: Status | None = None

    def __init__(self) -> None:
        self.tracks: list[int] = []

    async def assign(
        self, track: int, lane: int, deadline: int, *, other_lane: int = 0, wait_s: float = 5.0
    ) -> CommandResult:
        self.tracks.append(track)
        return CommandResult.DONE


def test_points_are_read_and_others_refused_with_the_list() -> None:
    assert read_kills("after-begin, before-accept:3") == (
        Kill(KillPoint.AFTER_BEGIN),
        Kill(KillPoint.BEFORE_ACCEPT, 3),
    )
    for wrong in ("lunch", "after-begin:x", "after-begin:0", "after-begin:"):
        with pytest.raises(ValueError, match=r"after-begin"):
            read_kills(wrong)


def test_without_both_settings_nothing_is_wrapped(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    for settings in (
        Settings(),
        Settings(kill_log=tmp_path / "log"),
        Settings(kill_at="before-accept"),
    ):
        killer = killer_of(settings)
        assert killer.armed == []
        assert killer.events(journal) is journal
    both = Settings(kill_at="before-accept", kill_log=tmp_path / "log")
    assert killer_of(both).armed == [Kill(KillPoint.BEFORE_ACCEPT)]


@pytest.mark.parametrize(("point", "kept"), [("before-accept", 0), ("after-accept", 1)])
async def test_an_event_is_kept_or_not_when_the_process_ends(
    point: str, kept: int, tmp_path: Path
) -> None:
    journal = MemoryEventJournal()
    with pytest.raises(Killed):
        await killer(point, tmp_path / "log").events(journal).accept_all([EVENT])
    assert len(journal.events) == kept


@pytest.mark.parametrize(("point", "assigned"), [("before-assign", 0), ("after-assign", 1)])
async def test_a_lane_is_given_or_not_when_the_process_ends(
    point: str, assigned: int, tmp_path: Path
) -> None:
    sorter = Sorter()
    with pytest.raises(Killed):
        await killer(point, tmp_path / "log").sorter(sorter).assign(1, 2, 3)
    assert len(sorter.tracks) == assigned


@pytest.mark.parametrize(
    ("point", "begun", "finished"),
    [
        ("before-begin", False, False),
        ("after-begin", True, False),
        ("after-sent", True, False),
        ("before-finish", True, False),
        ("after-finish", False, True),
    ],
)
async def test_a_label_is_where_the_point_says(
    point: str, begun: bool, finished: bool, tmp_path: Path
) -> None:
    journal = MemoryPrintJournal()
    journal.jobs["1"] = PrintJob("1", "^XA^XZ")
    labels = killer(point, tmp_path / "log").labels(journal)
    with pytest.raises(Killed):
        await labels.begin("PRN-01", "1", 1_000)
        await labels.sent("1")
        await labels.finish("1", Outcome.PRINTED)
    assert (await journal.begun("PRN-01") is not None) is begun
    assert ("1" in journal.outcomes) is finished


async def test_the_nth_time_counts_from_the_start_of_the_process(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    events = killer("before-accept:3", tmp_path / "log").events(journal)
    await events.accept_all([EVENT])
    await events.accept_all([EVENT])
    with pytest.raises(Killed):
        await events.accept_all([EVENT])


async def test_each_point_strikes_once_however_often_the_process_is_started(tmp_path: Path) -> None:
    log, journal = tmp_path / "log", MemoryEventJournal()
    deaths = 0
    for _ in range(5):
        events = killer("before-accept,after-accept,before-accept:2", log).events(journal)
        try:
            await events.accept_all([EVENT])
            await events.accept_all([EVENT])
        except Killed:
            deaths += 1
    assert deaths == 3
    assert sorted(kills_done(log)) == ["after-accept:1", "before-accept:1", "before-accept:2"]
    assert killer("before-accept", log).armed == []


def test_kills_that_nobody_writes_down_are_no_kills() -> None:
    with pytest.raises(ValueError, match="written down"):
        Killer(read_kills("before-accept"))
