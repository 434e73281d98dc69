"""What the house keeps: an item, its size and its barcodes."""

from dataclasses import dataclass

from devices.gs1 import gtin14, is_gtin
from wms.error import Refused

SIZE_MM_MAX = 10_000
MASS_G_MAX = 2_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """An item as an import or a shop describes it; sizes in mm, mass in g.

    Raises:
        Refused: `bad_item`, naming the field.
    """

    sku: str
    name: str
    width_mm: int
    depth_mm: int
    height_mm: int
    mass_g: int
    barcodes: tuple[str, ...] = ()
    usual_price_minor: int | None = None

    def __post_init__(self) -> None:
        if not self.sku.strip():
            raise Refused("bad_item", "An item needs a SKU.", "/sku")
        for field in ("width_mm", "depth_mm", "height_mm"):
            if not 0 < getattr(self, field) <= SIZE_MM_MAX:
                raise Refused(
                    "bad_item",
                    f"{self.sku}: {field} lies between 1 and {SIZE_MM_MAX}.",
                    f"/{field}",
                )
        if not 0 < self.mass_g <= MASS_G_MAX:
            raise Refused(
                "bad_item", f"{self.sku}: mass_g lies between 1 and {MASS_G_MAX}.", "/mass_g"
            )


def canonical_sku(sku: str) -> str:
    """The one spelling of a SKU: upper case, no space around it."""
    return sku.strip().upper()


def canonical_barcode(barcode: str) -> str:
    """The one spelling of a barcode: a GTIN in 14 digits, anything else as it stands."""
    text = barcode.strip()
    return gtin14(text) if is_gtin(text) else text
