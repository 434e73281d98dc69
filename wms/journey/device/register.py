"""The registry: which devices a site has, and with what they sign in to the broker."""

from datetime import UTC, datetime

import asyncpg

from wms.bins import queries as bins
from wms.equipment import commands as equipment
from wms.equipment import queries as equipment_rows
from wms.equipment.credential import Credential, new_credential
from wms.equipment.device import (
    GATEWAY_AREA,
    GATEWAY_CLASS,
    GATEWAY_NAME,
    DeviceEntry,
)
from wms.error import Conflict, NotFound, Refused
from wms.outbox import commands as outbox
from wms.outbox.command import Answer, body_hash


async def enter_device(connection: asyncpg.Connection, entry: DeviceEntry) -> int:
    """Enters a device of a site, or changes it; one that goes out of service loses its password.

    Raises:
        Refused: `bad_device`; `unknown_warehouse`, a printer stands in none of that code.
        Conflict: `name_taken`, another site has a printer of that name.
    """
    entry.check()
    if entry.device_class == "printer" and entry.in_service:
        await _check_printer(connection, entry)
    device_id = await equipment.enter_device(
        connection,
        entry.site,
        entry.area,
        entry.device_class,
        entry.name,
        entry.address,
        entry.config,
        entry.in_service,
    )
    if not entry.in_service:
        await equipment.retire(connection, device_id)
    return device_id


async def _check_printer(connection: asyncpg.Connection, entry: DeviceEntry) -> None:
    """A label waits for a printer by its name alone, so that one would be printed at either site.

    Raises:
        Refused: `unknown_warehouse`.
        Conflict: `name_taken`.
    """
    warehouse = entry.config.get("warehouse")
    if warehouse is not None and (await bins.warehouse_of_code(connection, str(warehouse)) is None):
        raise Refused("unknown_warehouse", f"There is no warehouse {warehouse}.")
    site = await equipment_rows.site_of_printer(connection, entry.name, entry.site)
    if site is not None:
        raise Conflict("name_taken", f"{site} has a printer {entry.name}: take another name.")


async def enter_gateway(connection: asyncpg.Connection, site: str) -> None:
    """Enters the house itself as a device of its site, whose lease is that of the site's link."""
    await equipment.enter_gateway(connection, site, GATEWAY_AREA, GATEWAY_CLASS, GATEWAY_NAME)


async def issue_credential(
    connection: asyncpg.Connection, site: str, name: str, actor: str, now: datetime
) -> Credential:
    """Gives a device a new password, which is shown only here and ends the last one.

    The broker knows it when its files have been written anew.

    Raises:
        NotFound: `unknown_device`.
        Conflict: `device_not_in_service`.
    """
    row = await the_device(connection, site, name)
    if not row["in_service"]:
        raise Conflict("device_not_in_service", f"{name} is not in service.")
    credential = new_credential(site, name)
    await equipment.set_credential(connection, row["id"], credential.password_hash, actor, now)
    return credential


async def forget_telegrams(
    connection: asyncpg.Connection, site: str, name: str, actor: str, now: datetime
) -> int:
    """Lets a device count its boots from the start, as after a new board; answers how many.

    What it sent before stays, under its name with the moment. Only then are its telegrams told
    from those of before: until this, those of a boot below the latest are not taken. Who did so
    is kept among the commands.

    Raises:
        NotFound: `unknown_device`.
        Refused: `not_forgotten`, a sorter's numbers are its own.
    """
    row = await the_device(connection, site, name)
    if row["class"] == "sorter":
        raise Refused("not_forgotten", f"{name} is a sorter, whose boots need not grow.")
    device = "/".join((row["site"], row["area"], row["class"], row["name"]))
    under = f"{device} until {now.astimezone(UTC).isoformat(timespec='seconds')}"
    telegrams = await equipment.set_telegrams_aside(connection, device, under)
    await outbox.remember(
        connection,
        0,
        f"device/{device}",
        now.isoformat(),
        "device/forget",
        body_hash(device),
        Answer(200, {"telegrams": telegrams, "under": under}),
        actor,
    )
    return telegrams


async def the_device(connection: asyncpg.Connection, site: str, name: str) -> asyncpg.Record:
    """A device by its name.

    Raises:
        NotFound: `unknown_device`.
    """
    row = await equipment_rows.device(connection, site, name)
    if row is None:
        raise NotFound("unknown_device", f"{site} has no device {name}.")
    return row
