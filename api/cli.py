"""The command `stowline`."""

import asyncio
import json
import signal
import sys
from dataclasses import replace
from typing import Annotated, NoReturn

import asyncpg
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from api.broker import BrokerError
from api.command.audit import check_audit_command
from api.command.data_key import data_key_app
from api.command.device import device_app
from api.command.entry import carrier_app, staff_app, warehouse_app
from api.command.file import export_app, import_app
from api.command.forecast import forecast_command
from api.command.key import key_app
from api.command.label import label_app
from api.command.mail import mail_app
from api.command.plan import plan_app
from api.command.replenish import replenish_command
from api.command.road import roads_command
from api.command.route import plan_route_command
from api.command.scan import scan_app
from api.command.session import settings_of, with_database
from api.demo.live import LiveView, doors, stderr_console, summary_table
from api.demo.run import (
    DemoError,
    DemoOptions,
    Outcome,
    Person,
    UnknownFault,
    check_faults,
    run_demo,
)
from api.plan.refusal import PlanRefused
from api.serve import ROLES, Addresses, ServeError, serve
from api.settings import Settings, SettingsError
from api.table import TableError
from api.wiring import open_house
from routing.error import NoPlan
from wms.database.account import ServerError
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.database.port import free_port
from wms.database.seal import SealError
from wms.error import WmsError
from wms.stock import queries as stock
from wms.stock.ledger import Difference

PLAIN = (
    WmsError,
    TableError,
    DemoError,
    ServeError,
    ServerError,
    BrokerError,
    SettingsError,
    SealError,
    PlanRefused,
    NoPlan,
)
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
database_app = typer.Typer(no_args_is_help=True, help="The embedded database.")
app.add_typer(check_app, name="check")
check_app.command("audit")(check_audit_command)
key_app.add_typer(data_key_app, name="data")
app.add_typer(key_app, name="key")
app.add_typer(warehouse_app, name="warehouse")
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")
app.add_typer(staff_app, name="staff")
app.add_typer(carrier_app, name="carrier")
app.add_typer(device_app, name="device")
app.add_typer(database_app, name="database")
plan_app.command("route")(plan_route_command)
app.command("roads")(roads_command)
app.command("forecast")(forecast_command)
app.command("replenish")(replenish_command)
app.add_typer(plan_app, name="plan")
app.add_typer(scan_app, name="scan")
app.add_typer(label_app, name="label")
app.add_typer(mail_app, name="mail")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


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


@app.command("serve")
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the API.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
    only: Annotated[str | None, typer.Option(help=f"Some of {','.join(ROLES)}.")] = None,
) -> None:
    """Run the service: all roles, or some of them, until Ctrl-C."""
    settings = settings_of("serve")
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
    settings = settings_of("demo", quiet=True)
    if not stay:
        settings = replace(settings, port=free_port(), console_port=free_port())
    if faults:
        try:
            asyncio.run(check_faults(settings, faults))
        except UnknownFault as error:
            raise typer.BadParameter(str(error), param_hint="--faults") from error
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
    settings = settings_of("migrate")
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
    settings = settings_of("check")
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


@database_app.command("start")
def database_start_command() -> None:
    """Start the embedded database server, leave it running, and print its address."""
    with with_database(settings_of("database"), keep=True) as served:
        print(served.database_url)


@database_app.command("stop")
def database_stop_command() -> None:
    """Stop the embedded database server."""
    EmbeddedPostgres(settings_of("database").home / "postgres").stop()
    print("stopped")


if __name__ == "__main__":
    main()
