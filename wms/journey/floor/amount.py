"""Quantities as people on the floor say and type them: pieces, or decimals of a scaled unit."""

from wms.items.unit import format_quantity
from wms.journey.floor.screen import Ask


def unit_of(unit: str) -> str:
    """An item's unit as people say it."""
    return "pcs" if unit == "each" else unit


def amount_of(quantity: int, unit: str, scale: int) -> str:
    """A quantity of smallest units as people say it: `3 pcs`, `33.60 m`."""
    return f"{format_quantity(quantity, scale)} {unit_of(unit)}"


def ask_of(quantity: int, unit: str, scale: int) -> Ask:
    """A quantity to be typed; it is shown as a decimal and sent in smallest units."""
    return Ask(quantity, unit_of(unit), scale)
