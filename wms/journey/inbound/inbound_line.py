"""The lines of an announcement, read against the items that their owner keeps."""

import asyncpg

from wms.error import Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import smallest_units
from wms.receiving.inbound import AnnouncedLine, ExpectedLine, Kind, NewInbound, most_of


async def expected_lines(
    connection: asyncpg.Connection, owner_id: int, new: NewInbound
) -> list[ExpectedLine]:
    """The lines of an announcement in smallest units, each with the most that may come.

    Raises:
        Refused: `unknown_item`, `item_twice`, `bundle_has_no_stock`, `wrong_unit`, `bad_quantity`.
    """
    found = await items_by_sku(connection, owner_id, [line.sku for line in new.lines])
    factors = await items.factors_of(connection, [row["id"] for row in found.values()])
    lines: list[ExpectedLine] = []
    for number, line in enumerate(new.lines):
        item = found[canonical_sku(line.sku)]
        if any(each.item_id == item["id"] for each in lines):
            raise Refused(
                "item_twice", f"{item['sku']} stands there twice.", f"/lines/{number}/sku"
            )
        quantity = _smallest(line, item, factors[item["id"]], f"/lines/{number}")
        most = most_of(quantity, new.tolerance_percent) if new.kind is Kind.ASN else None
        lines.append(ExpectedLine(item["id"], quantity, most))
    return lines


def _smallest(
    line: AnnouncedLine, item: asyncpg.Record, factors: dict[str, int], pointer: str
) -> int:
    if item["kind"] == "bundle":
        raise Refused(
            "bundle_has_no_stock",
            f"{item['sku']} is a bundle; its components are kept.",
            f"{pointer}/sku",
        )
    quantity, _ = smallest_units(
        line.quantity,
        line.unit,
        item_unit=item["unit"],
        scale=item["scale"],
        packaging=factors,
        pointer=pointer,
    )
    return quantity


async def items_by_sku(
    connection: asyncpg.Connection, owner_id: int, skus: list[str]
) -> dict[str, asyncpg.Record]:
    """An owner's items of these SKUs, by their one spelling.

    Raises:
        Refused: `unknown_item`, pointing at the first that the owner does not keep.
    """
    wanted = [canonical_sku(sku) for sku in skus]
    rows = await items.items_of_skus(connection, owner_id, sorted(set(wanted)))
    found = {row["sku"]: row for row in rows}
    for number, sku in enumerate(wanted):
        if sku not in found:
            raise Refused(
                "unknown_item", f"No item has the SKU {skus[number]!r}.", f"/lines/{number}/sku"
            )
    return found
