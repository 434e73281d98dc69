"""What an order's lines come to: items, smallest units, and the components of bundles."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from wms.error import Refused
from wms.items.item import canonical_sku
from wms.items.unit import QUANTITY_MAX, format_quantity, smallest_units
from wms.orders.order import NewLine
from wms.orders.sourcing import Need
from wms.orders.usual import NOTHING_USUAL, Usual

BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class Sold:
    """An item as an order needs to know it.

    `packaging` has its levels with their factors, `components` how many smallest units of which
    items one bundle is. Before `available_from` it is sold ahead; what is short of it is made, in
    so many days, where `made_to_order_days` is not 0. `approvals` are the kinds that it needs. Of
    one that is `ruled`, or has a part that is, a buyer's limit or a sale may say who gets it.
    """

    item_id: int
    sku: str
    name: str
    kind: str
    unit: str
    scale: int
    needs_approval: bool
    packaging: dict[str, int]
    components: tuple[tuple[int, int], ...] = ()
    available_from: datetime | None = None
    made_to_order_days: int = 0
    digital_at: int | None = None
    approvals: tuple[str, ...] = ()
    usual: Usual = NOTHING_USUAL
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What is fetched for a line: the item itself, or one of a bundle's components."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is kept; `quantity` is in smallest units, `factor` of them are one `unit`."""

    number: int
    item: Sold
    unit: str
    factor: int
    quantity: int
    unit_price_minor: int
    shelf_life_min_days: int
    parts: tuple[Part, ...]

    @property
    def pieces(self) -> int | str:
        """The quantity in the unit that was asked for."""
        return self.said(self.quantity)

    @property
    def units(self) -> int:
        """How many units of what may not be opened it is: packs, bundles, or smallest units."""
        return self.quantity // self.factor

    def said(self, quantity: int) -> int | str:
        """A quantity of the line in the unit that was asked for."""
        return in_unit(quantity, self.unit, self.factor, self.item.unit, self.item.scale)

    def price_off(self, quantity: int) -> int:
        """By how much the line is cheaper, in minor units, without so much of it."""
        return price_off(self.unit_price_minor, self.pieces, self.said(self.quantity - quantity))

    def need(self) -> Need:
        """What the line asks of a warehouse."""
        each = tuple((part.item_id, part.quantity // self.units) for part in self.parts)
        return Need(self.number, self.units, each)

    def fills(self, part: Part, quantity: int, *, up: bool = False) -> int | str:
        """How many units of this line so much of one of its parts makes, whole ones of packs."""
        if self.item.kind != BUNDLE and self.unit == self.item.unit:
            return format_quantity(quantity, self.item.scale)
        each = part.quantity * self.factor // self.quantity
        return -(-quantity // each) if up else quantity // each


def read_lines(lines: tuple[NewLine, ...], items: list[Sold]) -> tuple[Line, ...]:
    """The lines with their items, in smallest units, bundles taken apart.

    Raises:
        Refused: `unknown_item`, `wrong_unit`, `bad_quantity` or `empty_bundle`, pointing at the
            first line at fault.
    """
    by_sku = {item.sku: item for item in items}
    return tuple(_read(number, line, by_sku) for number, line in enumerate(lines, start=1))


def _read(number: int, line: NewLine, by_sku: dict[str, Sold]) -> Line:
    pointer = f"/lines/{number - 1}"
    item = by_sku.get(canonical_sku(line.sku))
    if item is None:
        raise Refused(
            "unknown_item",
            f"No item has the SKU {line.sku!r}. Postage belongs into `shipping`.",
            f"{pointer}/sku",
        )
    quantity, factor = smallest_units(
        line.quantity,
        line.unit,
        item_unit=item.unit,
        scale=item.scale,
        packaging=item.packaging,
        pointer=pointer,
    )
    return Line(
        number,
        item,
        line.unit or item.unit,
        factor,
        quantity,
        line.unit_price_minor,
        line.shelf_life_min_days,
        _parts(item, quantity, pointer),
    )


def _parts(item: Sold, quantity: int, pointer: str) -> tuple[Part, ...]:
    if item.kind != BUNDLE:
        return (Part(item.item_id, quantity),)
    if not item.components:
        raise Refused("empty_bundle", f"The bundle {item.sku} holds nothing.", f"{pointer}/sku")
    parts = tuple(Part(item_id, each * quantity) for item_id, each in item.components)
    if max(part.quantity for part in parts) > QUANTITY_MAX:
        raise Refused("bad_quantity", f"{quantity} are too many.", f"{pointer}/quantity")
    return parts


def in_unit(quantity: int, unit: str, factor: int, item_unit: str, scale: int) -> int | str:
    """A quantity in the unit in which a line speaks; of packs only whole ones count."""
    if unit in ("", item_unit):
        return format_quantity(quantity, scale)
    return quantity // factor


def price_off(unit_price_minor: int, before: int | str, after: int | str) -> int:
    """What a line costs less after its quantity fell, each price rounded half up as it is paid."""
    return _price(unit_price_minor, before) - _price(unit_price_minor, after)


def _price(unit_price_minor: int, quantity: int | str) -> int:
    price = Decimal(quantity) * unit_price_minor
    return int(price.quantize(Decimal(1), ROUND_HALF_UP))


def not_available(lines: tuple[Line, ...], short: dict[int, tuple[int, int]]) -> Refused:
    """The refusal of an order for goods that fall short; `short` is (wanted, available) by item.

    It speaks in the unit of the first line that is short.
    """
    line, part = next(
        (line, part) for line in lines for part in line.parts if part.item_id in short
    )
    wanted, available = short[part.item_id]
    return Refused(
        "not_available",
        f"{len(short)} item(s) fall short: of {line.item.sku} "
        f"{line.fills(part, wanted, up=True)} {line.unit} are wanted and "
        f"{line.fills(part, available)} can be promised. Nothing was promised.",
        f"/lines/{line.number - 1}/quantity",
    )
