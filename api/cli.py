"""The command `stowline`."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import asyncpg
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from api import log
from api.broker import BrokerError
from api.demo.live import LiveView, doors, stderr_console, summary_table
from api.demo.run import DemoError, DemoOptions, Outcome, Person, run_demo
from api.entering import (
    add_carrier,
    add_device,
    add_staff,
    device_entry,
    import_cartons,
    import_items,
    import_places,
    import_stock,
    make_key,
)
from api.serve import ROLES, Addresses, ServeError, serve
from api.settings import Settings, SettingsError
from api.table import TableError
from api.wiring import open_house
from wms.database.account import ServerError
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.database.port import free_port
from wms.error import WmsError
from wms.stock import queries as stock
from wms.stock.ledger import Difference
from wms.tenants.staff import Role

PLAIN = (WmsError, TableError, DemoError, ServeError, ServerError, BrokerError, SettingsError)
# The database that the settings name is not there, or does not let us in.
AWAY = (
    OSError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)

app = typer.Typer(
    name="stowline", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
check_app = typer.Typer(no_args_is_help=True, help="Check the books.")
key_app = typer.Typer(no_args_is_help=True, help="Keys of shops and carriers.")
import_app = typer.Typer(no_args_is_help=True, help="Enter CSV files, all or nothing.")
staff_app = typer.Typer(no_args_is_help=True, help="The people of the house.")
carrier_app = typer.Typer(no_args_is_help=True, help="Carriers.")
device_app = typer.Typer(no_args_is_help=True, help="Scanners, sorters and printers.")
database_app = typer.Typer(no_args_is_help=True, help="The embedded database.")
app.add_typer(check_app, name="check")
app.add_typer(key_app, name="key")
app.add_typer(import_app, name="import")
app.add_typer(staff_app, name="staff")
app.add_typer(carrier_app, name="carrier")
app.add_typer(device_app, name="device")
app.add_typer(database_app, name="database")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8, comma, with a header.")]
Shop = Annotated[str, typer.Option(help="The shop's name.")]


def main() -> None:
    """Runs the command; a refusal is one plain sentence and exit code 1."""
    try:
        app()
    except PLAIN as error:
        refuse(str(error))
    except DBAPIError as error:
        refuse(f"The database refused: {error.orig}")
    except AWAY as error:
        refuse(f"That did not work: {error}")


def refuse(sentence: str) -> NoReturn:
    """Says why not, and ends with exit code 1."""
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


@contextmanager
def with_database(settings: Settings, *, keep: bool = False) -> Iterator[Settings]:
    """The settings with a database's address: the one given, or the embedded server's.

    An embedded server is left as it was found, running or not; `keep` leaves it running.
    """
    if settings.database_url is not None:
        yield settings
        return
    server = EmbeddedPostgres(settings.home / "postgres")
    keep = keep or server.running()
    server.start()
    try:
        yield replace(settings, database_url=server.url())
    finally:
        if keep:
            server.leave()
        else:
            server.release()


@app.command("serve")
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the API.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
    only: Annotated[str | None, typer.Option(help=f"Some of {','.join(ROLES)}.")] = None,
) -> None:
    """Run the service: all roles, or some of them, until Ctrl-C."""
    settings = _settings("serve")
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
        console_port=settings.console_port if console_port is None else console_port,
    )
    roles = ROLES if only is None else tuple(role.strip() for role in only.split(","))

    def ready(addresses: Addresses) -> None:
        print(f"API      {addresses.api_url}/openapi.json", file=sys.stderr)
        print(f"handheld {addresses.api_url}/handheld/", file=sys.stderr)
        print(f"console  {addresses.console_url}/console", file=sys.stderr)

    serve(settings, roles, on_ready=ready)


@app.command("demo")
def demo_command(
    orders: Annotated[int, typer.Option(min=1, max=1000, help="Real orders.")] = 200,
    seed: Annotated[int, typer.Option(help="Repeats the day.")] = 1,
    speed: Annotated[float | None, typer.Option(help="Times real motion.")] = None,
    faults: Annotated[str, typer.Option(metavar="NAME,…|all", help="Faults to strike.")] = "",
    as_json: AsJson = False,
    stay: Annotated[bool, typer.Option(help="Leave everything open until Ctrl-C.")] = False,
) -> None:
    """Take real orders from the shop's POST to the handed-over parcel."""
    # Told to end, it ends as by Ctrl-C: everything that it started is stopped in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = _settings("demo", quiet=True)
    if not stay:
        settings = replace(settings, port=free_port(), console_port=free_port())
    console = stderr_console()
    options = DemoOptions(orders, seed, speed, faults)
    with with_database(settings, keep=True) as served, LiveView(console, orders) as view:

        async def show_and_stay(
            outcome: Outcome, addresses: Addresses, people: list[Person]
        ) -> None:
            view.stop()
            _print_outcome(outcome, as_json)
            console.print(doors(addresses, people))
            await until_told()

        outcome = asyncio.run(run_demo(served, options, view.tell, show_and_stay if stay else None))
    if not stay:
        _print_outcome(outcome, as_json)
    if settings.database_url is None:
        console.print("The database server stays up to be looked at; `database stop` stops it.")
    if outcome.faults:
        refuse("\n".join(outcome.faults))


