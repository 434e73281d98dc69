"""What an item is bought, kept or sold in: inner packs, cases and pallets."""

from dataclasses import dataclass
from itertools import pairwise

from wms.error import Refused
from wms.items.barcode import check_barcode
from wms.items.unit import QUANTITY_MAX

# From the smallest up.
LEVELS = ("inner", "case", "pallet")
SIZE_MM_MAX = 10_000
MASS_G_MAX = 10_000_000


@dataclass(frozen=True, slots=True)
class Packaging:
    """So many smallest units of an item in one pack; sizes in mm, mass in g, where known.

    Raises:
        Refused: `bad_packaging`, `bad_barcode`.
    """

    level: str
    factor: int
    width_mm: int | None = None
    depth_mm: int | None = None
    height_mm: int | None = None
    mass_g: int | None = None
    barcodes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise _refusal(f"{self.level[:20]!r} is none of {', '.join(LEVELS)}.")
        if not 1 < self.factor <= QUANTITY_MAX:
            raise _refusal(f"{self.level}: a pack holds 2 smallest units or more.")
        for field in ("width_mm", "depth_mm", "height_mm"):
            value = getattr(self, field)
            if value is not None and not 0 < value <= SIZE_MM_MAX:
                raise _refusal(f"{self.level}: {field} lies between 1 and {SIZE_MM_MAX}.")
        if self.mass_g is not None and not 0 < self.mass_g <= MASS_G_MAX:
            raise _refusal(f"{self.level}: mass_g lies between 1 and {MASS_G_MAX}.")
        for code in self.barcodes:
            check_barcode(code)


def check_packagings(packagings: tuple[Packaging, ...]) -> None:
    """Nothing, where each level stands there once and packs go into each other without a rest.

    Raises:
        Refused: `bad_packaging`.
    """
    if len({packaging.level for packaging in packagings}) < len(packagings):
        raise _refusal("A level stands there twice.")
    ordered = sorted(packagings, key=lambda packaging: LEVELS.index(packaging.level))
    for small, large in pairwise(ordered):
        if large.factor <= small.factor or large.factor % small.factor:
            raise _refusal(
                f"A {large.level} of {large.factor} does not hold whole packs of {small.factor}."
            )


def _refusal(why: str) -> Refused:
    return Refused("bad_packaging", why, "/packagings")
