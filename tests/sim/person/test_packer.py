"""The packer: everything of the order into the parcel, with the label that belongs to it."""

import asyncio
from typing import Any

from devices.label import ParcelLabel, render_zpl
from sim.barcode import read_sscc
from sim.belt import BeltPlan
from sim.chance import stream
from sim.floor import Floor
from sim.modbus import PlcServer
from sim.person.handheld import Handheld
from sim.person.packer import Packer
from sim.person.work import Worker
from sim.plc import Plc
from sim.printer import PrintedLabel, Printer
from sim.scenario.crew import Member
from sim.scenario.item import make_item
from sim.tally import Tally
from sim.world import World
from tests.patience import PATIENCE_S
from tests.sim.house import Answer, open_house, screen

ITEM = make_item("22423", "REGENCY CAKESTAND", 1_275)
CARTONS = ["C-S", "C-M", "C-L"]
SSCC = ("040123450000000016", "040123450000000023")


def printed(sscc: str) -> PrintedLabel:
    label = ParcelLabel(("Ada",), "STANDARD", "CV1", "TRK-1", sscc)
    zpl = render_zpl(label)
    return PrintedLabel(1, zpl, read_sscc(zpl.encode()))


class Bench:
    """A house that packs one order of five pieces, which lie in two totes."""

    def __init__(self, bigger: float = 0.0) -> None:
        self.world = World([])
        for tote, quantity in (("T-00001", 2), ("T-00002", 3), ("T-00009", 7)):
            self.world.place(f"tote {tote}", ITEM.sku, quantity)
            self.world.stand(tote, "rack PACK-01")
        plc = Plc(BeltPlan(), boot=1, scanned=lambda *_: None, arrived=lambda *_: None)
        server = PlcServer(plc, "127.0.0.1", 0)
        self.printer = Printer("PRN-01", print_s=0.0)
        self.floor = Floor(self.world, {ITEM.sku: ITEM}, {}, CARTONS, 1e6, plc, server, {})
        self.floor.slips |= {"T-00001": "12", "T-00002": "12", "T-00009": "13"}
        self.floor.shop_numbers |= {"12": "536365", "13": "536366"}
        self.bigger = bigger
        self.left = 5
        self.cartons: list[str] = []
        self.labels: list[str] = []
        self.tally = Tally()
        self.at_the_end = 0
        self.over = asyncio.Event()

    def answer(self, body: dict[str, Any]) -> Answer:
        code = body["input"] or ""
        if body["action"] == "pack":
            return screen("pack", "station")
        if code == "PACK-01":
            return screen("pack", "tote", actions=("refresh",))
        if code.startswith("T-"):
            ready = code in ("T-00001", "T-00002")
            step = "carton" if ready else "tote"
            return screen("pack", step, "C-S", wrong=None if ready else "not_complete")
        if code.startswith("C-"):
            self.cartons.append(code)
            return self._item()
        if code == ITEM.barcode:
            self.left -= body["quantity"]
            return self._item() if self.left else screen("pack", "label")
        if code.startswith("]C1"):
            self.labels.append(code)
            if code != f"]C100{SSCC[0]}":
                return screen("pack", "label", wrong="wrong_label")
            if self.labels.count(code) == 1:
                return screen("pack", "label", wrong="label_not_printed")
        self.at_the_end += 1
        if self.at_the_end > 1:
            # Whoever asks again has done what the last answer was for.
            self.over.set()
        return screen("pack", "tote", actions=("refresh",), idle=True)

    def _item(self) -> Answer:
        missing = {"Parcel": "1 of 1", "0" + ITEM.barcode: f"{self.left} × {ITEM.name}"}
        return screen("pack", "item", "C-S", facts=missing)

    async def pack(self) -> None:
        async with open_house(self.answer) as (house, session):
            handheld = Handheld(session, house.url, "HH-07", self.tally, stream(1, "handheld"))
            member = Member("Packer 07", "operator", "B-07", "1234", "pack")
            worker = Worker(member, handheld, self.floor)
            packer = Packer(worker, "PACK-01", self.printer, 1, self.bigger)
            work = asyncio.create_task(packer.work())
            async with asyncio.timeout(PATIENCE_S):
                await self.over.wait()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_an_order_of_two_totes_becomes_one_parcel_and_no_other_orders_tote_is_touched() -> (
    None
):
    bench = Bench()
    bench.printer.tray.put_nowait(printed(SSCC[0]))
    await bench.pack()
    assert bench.world.units(f"parcel {SSCC[0]}") == {ITEM.sku: 5}
    assert bench.world.units("tote T-00009") == {ITEM.sku: 7}
    assert bench.world.whereabouts(SSCC[0]) == "dock"
    assert bench.floor.staged.get_nowait() == SSCC[0]
    assert bench.world.standing("rack PACK-01") == ["T-00009"]
    assert bench.tally.failures == []


