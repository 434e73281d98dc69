"""A PLC that loses its power: how long after its return the driver runs with it again."""

import argparse
import asyncio
import logging
import time
from typing import Any

from benchmarks.sorter_bare import Memory
from benchmarks.sorter_house import SORTER
from benchmarks.sorter_line import belt_plan
from devices.sorter.driver import SorterDriver, SorterState
from devices.sorter.exchange import SorterAddress
from sim.modbus import PlcServer
from sim.plc import Plc
from wms.database.port import free_port

_HOST = "127.0.0.1"
_PATIENCE_S = 30.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    parser.add_argument(
        "--plc-away", type=float, nargs="+", default=[0.5, 1.3, 2.1, 5.0, 9.7], metavar="SECONDS"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Takes the PLC away for each of these times."""
    # It writes down every telegram around a lost connection, and connections are lost on purpose.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    backs = asyncio.run(_measure(options.plc_away))
    return {"back_after_plc_return_s": [round(back_s, 2) for back_s in backs]}


async def _measure(away_s: list[float]) -> list[float]:
    port = free_port()
    plc = Plc(belt_plan(1.0, 0.5, 4), boot=1, scanned=lambda *_: None, arrived=lambda *_: None)
    server = PlcServer(plc, _HOST, port)
    await server.start()
    driver = SorterDriver(SORTER, SorterAddress(host=_HOST, port=port), Memory(), 1)
    running = asyncio.create_task(driver.run())
    backs = []
    try:
        for seconds in away_s:
            await _reaches(driver, SorterState.RUN)
            await server.stop()
            plc.restart()
            await _reaches(driver, SorterState.DOWN)
            await asyncio.sleep(seconds)
            server = PlcServer(plc, _HOST, port)
            await server.start()
            returned_s = time.monotonic()
            await _reaches(driver, SorterState.RUN)
            backs.append(time.monotonic() - returned_s)
    finally:
        running.cancel()
        await asyncio.wait({running})
        await server.stop()
    return backs


async def _reaches(driver: SorterDriver, state: SorterState) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        await driver.wait_state(state)


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people."""
    if "back_after_plc_return_s" not in result:
        return []
    backs = " · ".join(f"{back_s:.2f} s" for back_s in result["back_after_plc_return_s"])
    return [("on again after the PLC's return", backs)]
