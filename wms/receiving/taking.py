"""Goods in somebody's hands at the dock: what is known of them, and what is still to be asked."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date

from wms.items.unit import format_quantity
from wms.receiving.inbound import ArrivedLine, Condition
from wms.receiving.label import GoodsLabel, typed_date


@dataclass(frozen=True, slots=True)
class Taking:
    """Goods of one item that are being taken in; quantities in smallest units.

    `proposed` is how many there probably are; `expires_on` is a day as ISO 8601 writes it.
    """

    sku: str
    name: str
    unit: str
    scale: int
    proposed: int
    asks_lot: bool
    asks_expiry: bool
    asks_serial: bool
    lot: str = ""
    serial: str = ""
    expires_on: str = ""

    @property
    def wanted(self) -> str:
        """What is asked next: lot, expiry, serial, or at last how many in which condition."""
        if self.asks_lot and not self.lot:
            return "lot"
        if self.asks_expiry and not self.expires_on:
            return "expiry"
        if self.asks_serial and not self.serial:
            return "serial"
        return "condition"

    def labelled(self, label: GoodsLabel) -> "Taking":
        """The same goods with what their label says, as far as the item tracks it."""
        day = label.expires_on
        return replace(
            self,
            lot=label.lot if self.asks_lot else "",
            serial=label.serial if self.asks_serial else "",
            expires_on=day.isoformat() if self.asks_expiry and day else "",
            proposed=1 if self.asks_serial else label.count or self.proposed,
        )

    def answered(self, text: str, today: date) -> "Taking":
        """The same goods with the answer to what was asked.

        Raises:
            ValueError: a day was asked, and this is none.
        """
        if self.wanted == "expiry":
            return replace(self, expires_on=typed_date(text, today).isoformat())
        if self.wanted == "lot":
            return replace(self, lot=text.strip())
        return replace(self, serial=text.strip())

    def arrived(
        self, quantity: int, condition: Condition, place: str | None, unit_code: str | None
    ) -> ArrivedLine:
        """The goods as a line of a receipt."""
        return ArrivedLine(
            self.sku,
            format_quantity(quantity, self.scale),
            lot=self.lot,
            serials=(self.serial,) if self.serial else (),
            expires_on=date.fromisoformat(self.expires_on) if self.expires_on else None,
            condition=condition,
            place=place,
            unit_code=unit_code,
        )

    def state(self) -> dict[str, object]:
        """The goods as a session remembers them."""
        return asdict(self)


def taking_from(state: object) -> Taking | None:
    """What a session remembers, or None where nobody has anything in hand."""
    if not isinstance(state, dict):
        return None
    return Taking(**{field.name: state[field.name] for field in fields(Taking)})
