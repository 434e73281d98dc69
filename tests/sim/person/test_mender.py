"""The one who walks along the sorter brings back what lies beside it."""

import asyncio

from sim.belt import BeltPlan
from sim.floor import Floor
from sim.modbus import PlcServer
from sim.person.mender import Mender
from sim.plc import Plc
from sim.tally import Tally
from sim.world import BELT, World
from tests.patience import PATIENCE_S

RACK = "rack PACK-01"


def mender() -> Mender:
    plc = Plc(BeltPlan(), boot=1, scanned=lambda *_: None, arrived=lambda *_: None)
    server = PlcServer(plc, "127.0.0.1", 0)
    return Mender(Floor(World([]), {}, {}, [], 1.0, plc, server, {}), Tally())


async def at_work(person: Mender, count: str) -> None:
    """Let somebody work until a thing was done."""
    work = asyncio.create_task(person.work())
    async with asyncio.timeout(PATIENCE_S):
        while not person.tally.counts[count]:
            await asyncio.sleep(0.02)
    person.tally.counts.clear()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_a_rejected_tote_goes_on_the_induction_again() -> None:
    person = mender()
    person.bring_rejected("T-00001")
    await at_work(person, "totes_brought_back")
    assert person.floor.world.whereabouts("T-00001") == BELT


async def test_one_that_a_packer_put_back_and_nobody_wants_goes_where_it_stood() -> None:
    person = mender()
    person.floor.put_back["T-00001"] = RACK
    person.bring_rejected("T-00001")
    await at_work(person, "totes_brought_back")
    person.bring_rejected("T-00001")
    await at_work(person, "totes_carried")
    assert person.floor.world.whereabouts("T-00001") == RACK
    assert person.floor.put_back == {}


async def test_a_tote_that_the_sorter_lost_is_sought_where_it_should_stand() -> None:
    person = mender()
    person.floor.world.stand("T-00001", RACK)
    person.search("T-00001", RACK)
    await at_work(person, "totes_brought_back")
    assert person.floor.world.whereabouts("T-00001") == BELT
