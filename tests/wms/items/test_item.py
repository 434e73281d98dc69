"""An item has a size, one spelling of its SKU, and its owner's barcodes."""

import asyncpg
import pytest

from tests.builders import add_items, add_shop, an_item, rows
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.items import queries as items
from wms.items.item import Item, canonical_barcode, canonical_sku
from wms.journey.entry import enter_items


def _item(**changes: int) -> Item:
    sizes = {"width_mm": 50, "depth_mm": 50, "height_mm": 50, "mass_g": 100} | changes
    return Item(
        "MUG", "Mug", sizes["width_mm"], sizes["depth_mm"], sizes["height_mm"], sizes["mass_g"]
    )


@pytest.mark.parametrize("field", ["width_mm", "depth_mm", "height_mm", "mass_g"])
@pytest.mark.parametrize("size", [0, -1, 2_000_001])
def test_a_size_that_makes_no_sense_is_refused_by_name(field: str, size: int) -> None:
    with pytest.raises(Refused) as refusal:
        _item(**{field: size})
    assert (refusal.value.code, refusal.value.pointer) == ("bad_item", f"/{field}")


def test_an_item_needs_a_sku() -> None:
    with pytest.raises(Refused):
        Item(" ", "Mug", 1, 1, 1, 1)


def test_a_sku_has_one_spelling() -> None:
    assert canonical_sku(" 85123a ") == canonical_sku("85123A") == "85123A"


def test_a_gtin_is_kept_in_fourteen_digits_and_nothing_else_is_touched() -> None:
    assert canonical_barcode("4006381333931") == "04006381333931"
    assert canonical_barcode("4006381333932") == "4006381333932"
    assert canonical_barcode(" BOX-7 ") == "BOX-7"


@pytest.mark.both_servers
async def test_an_item_that_is_entered_again_is_changed(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    first = await add_items(pool, shop, an_item("mug"))
    again = await add_items(pool, shop, an_item("MUG", mass_g=250))
    assert first == again
    [row] = await rows(pool, "select mass_g from item where id = $1", first["MUG"])
    assert row["mass_g"] == 250


@pytest.mark.both_servers
async def test_a_sku_that_stands_there_twice_is_refused_whole(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    with pytest.raises(Refused) as refusal:
        async with staff_transaction(pool) as connection:
            await enter_items(connection, shop, [an_item("CUP"), an_item("MUG"), an_item("mug")])
    assert refusal.value.pointer == "/2/sku"
    assert await rows(pool, "select 1 from item where owner_id = $1", shop.owner_id) == []


@pytest.mark.both_servers
async def test_a_barcode_means_what_its_owner_says(pool: asyncpg.Pool) -> None:
    barcode = ("4006381333931",)
    found = []
    for sku in ("MUG", "CUP"):
        shop = await add_shop(pool)
        item = Item(sku, sku, 1, 1, 1, 1, barcode)
        ids = await add_items(pool, shop, item, an_item("OTHER"))
        async with staff_transaction(pool) as connection:
            row = await items.barcode_names(connection, ids["OTHER"], "04006381333931")
        assert row is not None
        found.append(row["sku"])
    assert found == ["MUG", "CUP"]