async def test_a_wrong_label_is_put_aside_and_the_right_one_found() -> None:
    bench = Bench()
    for sscc in reversed(SSCC):
        bench.printer.tray.put_nowait(printed(sscc))
    await bench.pack()
    assert bench.labels[-2:] == [f"]C100{SSCC[0]}"] * 2
    assert bench.world.units(f"parcel {SSCC[0]}") == {ITEM.sku: 5}


async def test_the_shops_number_decides_whether_the_carton_is_bigger() -> None:
    for bigger, carton in ((0.0, "C-S"), (1.0, "C-M")):
        bench = Bench(bigger)
        bench.printer.tray.put_nowait(printed(SSCC[0]))
        await bench.pack()
        assert bench.cartons == [carton]


class Doubtful(Bench):
    """A house that asks whether a label is there, or prints it when told to."""

    def __init__(self, *asks: str) -> None:
        super().__init__()
        self.asks = list(asks)
        self.pressed: list[str] = []

    def answer(self, body: dict[str, Any]) -> Answer:
        if body["action"] in ("not_there", "print"):
            self.pressed.append(body["action"])
            self.asks.pop(0)
            if not self.asks:
                self.printer.tray.put_nowait(printed(SSCC[0]))
            return self._label()
        if self.left == self.at_the_end == 0 and body["action"] == "refresh":
            return self._label()
        after = super().answer(body)
        asked = not isinstance(after, int) and after["step"] == "label" and after["verdict"]["ok"]
        return self._label() if asked else after

    def _label(self) -> Answer:
        return screen("pack", "label", actions=("refresh", *self.asks[:1]))


async def test_a_label_that_did_not_come_is_said_not_to_be_there_and_printed_anew() -> None:
    bench = Doubtful("not_there", "print")
    await bench.pack()
    assert bench.pressed == ["not_there", "print"]
    assert bench.world.units(f"parcel {SSCC[0]}") == {ITEM.sku: 5}
    assert bench.tally.failures == []


async def test_a_tote_that_the_house_looks_for_elsewhere_goes_back_on_the_belt() -> None:
    bench = Bench()
    bench.world.place("tote T-00008", ITEM.sku, 1)
    bench.world.stand("T-00008", "rack PACK-01")
    bench.floor.doubts |= {"T-00008": 0.0, "T-00009": 0.0}
    usual = bench.answer

    def answer(body: dict[str, Any]) -> Answer:
        if body["input"] == "T-00008":
            return screen("pack", "tote", wrong="not_for_this_station")
        return usual(body)

    bench.answer = answer  # type: ignore[method-assign]
    bench.printer.tray.put_nowait(printed(SSCC[0]))
    await bench.pack()
    assert bench.world.whereabouts("T-00008") == "belt"
    # The house knows this one, and only its order is not complete.
    assert bench.world.whereabouts("T-00009") == "rack PACK-01"
    assert bench.floor.doubts == {}
