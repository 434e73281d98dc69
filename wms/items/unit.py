"""Quantities of an item: whole numbers of its smallest unit inside, decimals at the border.

An item of scale s has 10^s smallest units in one whole unit: a metre kept in centimetres has 2.
"""

import re
from collections.abc import Mapping

from wms.error import Refused

QUANTITY_MAX = 10**12
SCALE_MAX = 6
_DECIMAL = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,6}))?")


def parse_quantity(quantity: int | str, scale: int, pointer: str = "/quantity") -> int:
    """The quantity in the item's smallest unit.

    Raises:
        Refused: `wrong_unit`, no number or finer than the item's unit; `bad_quantity`, not between
            one smallest unit and QUANTITY_MAX of them.
    """
    smallest = _smallest(quantity, scale, pointer)
    if smallest <= 0:
        raise Refused("bad_quantity", f"A quantity is more than 0, not {quantity}.", pointer)
    return smallest


def parse_change(quantity: int | str, scale: int, pointer: str = "/change") -> int:
    """A change of a quantity, more or less, in the item's smallest unit.

    Raises:
        Refused: `wrong_unit`; `bad_quantity`, nothing or beyond QUANTITY_MAX.
    """
    smallest = _smallest(quantity, scale, pointer)
    if smallest == 0:
        raise Refused("bad_quantity", "A change is not 0.", pointer)
    return smallest


def format_quantity(quantity: int, scale: int) -> int | str:
    """A quantity as the border speaks it: a number, or a decimal string for a scaled item."""
    if scale == 0:
        return quantity
    whole, rest = divmod(abs(quantity), 10**scale)
    return f"{'-' if quantity < 0 else ''}{whole}.{rest:0{scale}d}"


def factor_of(
    packaging: Mapping[str, int], unit: str, item_unit: str, pointer: str = "/unit"
) -> int:
    """How many smallest units a packaging holds; 1 for the item's own unit, or none said.

    `packaging` has the item's levels with their factors.

    Raises:
        Refused: `wrong_unit`, the item is not had in that unit.
    """
    if unit in ("", item_unit):
        return 1
    if unit not in packaging:
        known = ", ".join([item_unit, *packaging])
        raise Refused("wrong_unit", f"The item is had in {known}, not in {unit!r}.", pointer)
    return packaging[unit]


def smallest_units(
    quantity: int | str,
    unit: str,
    *,
    item_unit: str,
    scale: int,
    packaging: Mapping[str, int],
    pointer: str = "",
) -> tuple[int, int]:
    """A quantity said in some unit, in smallest units, and the factor it was said in.

    Packagings come in whole numbers; the item's own unit in decimals as fine as its scale.

    Raises:
        Refused: `wrong_unit`, `bad_quantity`, at `pointer`/unit and `pointer`/quantity.
    """
    factor = factor_of(packaging, unit, item_unit, f"{pointer}/unit")
    own = unit in ("", item_unit)
    said = parse_quantity(quantity, scale if own else 0, f"{pointer}/quantity")
    if said * factor > QUANTITY_MAX:
        raise Refused("bad_quantity", f"{quantity} {unit} are too many.", f"{pointer}/quantity")
    return said * factor, factor


def _smallest(quantity: int | str, scale: int, pointer: str) -> int:
    assert not isinstance(quantity, bool)
    if isinstance(quantity, int):
        smallest: int = quantity * 10**scale
    else:
        found = _DECIMAL.fullmatch(quantity)
        if found is None:
            raise Refused("wrong_unit", f"{quantity[:40]!r} is no decimal number.", pointer)
        sign, whole, places = found[1], found[2], (found[3] or "").rstrip("0")
        if len(places) > scale:
            finest = "whole numbers only" if scale == 0 else f"at most {scale} decimal places"
            raise Refused("wrong_unit", f"{quantity} is too fine: {finest}.", pointer)
        smallest = int(f"{sign}{whole}{places.ljust(scale, '0')}")
    if abs(smallest) > QUANTITY_MAX:
        raise Refused("bad_quantity", f"{quantity} is too much.", pointer)
    return smallest
