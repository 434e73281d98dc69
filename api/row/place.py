"""Places as rows of a file."""

from collections.abc import Mapping
from typing import Any

from api.table import Row, Table, optional, parts, said, yes
from wms.bins.place import Mixing, Place, PlaceKind, Purpose

PLACES = Table(
    ("code", "kind"),
    (
        "warehouse",
        "zone",
        "aisle",
        "bay",
        "level",
        "x_mm",
        "y_mm",
        "walk_seq",
        "volume_ml",
        "lane",
        "purpose",
        "mass_g_max",
        "units_max",
        "mixing",
        "storage_classes",
        "blocked_in",
        "blocked_out",
    ),
)


def place_from(row: Row) -> Place:
    """A line of a places file; several storage classes are parted by semicolons."""
    return Place(
        row["code"],
        PlaceKind(row["kind"]),
        row.get("zone", ""),
        optional(row, "aisle"),
        optional(row, "bay"),
        optional(row, "level"),
        optional(row, "x_mm"),
        optional(row, "y_mm"),
        optional(row, "walk_seq"),
        optional(row, "volume_ml"),
        optional(row, "lane"),
        Purpose(row.get("purpose") or Purpose.FORWARD),
        optional(row, "mass_g_max"),
        optional(row, "units_max"),
        Mixing(row.get("mixing") or Mixing.ANY),
        parts(row, "storage_classes"),
        yes(row, "blocked_in"),
        yes(row, "blocked_out"),
    )


def located_place_from(row: Row) -> tuple[str | None, Place]:
    """A line of a places file with the warehouse that it names, if it names one."""
    return row.get("warehouse") or None, place_from(row)


def row_of_place(place: Mapping[str, Any]) -> Row:
    """A place as a line of a places file."""
    columns = (*PLACES.needs, *PLACES.may_have)
    row = {name: said(place[name]) for name in columns if name != "storage_classes"}
    return row | {"storage_classes": ";".join(place["storage_classes"])}
