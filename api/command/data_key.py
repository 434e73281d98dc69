"""`stowline key data …`: the keys that personal data are sealed with."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from api.command.plan import AsJson
from api.command.session import settings_of, with_database
from api.data_key import key_file, write_keyset
from api.settings import Settings
from api.wiring import House, open_house
from wms.audit import commands as audit
from wms.database import data_key
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.journey.buyer.sealing import retire_key, seal_all

ACTOR = "command line"

data_key_app = typer.Typer(
    no_args_is_help=True, help="Keys that personal data are sealed with; none is ever shown."
)


@data_key_app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Tell the keys by their ids, and which of them seals."""
    with with_database(settings_of("key")) as served:
        rows = asyncio.run(_listed(served))
    if as_json:
        typer.echo(json.dumps({"keys": rows}))
        return
    for row in rows:
        typer.echo(f"{row['id']:<12} {row['state']}")


@data_key_app.command("rotate")
def rotate_command() -> None:
    """Add a key, which seals from the roles' next start on; old keys go on opening."""
    with with_database(settings_of("key")) as served:
        typer.echo(asyncio.run(_rotate(served)))


@data_key_app.command("reseal")
def reseal_command() -> None:
    """Seal everything with the newest key now; the jobs role does it by itself too."""
    with with_database(settings_of("key")) as served:
        typer.echo(f"{asyncio.run(_reseal(served))} rows sealed anew")


@data_key_app.command("retire")
def retire_command(
    key_id: Annotated[str, typer.Argument(help="An old key's id.")],
) -> None:
    """Take an old key away, once nothing is sealed with it and nobody seals with it."""
    with with_database(settings_of("key")) as served:
        typer.echo(asyncio.run(_retire(served, key_id)))


async def _listed(settings: Settings) -> list[dict[str, str]]:
    async with _open(settings) as house, staff_transaction(house.pool) as connection:
        standing = await data_key.standing_keys(connection)
    names = [name for name, _ in house.keyset.keys]
    return [
        {
            "id": name,
            "state": "seals"
            if name == house.keyset.newest
            else "opens"
            if name in standing
            else "retired",
        }
        for name in names
    ]


async def _rotate(settings: Settings) -> str:
    async with _open(settings) as house:
        rotated = house.keyset.rotated()
        if settings.data_keys is not None:
            return f"STOWLINE_DATA_KEYS={','.join(rotated.text().split())}"
        file = write_keyset(settings, rotated)
        async with staff_transaction(house.pool) as connection:
            await data_key.note_keys(connection, rotated.fingerprints())
            await audit.note(
                connection,
                audit.HOUSE,
                ACTOR,
                "key.rotated",
                f"data_key/{rotated.newest}",
                house.now(),
            )
    return (
        f"{rotated.newest} is in {file}. Bring the file to every machine and start the roles anew; "
        f"then `stowline key data retire {house.keyset.newest}`."
    )


async def _reseal(settings: Settings) -> int:
    async with _open(settings) as house:
        return await seal_all(house.pool)


async def _retire(settings: Settings, key_id: str) -> str:
    async with _open(settings) as house:
        left = house.keyset.without(key_id)
        await retire_key(house.pool, key_id, ACTOR, house.now())
        if settings.data_keys is not None:
            return f"{key_id} is retired: take it out of STOWLINE_DATA_KEYS."
        write_keyset(settings, left)
    return f"{key_id} is retired and no more in {key_file(settings)}."


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[House]:
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with open_house(settings, "key", 2) as house:
        yield house
