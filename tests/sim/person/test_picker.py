"""The picker: does what the screen says, as far as hands can."""

import asyncio
from collections import deque
from typing import Any

from sim.belt import BeltPlan
from sim.chance import stream
from sim.floor import Floor
from sim.modbus import PlcServer
from sim.person.handheld import Handheld
from sim.person.picker import Picker
from sim.person.work import WRONG_MAX, Worker
from sim.plc import Plc
from sim.scenario.crew import Member
from sim.scenario.item import make_item
from sim.scenario.place import make_places
from sim.tally import Tally
from sim.world import BELT, World
from tests.patience import PATIENCE_S
from tests.sim.house import Answer, House, open_house, screen

ITEM = make_item("22423", "REGENCY CAKESTAND", 1_275)
BIN = "A-01-01-1"


def make_floor(physical: int) -> Floor:
    world = World(["T-00001", "T-00002"])
    world.place(f"bin {BIN}", ITEM.sku, physical)
    plan = BeltPlan()
    plc = Plc(plan, boot=1, scanned=lambda *_: None, arrived=lambda *_: None)
    places = {place.code: place for place in make_places()}
    server = PlcServer(plc, "127.0.0.1", 0)
    return Floor(world, {ITEM.sku: ITEM}, places, ["C-S"], 1e6, plc, server, {})


ACTIONS = {
    "item": ("short",),
    "put": ("short",),
    "reason": ("not_found", "damaged", "wrong_item"),
    "short": ("count",),
    "empty": ("empty", "count"),
}


def walk(
    step: str, ask: int | None = None, wrong: str | None = None, actions: tuple[str, ...] = ()
) -> Answer:
    target = {"item": ITEM.name, "put": "T-00001", "drop": "", "cart": "", "tote": ""}.get(
        step, BIN
    )
    return screen(
        "pick",
        step,
        target,
        lines=(ITEM.name, f"SKU {ITEM.sku}"),
        facts={"Order": "12"},
        ask=ask,
        actions=actions or ACTIONS.get(step, ()),
        wrong=wrong,
    )


async def pick(
    floor: Floor, script: list[Answer], *, wrong_bins: float = 0.0, skips: float = 0.0
) -> tuple[House, Tally]:
    """Let a picker work until all of the script is carried out, or the picker gave up."""
    answers, over = deque(script), asyncio.Event()
    at_the_end = 0

    def answer(_body: dict[str, Any]) -> Answer:
        nonlocal at_the_end
        if len(answers) > 1:
            return answers.popleft()
        at_the_end += 1
        if at_the_end > 1:
            # Whoever asks again has done what the last answer was for.
            over.set()
        return answers[0]

    async with open_house(answer) as (house, session):
        tally = Tally()
        handheld = Handheld(session, house.url, "HH-01", tally, stream(1, "handheld"))
        member = Member("Picker 01", "operator", "B-01", "1234", "pick")
        worker = Worker(member, handheld, floor)
        picker = Picker(worker, "CART-01", stream(1, "p"), wrong_bins, skips)
        work = asyncio.create_task(picker.work())
        waiting = asyncio.create_task(over.wait())
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (work, waiting):
            task.cancel()
        await asyncio.gather(work, waiting, return_exceptions=True)
        return house, tally


BEGIN: list[Answer] = [walk("cart"), walk("tote"), walk("bin")]
WAIT = screen("pick", "wait", idle=True)


async def test_units_go_from_the_bin_into_the_tote_and_the_tote_onto_the_belt() -> None:
    floor = make_floor(10)
    script = [*BEGIN, walk("item"), walk("put", ask=4), walk("drop"), WAIT]
    house, tally = await pick(floor, script)
    assert floor.world.units("tote T-00001") == {ITEM.sku: 4}
    assert floor.world.quantity(f"bin {BIN}", ITEM.sku) == 6
    assert floor.world.whereabouts("T-00001") == BELT
    assert floor.slips == {"T-00001": "12"}
    said = [(body["input"], body["action"], body["quantity"]) for body in house.inputs[:7]]
    assert said == [
        (None, "pick", None),
        ("CART-01", None, None),
        ("T-00001", None, None),
        (BIN, None, None),
        (ITEM.barcode, None, None),
        ("T-00001", None, 4),
        ("CONVEYOR", None, None),
    ]
    assert tally.failures == []


