"""`python -m api.gateway`: the role that speaks with scanners, sorters and printers."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from api.gateway.gateway import Gateway, broker_address
from api.gateway.kill import killer_of
from api.log import configure_log
from api.settings import Settings, SettingsError
from api.wiring import open_house
from wms.database.pool import open_pool, staff_transaction
from wms.equipment import commands as equipment

_RENEWING = 2


async def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises: ValueError, the broker's address is missing or is none.
    """
    if settings.mqtt_url is None:
        raise ValueError("STOWLINE_MQTT_URL: the gateway needs its broker's address")
    assert settings.database_url is not None, "a role is started with its database's address"
    broker = broker_address(
        settings.mqtt_url, ca=settings.mqtt_ca, cert=settings.mqtt_cert, key=settings.mqtt_key
    )
    async with (
        open_house(settings, "gateway", settings.pool_size) as house,
        await open_pool(
            settings.database_url,
            application="gateway leases",
            size_max=_RENEWING,
            keyset=house.keyset,
        ) as renewals,
    ):
        name = settings.gateway_name or f"{socket.gethostname()}-{os.getpid()}"
        if settings.gateway_name is not None:
            # One of the same name ran before us and is dead: nobody has to wait for its leases.
            async with staff_transaction(house.pool) as connection:
                await equipment.end_leases_of(connection, name)
        holder = f"{name}/{secrets.token_hex(4)}"
        gateway = Gateway(
            house.pool,
            broker,
            settings.site,
            holder,
            house.now,
            killer=killer_of(settings),
            renewals=renewals,
        )
        serving = asyncio.create_task(gateway.run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, serving.cancel)
        await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop where the platform has it, else asyncio's own.

    A sorter's bookings are many short turns of the loop, of which uvloop does half as many again.
    """
    if find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return factory


def main() -> None:
    """Runs the role; ends with exit code 1 and a plain sentence where it cannot start."""
    try:
        settings = Settings.from_environment()
        configure_log(settings, "gateway")
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve(settings))
    except (SettingsError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
