"""`python -m api.gateway`: the role that speaks with scanners, sorters and printers."""

import asyncio
import os
import secrets
import signal
import socket
import sys

from api.gateway.gateway import Gateway, broker_address
from api.gateway.kill import killer_of
from api.log import configure_log
from api.settings import Settings, SettingsError
from api.wiring import open_house
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment


async def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises: ValueError, the broker's address is missing or is none.
    """
    if settings.mqtt_url is None:
        raise ValueError("STOWLINE_MQTT_URL: the gateway needs its broker's address")
    broker = broker_address(
        settings.mqtt_url, ca=settings.mqtt_ca, cert=settings.mqtt_cert, key=settings.mqtt_key
    )
    async with open_house(settings, "gateway", settings.pool_size) as house:
        name = settings.gateway_name or f"{socket.gethostname()}-{os.getpid()}"
        if settings.gateway_name is not None:
            # One of the same name ran before us and is dead: nobody has to wait for its leases.
            async with staff_transaction(house.pool) as connection:
                await equipment.end_leases_of(connection, name)
        holder = f"{name}/{secrets.token_hex(4)}"
        gateway = Gateway(
            house.pool, broker, settings.site, holder, house.now, killer=killer_of(settings)
        )
        serving = asyncio.create_task(gateway.run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, serving.cancel)
        await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()


def main() -> None:
    """Runs the role; ends with exit code 1 and a plain sentence where it cannot start."""
    try:
        settings = Settings.from_environment()
        configure_log(settings, "gateway")
        asyncio.run(serve(settings))
    except (SettingsError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
