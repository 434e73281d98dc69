"""`stowline device …`: the registry of devices, the broker's files, and dead letters."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from api import registry
from api.command.session import settings_of, with_database
from wms.equipment.device import CLASSES
from wms.error import Conflict

device_app = typer.Typer(no_args_is_help=True, help="Scanners, sorters, printers and the rest.")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
_SHOWN = ("name", "class", "area", "address", "in_service", "online", "boot", "link")
_DEAD = ("id", "device", "boot", "seq", "kind", "dead_reason", "dead_at")


def put_command(
    kind: Annotated[str, typer.Option("--class", help=f"One of {', '.join(CLASSES)}.")],
    name: Annotated[str, typer.Option(help="Unique at its site.")],
    address: Annotated[str | None, typer.Option(metavar="HOST:PORT")] = None,
    area: Annotated[str, typer.Option(help="Part of its topics.")] = "floor",
    config: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    in_service: Annotated[
        bool, typer.Option("--in-service/--out-of-service", help="Whether it is used.")
    ] = True,
) -> None:
    """Enter a device of this site, or change it.

    A printer wants `--config place=PACK-01`, a scanner on a sorter `--config sorter=PLC-1`.
    """
    settings = settings_of("device")
    device = registry.device_entry(
        settings.site, area, kind, name, address, config or [], in_service=in_service
    )
    with with_database(settings) as served:
        asyncio.run(registry.put_device(served, device))


device_app.command("put")(put_command)
device_app.command("add")(put_command)


@device_app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Show the devices of this site, and whether each is there."""
    with with_database(settings_of("device", quiet=as_json)) as served:
        rows = asyncio.run(registry.list_devices(served))
    _show("devices", rows, _SHOWN, as_json)


@device_app.command("credential")
def credential_command(
    name: Annotated[str, typer.Argument(help="The device; `stowline` is the house itself.")],
) -> None:
    """Give a device a new password for the broker; it is shown only now."""
    with with_database(settings_of("device")) as served:
        made = asyncio.run(registry.issue_credential(served, name))
    typer.echo(f"user      {made.username}\npassword  {made.password}")


@device_app.command("access")
def access_command(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the broker reads them.")],
) -> None:
    """Write the password file and the access list that Mosquitto goes by.

    Each device may say and hear what is its own. Then have the broker read them: SIGHUP.
    """
    with with_database(settings_of("device")) as served:
        files = asyncio.run(registry.write_access(served, out))
    typer.echo(
        f"{files.accounts} accounts. In mosquitto.conf:\n"
        "allow_anonymous false\n"
        f"password_file {files.passwords.resolve()}\n"
        f"acl_file {files.access.resolve()}"
    )


@device_app.command("forget")
def forget_command(
    name: Annotated[str, typer.Argument(help="The device, after a new board or a factory reset.")],
) -> None:
    """Let a device count its boots from the start; what it sent before is kept.

    Without this, what it sends is not taken while its boots are below the latest one known
    (`old_boot` among the bad messages), and stays with it.
    """
    with with_database(settings_of("device")) as served:
        telegrams = asyncio.run(registry.forget_telegrams(served, name))
    typer.echo(f"{name} may count anew; {telegrams} telegrams of before are kept")


@device_app.command("dead")
def dead_command(as_json: AsJson = False) -> None:
    """Show the dead letters: what devices reported and the house could not book."""
    with with_database(settings_of("device", quiet=as_json)) as served:
        rows = asyncio.run(registry.list_dead(served))
    _show("dead_letters", rows, _DEAD, as_json)


@device_app.command("replay")
def replay_command(
    number: Annotated[int, typer.Argument(min=1, help="Its id, as `device dead` shows it.")],
) -> None:
    """Try a dead letter again, after what it lacked was put right; once done, it stays done."""
    with with_database(settings_of("device")) as served:
        row = asyncio.run(registry.replay_dead(served, number))
    if row["replayed_at"] is None:
        raise Conflict("refused_again", f"Refused again: {row['dead_reason']}")
    typer.echo(f"dead letter {number} was replayed at {row['replayed_at'].isoformat()}")


def _show(
    name: str, rows: Sequence[asyncpg.Record], fields: tuple[str, ...], as_json: bool
) -> None:
    if as_json:
        listed: list[dict[str, Any]] = [{field: row[field] for field in fields} for row in rows]
        typer.echo(json.dumps({name: listed}, default=str))
        return
    typer.echo("\t".join(fields))
    for row in rows:
        typer.echo("\t".join("" if row[field] is None else str(row[field]) for field in fields))
