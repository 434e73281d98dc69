"""Runs a day: opens the sockets others knock at, sends everybody to work, writes it down."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import web

from sim.day import Day, DayOptions
from sim.machinery import LOOPBACK, port_of
from sim.report import make_report
from sim.scenario.file import Scenario

_REQUEST_S = 30.0


async def run_day(
    scenario: Scenario, options: DayOptions, on_start: Callable[[Day], None]
) -> dict[str, object]:
    """Run a day and give its report.

    Raises: OSError, RuntimeError or TimeoutError when a machine cannot be started; ValueError when
    the house refuses the shop's webhook endpoint.
    """
    started_s = time.monotonic()
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=_REQUEST_S)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=timeout)
        )
        day = Day(scenario, options, session)
        on_start(day)
        await stack.enter_async_context(
            _serving(day.carrier.application(), port_of(scenario.carrier["url"]))
        )
        hooks_port = await stack.enter_async_context(_serving(day.receiver.application(), 0))
        day.receiver.secret = await day.shop.subscribe(f"http://{LOOPBACK}:{hooks_port}/hooks")
        async with asyncio.TaskGroup() as tasks:
            running = await day.machinery.start(tasks)
            running += day.start_people(tasks)
            running.append(tasks.create_task(day.shop.trade(scenario.postings)))
            finished = await day.watch(started_s)
            for task in running:
                task.cancel()
        await day.machinery.stop()
    return make_report(
        floor=day.floor,
        shop=day.shop,
        receiver=day.receiver,
        carrier=day.carrier,
        scanner=day.scanner,
        strikes=day.mischief.strikes(),
        stock=scenario.stock,
        finished=finished,
        wall_s=time.monotonic() - started_s,
        tally=day.tally,
    )


@asynccontextmanager
async def _serving(application: web.Application, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
