"""What the command line does with devices: the registry, the broker's files, and dead letters."""

from dataclasses import dataclass
from pathlib import Path

import asyncpg

from api.entering import ACTOR, entering, opened
from api.settings import Settings
from devices.link.access import Account, access_file, password_file
from devices.link.topic import DeviceName
from wms.equipment import queries as equipment
from wms.equipment.credential import Credential, username
from wms.equipment.device import GATEWAY_CLASS, GATEWAY_NAME, DeviceEntry
from wms.error import Refused
from wms.journey.device import dead_letter, register
from wms.journey.wave.sort_effect import EFFECTS

PASSWORDS, ACCESS = "stowline.passwd", "stowline.acl"
_PAGE = 1_000
_PRIVATE = 0o640


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """The files that a broker was given, and for how many accounts."""

    passwords: Path
    access: Path
    accounts: int


def device_entry(
    site: str,
    area: str,
    kind: str,
    name: str,
    address: str | None,
    config: list[str],
    *,
    in_service: bool = True,
) -> DeviceEntry:
    """A device as the command line describes it; whole numbers in its settings are numbers.

    Raises:
        Refused: `bad_device`, a setting is not NAME=VALUE.
    """
    values: dict[str, object] = {}
    for pair in config:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise Refused("bad_device", f"{pair!r} is not NAME=VALUE.")
        values[key] = int(value) if value.isdecimal() else value
    return DeviceEntry(site, area, kind, name, address, values, in_service)


async def put_device(settings: Settings, device: DeviceEntry) -> None:
    """Enters a device of a site, or changes it; a running gateway follows within seconds."""
    async with entering(settings) as (_, connection):
        await register.enter_device(connection, device)


async def list_devices(settings: Settings) -> list[asyncpg.Record]:
    """The devices of the site, the oldest first."""
    found: list[asyncpg.Record] = []
    async with opened(settings) as (_, connection):
        while rows := await equipment.devices_after(
            connection, settings.site, found[-1]["id"] if found else 0, _PAGE
        ):
            found += rows
    return found


async def issue_credential(settings: Settings, name: str) -> Credential:
    """A device's new password, which is shown only here; the house's own is that of `stowline`.

    Raises:
        NotFound: `unknown_device`.
        Conflict: `device_not_in_service`.
    """
    async with entering(settings) as (house, connection):
        if name == GATEWAY_NAME:
            await register.enter_gateway(connection, settings.site)
        return await register.issue_credential(connection, settings.site, name, ACTOR, house.now())


async def forget_telegrams(settings: Settings, name: str) -> int:
    """Lets a device count its boots from the start; answers how many telegrams it had sent.

    Raises:
        NotFound: `unknown_device`.
        Refused: `not_forgotten`.
    """
    async with entering(settings) as (house, connection):
        return await register.forget_telegrams(connection, settings.site, name, ACTOR, house.now())


async def write_access(settings: Settings, folder: Path) -> BrokerFiles:
    """Writes Mosquitto's password file and access list for everyone who has a password.

    A broker that reads them at that moment finds the old ones or the new ones, whole.

    Raises:
        Refused: `house_without_password`, the broker would let nobody of the house in.
    """
    async with opened(settings) as (_, connection):
        rows = await equipment.credentials_of_site(connection, settings.site)
    accounts = [
        Account(
            username(row["site"], row["name"]),
            row["password_hash"],
            DeviceName(row["site"], row["area"], row["class"], row["name"]),
            whole_site=row["class"] == GATEWAY_CLASS,
        )
        for row in rows
    ]
    if not any(account.whole_site for account in accounts):
        raise Refused(
            "house_without_password",
            f"The house itself has no password yet: `stowline device credential {GATEWAY_NAME}`.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    files = BrokerFiles(folder / PASSWORDS, folder / ACCESS, len(accounts))
    _write(files.passwords, password_file(accounts))
    _write(files.access, access_file(accounts))
    return files


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.touch(mode=_PRIVATE)
    fresh.chmod(_PRIVATE)
    fresh.write_text(text)
    fresh.replace(path)


async def list_dead(settings: Settings) -> list[asyncpg.Record]:
    """The dead letters that wait, the oldest first."""
    found: list[asyncpg.Record] = []
    async with opened(settings) as (_, connection):
        while rows := await equipment.dead_letters(
            connection, None, found[-1]["id"] if found else 0, _PAGE
        ):
            found += rows
    return found


async def replay_dead(settings: Settings, number: int) -> asyncpg.Record:
    """Tries a dead letter's effect again, and gives it as it then stands.

    Raises:
        NotFound: `unknown_dead_letter`.
        Conflict: `no_effect`.
    """
    async with entering(settings) as (house, connection):
        return await dead_letter.replay(connection, number, EFFECTS, ACTOR, house.now())