async def test_a_bin_that_holds_less_is_emptied_and_recounted_truthfully() -> None:
    floor = make_floor(3)
    asked = [walk("reason"), walk("short", ask=0)]
    script = [*BEGIN, walk("item"), walk("put", ask=5), *asked, walk("drop"), WAIT]
    house, tally = await pick(floor, script)
    said = [(body["action"], body["quantity"]) for body in house.inputs[5:8]]
    assert said == [(None, 3), ("not_found", None), (None, 0)]
    assert floor.world.units("tote T-00001") == {ITEM.sku: 3}
    assert floor.recounted == {(ITEM.sku, BIN)}
    assert tally.counts["shorts"] == 1


async def test_an_empty_bin_is_said_to_be_short() -> None:
    floor = make_floor(0)
    script = [*BEGIN, walk("item"), walk("reason"), walk("short", ask=0), walk("drop"), WAIT]
    house, tally = await pick(floor, script)
    assert [body["action"] for body in house.inputs[4:7]] == ["short", "not_found", None]
    assert house.inputs[6]["quantity"] == 0
    assert tally.counts["shorts"] == 1


async def test_an_empty_tote_does_not_go_on_the_belt() -> None:
    floor = make_floor(0)
    short = [walk("item"), walk("reason"), walk("short", ask=0)]
    drop = screen("pick", "drop", "CONVEYOR", facts={"Empty, keep": "T-00001"})
    _house, tally = await pick(floor, [*BEGIN, *short, drop, WAIT])
    assert floor.world.whereabouts("T-00001") != BELT
    assert tally.counts["totes_dropped"] == 0
    floor = make_floor(0)
    _house, tally = await pick(floor, [*BEGIN, *short, WAIT, WAIT])
    assert floor.world.whereabouts("T-00001") != BELT
    assert tally.failures == []


async def test_a_bin_that_should_be_empty_is_looked_at() -> None:
    said = {}
    for there in (4, 6):
        floor = make_floor(there)
        script = [
            *BEGIN,
            walk("item"),
            walk("put", ask=4),
            walk("empty", ask=0),
            walk("drop"),
            WAIT,
        ]
        house, tally = await pick(floor, script)
        said[there] = (house.inputs[6]["action"], house.inputs[6]["quantity"])
        assert tally.counts["empty_bins_checked"] == 1
    assert said == {4: ("empty", None), 6: (None, 2)}


async def test_who_leaves_a_bin_for_later_comes_back_to_it() -> None:
    floor = make_floor(10)
    offered = walk("bin", actions=("skip",))
    last = walk("bin", actions=("skip",), wrong="last_one")
    script = [walk("cart"), walk("tote"), offered, last, walk("item"), WAIT]
    house, tally = await pick(floor, script, skips=1.0)
    assert [(b["input"], b["action"]) for b in house.inputs[3:5]] == [(None, "skip"), (BIN, None)]
    assert tally.failures == []


async def test_what_the_house_does_not_take_goes_back_into_the_bin() -> None:
    floor = make_floor(10)
    wrong = walk("put", ask=4, wrong="wrong_tote")
    script = [*BEGIN, walk("item"), walk("put", ask=4), wrong, WAIT]
    _house, tally = await pick(floor, script)
    assert tally.wrong == {"put: wrong_tote": 1}
    assert floor.world.total(ITEM.sku) == 10
    assert floor.world.units("hand B-01") == {}


async def test_a_careless_picker_scans_the_bin_beside_and_then_the_right_one() -> None:
    floor = make_floor(10)
    wrong = walk("bin", wrong="wrong_bin")
    script = [*BEGIN, wrong, wrong, wrong, walk("item"), WAIT]
    house, tally = await pick(floor, script, wrong_bins=0.5)
    scanned = [body["input"] for body in house.inputs[3:7]]
    assert "A-01-01-2" in scanned
    assert BIN in scanned
    assert tally.counts["wrong_bins_scanned"] >= 1
    assert tally.failures == []


async def test_twenty_wrong_verdicts_in_a_row_are_told_loudly() -> None:
    floor = make_floor(10)
    house, tally = await pick(floor, [*BEGIN, *[walk("bin", wrong="wrong_bin")] * 40])
    assert len(tally.failures) == 1
    assert f"{WRONG_MAX} wrong verdicts" in tally.failures[0]
    assert "pick/bin" in tally.failures[0]
    assert len(house.inputs) == 3 + WRONG_MAX
