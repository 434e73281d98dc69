"""`python -m api.console`: the planners' console, a role of its own."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from api.console.app import create
from api.log import configure_log
from api.settings import Settings, SettingsError
from api.wiring import open_house

GOODBYE_S = 2

logger = structlog.get_logger("api.console")


class Server(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process before we clean up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends the server on SIGTERM and SIGINT, and then lets the role go on to its own end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve(settings: Settings) -> None:
    """Serves the console until SIGTERM or SIGINT, and logs where it is."""
    async with open_house(settings, "console", settings.pool_size) as house:
        listener = socket.create_server((settings.host, settings.console_port))
        host, port = listener.getsockname()[:2]
        config = uvicorn.Config(
            create(house),
            ws="wsproto",
            log_config=None,
            log_level="warning",
            access_log=False,
            # Open pages hold their sockets for as long as they are looked at.
            timeout_graceful_shutdown=GOODBYE_S,
        )
        logger.info("console_ready", address=f"http://{host}:{port}/console")
        await Server(config).serve(sockets=[listener])


def main() -> None:
    """Runs the role; ends with exit code 1 and a plain sentence where it cannot start."""
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    configure_log(settings, "console")
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
