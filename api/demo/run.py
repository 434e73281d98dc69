"""The main job on real orders, from the shop's POST to the handed-over parcel."""

import asyncio
import json
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from api.demo.fault import STEADY_S, Strikes, with_kills
from api.demo.stage import empty_database, enter_scenario, only_demo
from api.demo.truth import Comparison, compare
from api.jobs.solver import Solver, compile_kernels, kernels_compiled
from api.serve import Addresses, Supervisor
from api.settings import Settings, child_environment
from api.wiring import ROOT, open_house
from routing.error import NoPlan
from wms.database.pool import staff_transaction
from wms.day import queries as days
from wms.day.summary import DaySummary
from wms.stock import queries as stock
from wms.stock.ledger import Difference

SETTLE_S = 20.0
TICK_S = 0.5
# The simulation's exit code for a fault that it does not know.
WRONG_USAGE = 2


class DemoError(RuntimeError):
    """The demo did not get to its end; the text says why."""


class UnknownFault(ValueError):
    """There is no fault of that name; the text lists those that there are."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How much of a day, with which seed; `speed` scales motion only, None is the usual one."""

    orders: int
    seed: int
    speed: float | None = None
    faults: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The books' summary, the simulator's report, and where they differ."""

    day: DaySummary
    report: dict[str, Any]
    comparison: Comparison
    ledger: list[Difference]
    wall_s: float
    database_url: str
    strikes: dict[str, int]

    @property
    def faults(self) -> list[str]:
        """What a right demo has none of, in plain sentences."""
        day = self.day
        checks = {
            f"{day.orders_accepted - day.orders_shipped} accepted orders were not shipped": (
                day.orders_accepted != day.orders_shipped
            ),
            f"{len(day.orders_held)} orders are held": bool(day.orders_held),
            f"{day.oversold_units} units are oversold": day.oversold_units > 0,
            f"{day.missorts} totes were sorted wrongly": day.missorts > 0,
            f"{self.comparison.labels_lost} labels were lost": self.comparison.labels_lost > 0,
            f"{self.comparison.labels_doubled} labels were printed twice": (
                self.comparison.labels_doubled > 0
            ),
            "the simulation did not finish": not self.report["finished"],
        }
        said = [text for text, wrong in checks.items() if wrong]
        said += [str(row) for row in self.ledger]
        said += list(self.comparison.differences)
        return said + [str(failure) for failure in self.report["failures"]]

    def data(self) -> dict[str, object]:
        """The demo's JSON."""
        day, report = self.day, self.report
        waits = day.paid_to_waybill_ms
        return {
            "orders_in": report["counts"].get("orders_posted", 0),
            "orders_accepted": day.orders_accepted,
            "orders_shipped": day.orders_shipped,
            "orders_held": [asdict(held) for held in day.orders_held],
            "lines": day.lines,
            "units_picked": day.units_picked,
            "pick_distance_m": round(day.pick_distance_mm / 1000),
            "baseline_distance_m": round(day.baseline_distance_mm / 1000),
            "diverts": day.diverts,
            "missorts": day.missorts,
            "parcels": day.parcels,
            "labels_printed": day.labels_printed,
            "labels_lost": self.comparison.labels_lost,
            "labels_doubled": self.comparison.labels_doubled,
            "paid_to_waybill_ms": (
                None
                if waits is None
                else {name: round(value, 1) for name, value in asdict(waits).items()}
            ),
            "scan_to_divert_ms": report["scan_to_divert_ms"],
            "scan_to_decision_ms": report["scan_to_decision_ms"],
            "ledger_imbalance": len(self.ledger),
            "truth_differences": len(self.comparison.differences),
            "oversold_units": day.oversold_units,
            "faults_struck": self.strikes,
            "webhooks_delivered": day.webhooks_delivered,
            "human_touches": day.human_touches,
            "wall_seconds": round(self.wall_s, 1),
            "database_url": self.database_url,
            "faults": self.faults,
        }


@dataclass(frozen=True, slots=True)
class Person:
    """One of the demo's staff, as they sign in."""

    name: str
    role: str
    badge: str
    pin: str


async def check_faults(settings: Settings, faults: str) -> None:
    """Asks the simulation whether it knows these faults.

    Raises:
        UnknownFault: it does not, and says which it knows.
    """
    process = await _start((sys.executable, "-m", "sim", "faults", faults), settings)
    out, _ = await process.communicate()
    if process.returncode == WRONG_USAGE:
        raise UnknownFault(out.decode().strip())


