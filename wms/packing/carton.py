"""Cartons of the house, and the plan of an order's parcels."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

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


def pack_item(key: int, quantity: int, row: asyncpg.Record | Mapping[str, Any]) -> PackItem:
    """A line's goods as `routing` plans with them: what is cut off a whole unit counts as one."""
    return PackItem(
        str(key),
        whole_units(quantity, row["scale"]),
        row["width_mm"],
        row["depth_mm"],
        row["height_mm"],
        row["mass_g"],
    )


def whole_units(quantity: int, scale: int) -> int:
    """How many whole units hold that many smallest ones."""
    units: int = -(-quantity // 10**scale)
    return units


@dataclass(slots=True)
class Unpacked:
    """What is left of a line in smallest units, while parcels take it whole unit by whole unit."""

    left: int
    scale: int

    def take(self, units: int) -> int:
        """The smallest units that so many whole units are; the last one may be less than whole."""
        taken: int = min(self.left, units * 10**self.scale)
        assert taken > 0, "a plan packs no more than there is"
        self.left -= taken
        return taken
