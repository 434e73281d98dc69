"""What the invoices do not say of an item: its size, its mass and its barcode.

All of it is decided by the SKU and its usual price alone, so that an item is the same in every
scenario. The volume grows with the price: 110 ml × (price in pounds + 0.3)^0.7, times a factor
from 0.6 to 1.6, within 80 ml and 1,500 ml. The sides are in one of many proportions no flatter
than 1 : 0.5 : 0.25. The density lies between 0.15 and 0.6 g/ml. The barcode is a GTIN-13 under
952, the prefix that GS1 keeps for demonstrations.
"""

from dataclasses import dataclass

from sim.chance import fraction

_RULE = 1
VOLUME_ML_MIN = 80
VOLUME_ML_MAX = 1_500
_DEMO_PREFIX = "952"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the warehouse is told of it."""

    sku: str
    name: str
    width_mm: int
    depth_mm: int
    height_mm: int
    mass_g: int
    barcode: str
    usual_price_minor: int | None

    @property
    def volume_ml(self) -> int:
        """The volume of its box, rounded up."""
        return -(-self.width_mm * self.depth_mm * self.height_mm // 1_000)


def make_item(sku: str, name: str, usual_price_minor: int | None) -> Item:
    """Make up what is not known of an item."""
    pounds = (usual_price_minor or 0) / 100
    volume_ml = 110 * (pounds + 0.3) ** 0.7 * (0.6 + fraction(_RULE, "volume", sku))
    volume_ml = min(max(volume_ml, VOLUME_ML_MIN), VOLUME_ML_MAX)
    middle = 0.5 + 0.5 * fraction(_RULE, "middle", sku)
    flat = middle * (0.5 + 0.5 * fraction(_RULE, "flat", sku))
    width_mm = (volume_ml * 1_000 / (middle * flat)) ** (1 / 3)
    density = 0.15 + 0.45 * fraction(_RULE, "density", sku)
    return Item(
        sku=sku,
        name=name or f"ITEM {sku}",
        width_mm=round(width_mm),
        depth_mm=round(width_mm * middle),
        height_mm=max(round(width_mm * flat), 1),
        mass_g=max(round(volume_ml * density), 1),
        barcode=demo_gtin(sku),
        usual_price_minor=usual_price_minor,
    )


def demo_gtin(sku: str) -> str:
    """Give a valid GTIN-13 of five digits and up to two letters, another one for each SKU."""
    letters = 0
    for place in range(2):
        sign = sku[5 + place : 6 + place]
        letters = letters * 27 + (ord(sign) - ord("A") + 1 if sign else 0)
    body = f"{_DEMO_PREFIX}{int(sku[:5]) * 729 + letters:09d}"
    return body + str(check_digit(body))


def check_digit(digits: str) -> int:
    """Compute the check digit that follows these digits.

    Source: GS1 General Specifications, 7.9 (weights 3, 1, 3, … from the right).
    """
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return -weighted % 10