async def run_demo(
    settings: Settings,
    options: DemoOptions,
    tell: Callable[[str, dict[str, int]], None],
    stay: Callable[[Outcome, Addresses, list[Person]], Awaitable[None]] | None,
) -> Outcome:
    """Runs the whole demo against the settings' database.

    `tell` hears the step and the orders by state; `stay`, where given, is called with everything
    still running and returns when the user has seen enough.

    Raises:
        DemoError: a part did not start or the simulation broke off.
        Conflict: `not_a_demo`, `demo_running`.
    """
    url = settings.database_url
    assert url is not None
    began_s = time.monotonic()
    settings = replace(
        settings,
        wave_max_wait_s=2.0,
        wave_min_orders=100,
        # The shop of the simulation listens on this machine.
        webhook_private="yes",
        seed=options.seed,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(only_demo(url))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stowline-demo-")))
        tell("making the day's orders and stock, and compiling the solvers where they are new", {})
        await asyncio.gather(_prepare(options, folder, settings), _compile(settings))
        tell("entering them", {})
        await empty_database(url)
        async with open_house(settings, "demo", 3) as house:
            keys = await enter_scenario(house, folder)
            tell("starting the house", {})
            supervisor = Supervisor(with_kills(settings, options.faults, folder), steady_s=STEADY_S)
            strikes = Strikes(supervisor, folder)
            addresses = await asyncio.to_thread(supervisor.start)
            try:
                await asyncio.to_thread(supervisor.wait_ready)
                command = _simulation(options, folder, addresses, keys.shop, keys.carrier)
                await _watch(await _start(command, settings), house.pool, tell, strikes.hear)
                report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
                tell("settling", {})
                await _settle(house.pool)
                struck = strikes.counted(report["strikes"])
                outcome = await _outcome(house.pool, report, began_s, url, struck)
                if stay is not None:
                    await stay(outcome, addresses, _people(folder))
                return outcome
            finally:
                await asyncio.to_thread(supervisor.stop)


def _people(folder: Path) -> list[Person]:
    staff = json.loads((folder / "staff.json").read_text(encoding="utf-8"))
    return [Person(one["name"], one["role"], one["badge"], one["pin"]) for one in staff]


async def _compile(settings: Settings) -> None:
    """Compiles what plans waves before the day begins, once on a machine."""
    if kernels_compiled(settings):
        return
    solver, aside = Solver(settings), Solver(settings)
    try:
        await compile_kernels(solver, aside)
    except* NoPlan as errors:
        raise DemoError(str(errors.exceptions[0])) from errors
    finally:
        solver.close()
        aside.close()


async def _prepare(options: DemoOptions, folder: Path, settings: Settings) -> None:
    command = (
        *(sys.executable, "-m", "sim", "prepare", "--orders", str(options.orders)),
        *("--seed", str(options.seed), "--out", str(folder)),
    )
    process = await _start(command, settings)
    out, _ = await process.communicate()
    if process.returncode:
        raise DemoError(f"the scenario could not be made: {out.decode().strip()}")


def _simulation(
    options: DemoOptions, folder: Path, addresses: Addresses, key: str, carrier_key: str
) -> tuple[str, ...]:
    assert addresses.mqtt_url is not None
    speed = () if options.speed is None else ("--speed", str(options.speed))
    faults = ("--faults", options.faults) if options.faults else ()
    return (
        *(sys.executable, "-m", "sim", "run", str(folder), "--api", addresses.api_url),
        *("--key", key, "--carrier-key", carrier_key, "--mqtt", addresses.mqtt_url),
        *("--seed", str(options.seed), "--report", str(folder / "report.json"), *speed, *faults),
    )


async def _start(command: tuple[str, ...], settings: Settings) -> Process:
    environment = child_environment(settings) | {"PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=environment)


async def _watch(
    process: Process,
    pool: Any,
    tell: Callable[[str, dict[str, int]], None],
    hear: Callable[[str], None],
) -> None:
    """Tells the orders by state, and hears what the simulation says, until it ends.

    Raises:
        DemoError: it ended without a report.
    """
    assert process.stdout is not None
    drained = asyncio.create_task(_hear(process.stdout, hear))
    ended = asyncio.create_task(process.wait())
    try:
        while not ended.done():
            async with staff_transaction(pool) as connection:
                rows = await days.states(connection)
            tell("working", {row["state"]: row["orders"] for row in rows})
            await asyncio.wait({ended}, timeout=TICK_S)
        await drained
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if process.returncode not in (0, 1):
        raise DemoError(f"the simulation broke off with exit code {process.returncode}")


async def _hear(stream: asyncio.StreamReader, hear: Callable[[str], None]) -> None:
    while line := await stream.readline():
        hear(line.decode())


async def _settle(pool: Any) -> None:
    """Waits until nothing has to leave the house any more, and the vans have their routes."""
    deadline_s = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline_s:
        async with staff_transaction(pool) as connection:
            day = await days.day_summary(connection)
        if day.webhooks_waiting == 0 and day.routes_waiting == 0:
            return
        await asyncio.sleep(TICK_S)


async def _outcome(
    pool: Any,
    report: dict[str, Any],
    began_s: float,
    database_url: str,
    struck: dict[str, int],
) -> Outcome:
    async with staff_transaction(pool) as connection:
        day = await days.day_summary(connection)
        ledger = await stock.check_ledger(connection)
        comparison = compare(report, await days.books(connection))
    took_s = time.monotonic() - began_s
    return Outcome(day, report, comparison, ledger, took_s, database_url, struck)
