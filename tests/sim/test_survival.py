"""Each fault of the sorter strikes by its name, and our driver survives it: no tote astray."""

import asyncio
from collections import defaultdict

import pytest

from devices.sorter.register import SEQUENCE_MAX
from sim.fault import Fault
from tests.patience import PATIENCE_S
from tests.sim.line import Line, running

TOTES = 12
AT_THE_SORTER = [
    Fault.JAM,
    Fault.LANE_FULL_BEFORE,
    Fault.LANE_FULL_AFTER,
    Fault.NO_READ,
    Fault.DOUBLE_READ,
    Fault.LOST_CONFIRM,
    Fault.STALE_HEARTBEAT,
    Fault.TORN_READ,
    Fault.PLC_RESTART,
    Fault.DUPLICATE_SEQUENCE,
    Fault.SKIPPED_SEQUENCE,
    Fault.SEQUENCE_WRAP,
    Fault.ENCODER_WRAP,
    Fault.NETWORK_CUT,
    Fault.HALF_OPEN,
    Fault.SLOW_RESPONSE,
]


async def until_sorted(line: Line, totes: set[str]) -> None:
    """Wait until every tote stands in its lane and all that happened is in the journal."""
    async with asyncio.timeout(5 * PATIENCE_S):
        while line.standing() != totes or not line.at_rest():
            await asyncio.sleep(0.05)


def in_order(line: Line) -> None:
    """Each event was kept once, in the order of its numbers."""
    kept = defaultdict(list)
    for event in line.journal.events:
        kept[event.boot].append(event.seq)
    for seqs in kept.values():
        assert seqs == sorted(set(seqs))


@pytest.mark.parametrize("fault", AT_THE_SORTER)
async def test_it_strikes_and_every_tote_comes_to_its_lane(fault: Fault) -> None:
    async with running(fault) as line:
        totes = line.load(TOTES)
        await until_sorted(line, totes)
        assert line.mischief.strikes()[fault] > 0
        in_order(line)


async def test_no_event_before_the_wrap_is_left_out_though_nothing_was_known_of_this_boot() -> None:
    async with running(Fault.SEQUENCE_WRAP) as line:
        await until_sorted(line, line.load(2))
        seqs = [seq for _boot, seq in line.journal.sequence("PLC-1")]
    assert seqs == list(range(SEQUENCE_MAX, SEQUENCE_MAX + len(seqs)))


async def test_all_of_them_at_once_cost_time_and_no_tote() -> None:
    async with running(*AT_THE_SORTER) as line:
        totes = line.load(2 * TOTES)
        await until_sorted(line, totes)
        assert all(line.mischief.strikes().values())
        in_order(line)
