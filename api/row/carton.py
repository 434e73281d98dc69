"""Carton types as rows of a file."""

from api.table import Row, Table, integer
from wms.packing.carton import CartonType

CARTONS = Table(
    ("code", "inner_width_mm", "inner_depth_mm", "inner_height_mm", "tare_g", "mass_g_max")
)

MOST = 10**9


def carton_from(row: Row) -> CartonType:
    """A line of a cartons file."""
    return CartonType(row["code"], *(integer(row, name, MOST) for name in CARTONS.needs[1:]))