async def until_told() -> None:
    """Waits for Ctrl-C or SIGTERM."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


def _print_outcome(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome.data()))
    else:
        Console().print(summary_table(outcome))


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to date; an embedded one is backed up first."""
    settings = _settings("migrate")
    if settings.database_url is not None:
        done = asyncio.run(upgrade(settings.database_url))
    else:
        with EmbeddedPostgres(settings.home / "postgres") as server:
            done = asyncio.run(upgrade(server.url(), server))
    if done.changed:
        print(f"schema {done.after}" + (f", backup {done.backup}" if done.backup else ""))
    else:
        print(f"schema {done.after}, nothing to do")


@check_app.command("ledger")
def check_ledger_command(as_json: AsJson = False) -> None:
    """Hold every balance against the ledger; exit code 1 on any difference."""
    settings = _settings("check")
    with with_database(settings) as served:
        differences, lines, balances = asyncio.run(_check_ledger(served))
    if as_json:
        rows = [
            {"kind": d.kind, "where": d.where, "books": d.books, "ledger": d.ledger}
            for d in differences
        ]
        result = {
            "ok": not differences,
            "lines": lines,
            "balances": balances,
            "differences": rows,
        }
        print(json.dumps(result))
    else:
        print(f"{balances} balances against {lines} lines of the ledger")
    if differences:
        refuse("\n".join(str(row) for row in differences))


async def _check_ledger(settings: Settings) -> tuple[list[Difference], int, int]:
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with open_house(settings, "check", 2) as house, staff_transaction(house.pool) as own:
        size = await stock.ledger_size(own)
        return await stock.check_ledger(own), size["lines"], size["balances"]


@key_app.command("create")
def key_create_command(
    shop: Shop,
    scope: Annotated[list[str] | None, typer.Option(help="`carrier` for a carrier.")] = None,
    sandbox: Annotated[bool, typer.Option(help="Its orders stay off the floor.")] = False,
) -> None:
    """Make a key for a shop, which is made too where it is new; it is shown only now."""
    with with_database(_settings("key")) as served:
        print(asyncio.run(make_key(served, shop, scope or [], sandbox)))


@import_app.command("items")
def import_items_command(file: File, shop: Shop) -> None:
    """Enter a shop's items, or change them."""
    with with_database(_settings("import")) as served:
        print(asyncio.run(import_items(served, shop, file)))


@import_app.command("places")
def import_places_command(
    file: File,
    warehouse: Annotated[
        str | None, typer.Option(help="Its code, where there are several.")
    ] = None,
) -> None:
    """Enter places, or change them; the warehouse is made where there is none."""
    with with_database(_settings("import")) as served:
        print(asyncio.run(import_places(served, warehouse, file)))


@import_app.command("stock")
def import_stock_command(file: File, shop: Shop) -> None:
    """Book opening stock; the same file is booked only once."""
    with with_database(_settings("import")) as served:
        print(asyncio.run(import_stock(served, shop, file)))


@import_app.command("cartons")
def import_cartons_command(file: File) -> None:
    """Enter carton types, or change them."""
    with with_database(_settings("import")) as served:
        print(asyncio.run(import_cartons(served, file)))


@staff_app.command("add")
def staff_add_command(
    name: Annotated[str, typer.Option(help="As the screens greet them.")],
    badge: Annotated[str, typer.Option(help="The code on their badge.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
) -> None:
    """Enter one of the staff, or give the badge to another; the PIN is shown only now."""
    with with_database(_settings("staff")) as served:
        print(f"PIN {asyncio.run(add_staff(served, name, role, badge))}")


@carrier_app.command("add")
def carrier_add_command(
    code: Annotated[str, typer.Option(help="Short and unique.")],
    name: Annotated[str, typer.Option(help="As it stands on papers.")],
    url: Annotated[str, typer.Option(help="Where it takes pickups and voids.")],
) -> None:
    """Enter a carrier, or change it; secret and key are shown only now."""
    with with_database(_settings("carrier")) as served:
        secret, key = asyncio.run(add_carrier(served, code, name, url))
    print(f"secret that we send  {secret}\nkey that it sends    {key}")


@device_app.command("add")
def device_add_command(
    kind: Annotated[str, typer.Option("--class", help="scanner, sorter or printer.")],
    name: Annotated[str, typer.Option(help="Unique at its site.")],
    address: Annotated[str | None, typer.Option(metavar="HOST:PORT")] = None,
    area: Annotated[str, typer.Option(help="Part of its topics.")] = "floor",
    config: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
) -> None:
    """Enter a device of this site, or change it.

    A printer wants `--config place=PACK-01`, a scanner on a sorter `--config sorter=PLC-1`.
    """
    settings = _settings("device")
    device = device_entry(settings.site, area, kind, name, address, config or [])
    with with_database(settings) as served:
        asyncio.run(add_device(served, device))


@database_app.command("start")
def database_start_command() -> None:
    """Start the embedded database server, leave it running, and print its address."""
    with with_database(_settings("database"), keep=True) as served:
        print(served.database_url)


@database_app.command("stop")
def database_stop_command() -> None:
    """Stop the embedded database server."""
    EmbeddedPostgres(_settings("database").home / "postgres").stop()
    print("stopped")


def _settings(role: str, *, quiet: bool = False) -> Settings:
    settings = Settings.from_environment()
    if quiet:
        settings = replace(settings, log_level="error")
    if not (settings.database_url or "postgresql://").startswith("postgresql://"):
        raise SettingsError("STOWLINE_DATABASE_URL: an address begins with postgresql://")
    log.configure_log(settings, role)
    return settings


if __name__ == "__main__":
    main()
