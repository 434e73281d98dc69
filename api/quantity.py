"""Quantities at the border: whole numbers, or decimal strings for items with a finer scale."""

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from wms.items.unit import QUANTITY_MAX

DECIMAL = r"^\d{1,13}(\.\d{1,6})?$"
SIGNED = r"^[+-]?\d{1,13}(\.\d{1,6})?$"


def _quantity(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 < value <= QUANTITY_MAX:
            raise ValueError(f"a quantity lies between 1 and {QUANTITY_MAX}")
        return value
    if isinstance(value, str) and re.fullmatch(DECIMAL[1:-1], value, re.ASCII):
        return value
    raise ValueError("a quantity is a whole number, or a decimal string as '33.60'")


def _target(value: object) -> int | str:
    return 0 if value == 0 and type(value) is int else _quantity(value)


def _change(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 < abs(value) <= QUANTITY_MAX:
            raise ValueError(f"a change lies within ±{QUANTITY_MAX} and is not 0")
        return value
    if isinstance(value, str) and re.fullmatch(SIGNED[1:-1], value, re.ASCII):
        return value.removeprefix("+")
    raise ValueError("a change is a whole number, or a decimal string as '-33.60'")


# wms/items/unit.py makes smallest units of them, once the item and so its scale is known.
Quantity = Annotated[
    int | str,
    PlainValidator(_quantity),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": QUANTITY_MAX},
                {"type": "string", "pattern": DECIMAL},
            ]
        }
    ),
]
# How much there shall be: nothing as well.
Target = Annotated[
    int | str,
    PlainValidator(_target),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": QUANTITY_MAX},
                {"type": "string", "pattern": DECIMAL},
            ]
        }
    ),
]
Change = Annotated[
    int | str,
    PlainValidator(_change),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": -QUANTITY_MAX, "maximum": QUANTITY_MAX},
                {"type": "string", "pattern": SIGNED},
            ]
        }
    ),
]
