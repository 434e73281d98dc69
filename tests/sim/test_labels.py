"""Each fault of a printer strikes by its name, and our spool survives it: every label once."""

import asyncio
from collections import Counter

import pytest

from devices.gs1 import sscc18
from devices.journal import Outcome, PrintJob
from devices.label import ParcelLabel, render_zpl
from devices.printer.spool import PrinterAddress, Spool
from sim.fault import Fault, FaultPlan
from sim.printer import Printer, Trouble
from sim.proxy import Proxy
from tests.devices.journal import MemoryPrintJournal
from tests.patience import PATIENCE_S
from tests.sim.test_printer import running

HOST = "127.0.0.1"
LABELS = 8


def job(number: int) -> PrintJob:
    label = ParcelLabel(("Ada",), "STANDARD", "CV1", "TRK-1", sscc18("4012345", number + 1))
    return PrintJob(str(number), render_zpl(label))


async def print_all(printer: Printer, port: int) -> list[Outcome]:
    journal = MemoryPrintJournal()
    address = PrinterAddress(
        host=HOST, port=port, timeout_s=0.3, reconnect_s=0.05, settle_s=0.15, reach_s=PATIENCE_S
    )
    spool = Spool(printer.name, address, journal)
    outcomes = []
    async with asyncio.timeout(5 * PATIENCE_S):
        for number in range(LABELS):
            one = journal.jobs[str(number)] = job(number)
            outcomes.append(await spool.print(one))
    await spool.close()
    return outcomes


def each_once(printer: Printer) -> None:
    copies = Counter(label.sscc for label in printer.printed)
    assert len(copies) == LABELS
    assert set(copies.values()) == {1}


@pytest.mark.parametrize(
    "fault",
    [
        Fault.PRINTER_CUT,
        Fault.PRINTER_POWER_BEFORE,
        Fault.PRINTER_POWER_AFTER,
        Fault.MEDIA_OUT,
    ],
)
@pytest.mark.parametrize("silent", [False, True])
async def test_it_strikes_and_every_label_is_printed_once(fault: Fault, silent: bool) -> None:
    plan = FaultPlan(frozenset({fault}), 1)
    printer = Printer(
        "PRN-01",
        print_s=0.01,
        cut=plan.cut,
        trouble=plan.trouble,
        off_s=0.2,
        mend_s=0.5,
        silent=silent,
    )
    async with running(printer) as port:
        outcomes = await print_all(printer, port)
    assert set(outcomes) == {Outcome.PRINTED}
    each_once(printer)
    struck = printer.counts.keys() - {"formats", "connections_lost", "cancelled"}
    assert struck


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble.HALF_OPEN_BEFORE,
        Trouble.HALF_OPEN_AFTER,
        Trouble.SLOW,
        Trouble.HEAD_OPEN,
        Trouble.PAUSED,
    ],
)
async def test_trouble_at_the_printer_itself_is_survived(trouble: Trouble) -> None:
    def strike(number: int) -> Trouble:
        return trouble if number == 3 else Trouble.NONE

    printer = Printer("PRN-01", print_s=0.01, trouble=strike, mend_s=0.5, slow_s=0.5)
    async with running(printer) as port:
        outcomes = await print_all(printer, port)
    assert set(outcomes) == {Outcome.PRINTED}
    each_once(printer)
    assert printer.counts[trouble.value.replace("-", "_")] == 1


@pytest.mark.parametrize("how", ["cut", "reset", "half_open", "pull", "delay"])
async def test_a_cable_that_fails_between_spool_and_printer_is_survived(how: str) -> None:
    proxies: list[Proxy] = []

    def strike(number: int) -> Trouble:
        if number == 3:
            (proxy,) = proxies
            if how == "delay":
                proxy.delay(0.5)
                asyncio.get_running_loop().call_later(0.8, proxy.delay, 0.0)
            else:
                getattr(proxy, how)()
                asyncio.get_running_loop().call_later(0.5, proxy.heal)
        return Trouble.NONE

    printer = Printer("PRN-01", print_s=0.01, trouble=strike)
    async with running(printer) as port:
        proxies.append(Proxy((HOST, port)))
        outer = await proxies[0].start(HOST)
        outcomes = await print_all(printer, outer)
        await proxies[0].stop()
    assert set(outcomes) == {Outcome.PRINTED}
    each_once(printer)
    assert proxies[0].counts["connections"] > 1
