"""`stowline import …` and `stowline export …`: CSV files in and out."""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TextIO

import typer

from api.command.session import settings_of, with_database
from api.entering import (
    ShopName,
    export_items,
    export_places,
    export_stock,
    import_cartons,
    import_items,
    import_orders,
    import_places,
    import_stock,
)
from api.settings import Settings

import_app = typer.Typer(
    no_args_is_help=True, help="Enter CSV files: all or nothing, but for orders, each for itself."
)
export_app = typer.Typer(no_args_is_help=True, help="Write CSV files that import takes again.")

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8, comma, with a header.")]
Out = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE.csv]", help="Standard output where none is named."),
]
ShopOption = Annotated[str, typer.Option("--shop", help="The shop's name.")]
TenantOption = Annotated[
    str | None, typer.Option("--tenant", help="Its tenant, where several have such a shop.")
]
WarehouseOption = Annotated[
    str | None, typer.Option("--warehouse", help="Its code; the first, where none is named.")
]


@import_app.command("items")
def import_items_command(file: File, shop: ShopOption, tenant: TenantOption = None) -> None:
    """Enter a shop's items, or change them: each line is the whole item."""
    with with_database(settings_of("import")) as served:
        typer.echo(asyncio.run(import_items(served, ShopName(shop, tenant), file)))


@import_app.command("places")
def import_places_command(file: File, warehouse: WarehouseOption = None) -> None:
    """Enter places, or change them; the warehouse is made where there is none.

    A line may name its own warehouse.
    """
    with with_database(settings_of("import")) as served:
        typer.echo(asyncio.run(import_places(served, warehouse, file)))


@import_app.command("stock")
def import_stock_command(
    file: File,
    shop: ShopOption,
    tenant: TenantOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Book opening stock; the same file is booked only once."""
    with with_database(settings_of("import")) as served:
        named = ShopName(shop, tenant)
        typer.echo(asyncio.run(import_stock(served, named, file, warehouse)))


@import_app.command("cartons")
def import_cartons_command(file: File, warehouse: WarehouseOption = None) -> None:
    """Enter carton types, or change them."""
    with with_database(settings_of("import")) as served:
        typer.echo(asyncio.run(import_cartons(served, file, warehouse)))


@import_app.command("orders")
def import_orders_command(
    file: File,
    shop: ShopOption,
    tenant: TenantOption = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Keep them off the floor.")] = False,
) -> None:
    """Place the orders of a file, each for itself; says what came of each line.

    Lines of one order number are one order. Exit code 1 where any of it was refused.
    """
    with with_database(settings_of("import")) as served:
        named = ShopName(shop, tenant)
        lines = asyncio.run(import_orders(served, named, file, sandbox=sandbox))
    for line in lines:
        what = line.result if line.code is None else f"{line.result} ({line.code})"
        where = f", {line.column}" if line.column else ""
        why = f": {line.detail}" if line.detail else ""
        typer.echo(f"line {line.line}{where}: {line.external_order_id!r} {what}{why}")
    refused = sum(line.result == "refused" for line in lines)
    if refused:
        typer.echo(f"{refused} of {len(lines)} lines were refused.", err=True)
        raise typer.Exit(1)


@export_app.command("items")
def export_items_command(shop: ShopOption, file: Out = None, tenant: TenantOption = None) -> None:
    """Write a shop's items."""
    named = ShopName(shop, tenant)
    _write(file, lambda served, out: export_items(served, named, out))


@export_app.command("places")
def export_places_command(file: Out = None, warehouse: WarehouseOption = None) -> None:
    """Write the places of a warehouse; of all, where none is named."""
    _write(file, lambda served, out: export_places(served, warehouse, out))


@export_app.command("stock")
def export_stock_command(
    shop: ShopOption,
    file: Out = None,
    tenant: TenantOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Write what lies of a shop's goods in bins and on receiving places."""
    named = ShopName(shop, tenant)
    _write(file, lambda served, out: export_stock(served, named, warehouse, out))


def _write(file: Path | None, export: Callable[[Settings, TextIO], Awaitable[int]]) -> None:
    """Writes the file only once it is whole, so that a refusal leaves the old one as it was."""

    async def run(served: Settings) -> tuple[int, str]:
        text = io.StringIO(newline="")
        return await export(served, text), text.getvalue()

    with with_database(settings_of("export")) as served:
        count, text = asyncio.run(run(served))
    if file is None:
        sys.stdout.buffer.write(text.encode())
        return
    file.write_bytes(text.encode())
    typer.echo(f"{count} lines in {file}")
