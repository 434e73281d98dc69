"""`python -m api.jobs`: the jobs role on its own."""

import asyncio
import contextlib
import signal

from api.jobs.role import run
from api.log import configure_log
from api.settings import Settings
from api.wiring import open_house


async def main() -> None:
    settings = Settings.from_environment()
    configure_log(settings, "jobs")
    async with open_house(settings, "jobs", settings.pool_size) as house:
        task = asyncio.create_task(run(house))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task


if __name__ == "__main__":
    asyncio.run(main())
