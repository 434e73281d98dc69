"""Devices as others read them."""

from dataclasses import dataclass

import asyncpg

from wms.equipment import command_store, fault_store, store, view_store


@dataclass(frozen=True, slots=True)
class DeviceWatch:
    """What is watched of devices: how many of a class are there, and what the house did not take.

    `devices` counts by site, class and state (online, offline, unknown), `bad_messages` by site
    and kind.
    """

    devices: dict[tuple[str, str, str], int]
    bad_messages: dict[tuple[str, str], int]
    dead_letters: int
    commands_open: int


async def watch_devices(connection: asyncpg.Connection) -> DeviceWatch:
    """How the devices of all sites stand."""
    devices = await view_store.device_totals(connection)
    bad = await view_store.bad_totals(connection)
    faults = await view_store.fault_totals(connection)
    return DeviceWatch(
        {(row["site"], row["class"], row["state"]): row["devices"] for row in devices},
        {(row["site"], row["kind"]): row["messages"] for row in bad},
        faults["dead_letters"],
        faults["commands_open"],
    )


devices_of_site = store.devices_of_site
credentials_of_site = store.credentials_of_site
site_of_printer = store.site_of_printer
last_telegram = store.last_telegram
last_telegrams = store.last_telegrams
latest_boots = store.latest_boots
was_heard = store.was_heard
device = view_store.device
devices_after = view_store.devices_after
open_commands = command_store.open_commands
commands_before = command_store.commands_before
command = command_store.command
dead_letters = fault_store.dead_letters
bad_messages = fault_store.bad_messages
bad_devices = fault_store.bad_devices
sites_of_name = fault_store.sites_of_name
