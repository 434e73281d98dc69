"""What goods of an item must say of themselves when they come into the house."""

from dataclasses import dataclass
from datetime import date

from wms.error import Refused

TEXT_MAX = 80
# The database takes the first and the last day that Python knows for infinite ones.
FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(9000, 12, 31)


def can_expire_on(day: date) -> bool:
    """Whether goods may expire on that day: one that the database can count with."""
    return FIRST_DAY <= day <= LAST_DAY


@dataclass(frozen=True, slots=True)
class Tracking:
    """What of an item is tracked, and whether it is ever kept at all; one unit is 10^scale."""

    sku: str
    kind: str
    scale: int
    lot: bool
    serial: bool
    expiry: bool

    def check(
        self, quantity: int, lot: str, serial: str, expires_on: date | None, pointer: str = ""
    ) -> None:
        """Nothing, where these goods say all that the item wants to be said.

        Raises:
            Refused: `bundle_has_no_stock`, `lot_missing`, `serial_missing`, `expiry_missing`,
                `bad_date`, `serial_quantity`, `text_too_long`; below `pointer`.
        """
        if self.kind == "bundle":
            raise Refused(
                "bundle_has_no_stock",
                f"{self.sku} is a bundle; its components are kept.",
                f"{pointer}/sku",
            )
        if self.lot and not lot:
            raise Refused("lot_missing", f"{self.sku} is kept by lot.", f"{pointer}/lot")
        if self.serial and not serial:
            raise Refused("serial_missing", f"{self.sku} has serial numbers.", f"{pointer}/serial")
        if self.expiry and expires_on is None:
            raise Refused("expiry_missing", f"{self.sku} expires.", f"{pointer}/expires_on")
        if expires_on is not None and not can_expire_on(expires_on):
            raise Refused(
                "bad_date", f"{expires_on} is no day that goods expire on.", f"{pointer}/expires_on"
            )
        if serial and quantity != 1:
            raise Refused("serial_quantity", "A serial number is of one.", f"{pointer}/quantity")
        for name, text in (("lot", lot), ("serial", serial)):
            if len(text) > TEXT_MAX:
                raise Refused(
                    "text_too_long", f"A {name} has ≤ {TEXT_MAX} characters.", f"{pointer}/{name}"
                )
