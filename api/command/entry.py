"""`stowline warehouse|staff|carrier …`: what is entered by hand, one at a time."""

import asyncio
from typing import Annotated

import typer

from api.command.session import settings_of, with_database
from api.entering import (
    add_carrier,
    add_staff,
    add_warehouse,
)
from wms.tenants.staff import Role

warehouse_app = typer.Typer(no_args_is_help=True, help="Warehouses.")
staff_app = typer.Typer(no_args_is_help=True, help="The people of the house.")
carrier_app = typer.Typer(no_args_is_help=True, help="Carriers.")


@warehouse_app.command("add")
def warehouse_add_command(
    code: Annotated[str, typer.Argument(help="Short and unique.")],
    name: Annotated[str | None, typer.Option(help="As the screens show it.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
    pickers: Annotated[int | None, typer.Option(help="How many pick at once.")] = None,
    lines_per_picker_hour: Annotated[
        int | None, typer.Option(help="What one of them picks in an hour.")
    ] = None,
    count_review: Annotated[
        int | None,
        typer.Option(help="Variances worth more, in minor units, wait for a planner."),
    ] = None,
    aisles: Annotated[int | None, typer.Option(help="Else its first bins say it.")] = None,
    aisle_length_mm: Annotated[int | None, typer.Option()] = None,
    aisle_pitch_mm: Annotated[int | None, typer.Option(help="From aisle to aisle.")] = None,
    depot_aisle: Annotated[int | None, typer.Option(help="Where walks begin.")] = None,
    drop_aisle: Annotated[
        int | None, typer.Option(help="Where walks end; else where they began.")
    ] = None,
    drop_at_back: Annotated[
        bool | None, typer.Option("--drop-at-back/--drop-at-front", help="Which end of it.")
    ] = None,
    cross_aisle_mm: Annotated[
        list[int] | None,
        typer.Option(
            help="A way across inside the aisles, so far from the front, once each; 0 for none."
        ),
    ] = None,
    aisle_width_mm: Annotated[
        int | None, typer.Option(help="A step from the left rack to the right one.")
    ] = None,
    latitude: Annotated[float | None, typer.Option()] = None,
    longitude: Annotated[float | None, typer.Option()] = None,
    country: Annotated[
        str | None, typer.Option(help="Whose holidays it keeps, as DE (ISO 3166).")
    ] = None,
    subdivision: Annotated[str | None, typer.Option(help="The part of it, as BY.")] = None,
    postal_code: Annotated[
        str | None, typer.Option(help="Orders from near it come here, where nobody knows better.")
    ] = None,
) -> None:
    """Enter a warehouse with its virtual places, or change what is told of it."""
    told: dict[str, object] = {
        "name": name,
        "time_zone": time_zone,
        "pickers": pickers,
        "lines_per_picker_hour": lines_per_picker_hour,
        "count_review_minor": count_review,
        "aisles": aisles,
        "aisle_length_mm": aisle_length_mm,
        "aisle_pitch_mm": aisle_pitch_mm,
        "depot_aisle": depot_aisle,
        "drop_aisle": drop_aisle,
        "drop_at_back": drop_at_back,
        "cross_aisles_mm": cross_aisle_mm and [y_mm for y_mm in cross_aisle_mm if y_mm],
        "aisle_width_mm": aisle_width_mm,
        "latitude": latitude,
        "longitude": longitude,
        "country": country,
        "subdivision": subdivision,
        "postal_code": postal_code,
    }
    given = {field: value for field, value in told.items() if value is not None}
    with with_database(settings_of("warehouse")) as served:
        asyncio.run(add_warehouse(served, given | {"code": code}))
    typer.echo(f"warehouse {code}")


@staff_app.command("add")
def staff_add_command(
    name: Annotated[str, typer.Option(help="As the screens greet them.")],
    badge: Annotated[str, typer.Option(help="The code on their badge.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
) -> None:
    """Enter one of the staff, or give the badge to another; the PIN is shown only now."""
    with with_database(settings_of("staff")) as served:
        typer.echo(f"PIN {asyncio.run(add_staff(served, name, role, badge))}")


@carrier_app.command("add")
def carrier_add_command(
    code: Annotated[str, typer.Option(help="Short and unique.")],
    name: Annotated[str, typer.Option(help="As it stands on papers.")],
    url: Annotated[str, typer.Option(help="Where it takes pickups and voids.")],
) -> None:
    """Enter a carrier, or change it; secret and key are shown only now."""
    with with_database(settings_of("carrier")) as served:
        secret, key = asyncio.run(add_carrier(served, code, name, url))
    typer.echo(f"secret that we send  {secret}\nkey that it sends    {key}")
