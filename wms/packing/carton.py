"""Cartons of the house, and the plan of an order's parcels."""

from dataclasses import asdict, dataclass

import asyncpg

from routing.pack.problem import Carton, PackItem


@dataclass(frozen=True, slots=True)
class CartonType:
    """A carton as it is entered: inner sizes in mm, its own mass and the most it carries in g."""

    code: str
    inner_width_mm: int
    inner_depth_mm: int
    inner_height_mm: int
    tare_g: int
    mass_g_max: int

    def row(self) -> dict[str, object]:
        return asdict(self)


def carton_from(row: asyncpg.Record) -> Carton:
    """A carton as `routing` plans with it."""
    return Carton(
        row["code"],
        row["inner_width_mm"],
        row["inner_depth_mm"],
        row["inner_height_mm"],
        row["tare_g"],
        row["mass_g_max"],
    )


def pack_item(key: int, quantity: int, row: asyncpg.Record) -> PackItem:
    """A line's goods as `routing` plans with them."""
    return PackItem(
        str(key), quantity, row["width_mm"], row["depth_mm"], row["height_mm"], row["mass_g"]
    )
