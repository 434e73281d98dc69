"""Packagings, barcodes, components and substitutes of items, and what of an item is fixed."""

from collections.abc import Callable
from dataclasses import replace

import asyncpg
import pytest

from tests.builders import BINS, NOW, add_items, add_shop, add_stock, an_item, enter_house, rows
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Conflict, Refused, WmsError
from wms.items import commands
from wms.items import queries as items
from wms.items.item import Barcode, Component, Item, ItemKind, Packaging
from wms.journey.entry import OpeningStock, enter_stock
from wms.tenants.shop import Shop

CASE = "19520000000032"


def kit(sku: str, *parts: tuple[str, int | str], kind: ItemKind = ItemKind.KIT) -> Item:
    components = tuple(Component(part, quantity) for part, quantity in parts)
    return replace(an_item(sku), kind=kind, components=components)


async def refused(pool: asyncpg.Pool, shop: Shop, *entered: Item) -> WmsError:
    """The refusal of items of which then nothing is kept."""
    before = await rows(pool, "select * from item where owner_id = $1", shop.owner_id)
    with pytest.raises(WmsError) as refusal:
        await enter(pool, shop, *entered)
    assert await rows(pool, "select * from item where owner_id = $1", shop.owner_id) == before
    return refusal.value


async def enter(pool: asyncpg.Pool, shop: Shop, *entered: Item) -> None:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await commands.enter_items(connection, shop.tenant_id, shop.owner_id, list(entered))


@pytest.mark.both_servers
async def test_an_item_is_found_by_any_barcode_with_how_much_it_means(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    tea = replace(
        an_item("TEA"),
        barcodes=("TEA-1", Barcode("TRAY", 12)),
        packagings=(Packaging("case", 24, 400, 300, 250, 5_200, (CASE,)),),
    )
    await add_items(pool, shop, tea, replace(an_item("ROPE"), scale=2, unit="m"))
    async with shop_transaction(pool, shop.tenant_id) as connection:
        found = {}
        for code in ("TEA-1", "TRAY", CASE, "tea", "rope"):
            row = await items.item_of_barcode(connection, shop.owner_id, code)
            assert row is not None
            found[code] = (row["sku"], row["factor"])
        assert await items.item_of_barcode(connection, shop.owner_id, "NOTHING") is None
        (case,) = await items.packagings_of(connection, [row["id"] for row in [await _tea(pool)]])
    assert found == {
        "TEA-1": ("TEA", 1),
        "TRAY": ("TEA", 12),
        CASE: ("TEA", 24),
        "tea": ("TEA", 1),
        "rope": ("ROPE", 100),
    }
    assert (case["level"], case["factor"], case["mass_g"]) == ("case", 24, 5_200)


async def _tea(pool: asyncpg.Pool) -> asyncpg.Record:
    (row,) = await rows(pool, "select id from item where sku = 'TEA'")
    return row


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("bad_barcode", lambda: replace(an_item("A"), barcodes=("4006381333932",))),
        ("bad_barcode", lambda: replace(an_item("A"), barcodes=(" ",))),
        ("bad_barcode", lambda: replace(an_item("A"), barcodes=("A;B",))),
        ("bad_barcode", lambda: replace(an_item("A"), barcodes=("X", Barcode("X", 6)))),
        ("bad_barcode", lambda: Barcode("X", 0)),
        ("bad_packaging", lambda: Packaging("crate", 6)),
        ("bad_packaging", lambda: Packaging("case", 1)),
        ("bad_packaging", lambda: Packaging("case", 10**13)),
        ("bad_packaging", lambda: Packaging("case", 6, width_mm=0)),
        ("bad_item", lambda: replace(an_item("A"), unit="case")),
        ("bad_item", lambda: replace(an_item("A"), scale=7)),
        ("bad_item", lambda: replace(an_item("A"), scale=2, track_serial=True)),
        ("bad_item", lambda: replace(an_item("A"), quality_percent=101)),
        ("bad_item", lambda: replace(an_item("A"), sku="A;B")),
        ("bad_item", lambda: replace(an_item("A"), name="")),
        ("bad_component", lambda: replace(an_item("A"), kind=ItemKind.KIT)),
        ("bad_component", lambda: replace(an_item("A"), components=(Component("B", 1),))),
        ("component_ring", lambda: kit("A", ("a ", 1))),
        ("bad_component", lambda: kit("A", ("B", 1), ("b", 2))),
        ("bad_substitute", lambda: replace(an_item("A"), substitutes=("a",))),
        ("bad_substitute", lambda: replace(an_item("A"), substitutes=("B", "b"))),
    ],
)
def test_an_item_that_makes_no_sense_is_not_made(code: str, wrong: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refusal:
        wrong()
    assert refusal.value.code == code


@pytest.mark.parametrize("factors", [(6, 6), (6, 3), (6, 15)])
def test_packs_go_into_each_other_without_a_rest(factors: tuple[int, int]) -> None:
    packs = (Packaging("inner", factors[0]), Packaging("pallet", factors[1]))
    with pytest.raises(Refused, match="whole packs"):
        replace(an_item("A"), packagings=packs)
    with pytest.raises(Refused, match="twice"):
        replace(an_item("A"), packagings=(Packaging("inner", 6), Packaging("inner", 12)))


async def test_a_barcode_stands_at_one_item_of_a_file(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    two = (replace(an_item("A"), barcodes=("X",)), replace(an_item("B"), barcodes=("X",)))
    refusal = await refused(pool, shop, *two)
    assert (refusal.code, refusal.pointer) == ("bad_barcode", "/1/barcodes")


async def test_components_may_stand_later_and_are_said_in_their_own_unit(
    pool: asyncpg.Pool,
) -> None:
    shop = await add_shop(pool)
    rope = replace(an_item("ROPE"), scale=2, unit="m")
    ids = await add_items(
        pool, shop, kit("SET", ("rope", "1.25"), ("MUG", 2)), rope, an_item("MUG")
    )
    async with shop_transaction(pool, shop.tenant_id) as connection:
        parts = await items.components_of(connection, [ids["SET"]])
    assert [(row["sku"], row["quantity"]) for row in parts] == [("MUG", 2), ("ROPE", 125)]


@pytest.mark.parametrize(
    ("quantity", "code"),
    [(0, "bad_quantity"), ("0.5", "wrong_unit"), (-1, "bad_quantity"), (10**10, "bad_quantity")],
)
async def test_a_component_s_quantity_is_one_that_can_be(
    pool: asyncpg.Pool, quantity: int | str, code: str
) -> None:
    shop = await add_shop(pool)
    refusal = await refused(pool, shop, kit("SET", ("MUG", quantity)), an_item("MUG"))
    assert (refusal.code, refusal.pointer) == (code, "/0/components/0/quantity")


async def test_what_is_not_there_is_no_component_and_no_substitute(pool: asyncpg.Pool) -> None:
    shop, other = await add_shop(pool), await add_shop(pool)
    await add_items(pool, other, an_item("MUG"))
    refusal = await refused(pool, shop, kit("SET", ("MUG", 1)))
    assert (refusal.code, refusal.pointer) == ("unknown_component", "/0/components/0/sku")
    refusal = await refused(pool, shop, replace(an_item("A"), substitutes=("MUG",)))
    assert (refusal.code, refusal.pointer) == ("unknown_substitute", "/0/substitutes/0")


async def test_nothing_is_made_of_itself_over_however_many_others(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    await enter(pool, shop, an_item("C"), kit("B", ("C", 1)), kit("A", ("B", 2), ("C", 1)))
    refusal = await refused(pool, shop, kit("C", ("A", 1)))
    assert refusal.code == "component_ring"
    ring = (kit("X", ("Y", 1)), kit("Y", ("Z", 1)), kit("Z", ("X", 1)))
    assert (await refused(pool, shop, *ring)).code == "component_ring"


async def test_a_bundle_is_part_of_nothing(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    bundle = kit("DUO", ("CUP", 2), kind=ItemKind.BUNDLE)
    await enter(pool, shop, an_item("CUP"), bundle)
    assert (await refused(pool, shop, kit("SET", ("DUO", 1)))).code == "bad_component"
    await enter(pool, shop, kit("SET", ("CUP", 1)), kit("BOX", ("SET", 1)))
    turned = kit("SET", ("CUP", 1), kind=ItemKind.BUNDLE)
    assert (await refused(pool, shop, turned)).code == "bad_component"


@pytest.mark.both_servers
async def test_the_scale_is_fixed_once_an_item_is_in_the_books(pool: asyncpg.Pool) -> None:
    await enter_house(pool)
    shop = await add_shop(pool)
    rope = an_item("ROPE")
    await enter(pool, shop, rope)
    await enter(pool, shop, replace(rope, scale=2, unit="m"))
    async with staff_transaction(pool) as connection:
        await enter_stock(
            connection, shop, [OpeningStock("ROPE", BINS[0], "33.60")], "", "test", NOW
        )
    (row,) = await rows(pool, "select on_hand from balance where owner_id = $1", shop.owner_id)
    assert row["on_hand"] == 3_360
    refusal = await refused(pool, shop, an_item("OTHER"), replace(rope, scale=3, unit="m"))
    assert isinstance(refusal, Conflict)
    assert (refusal.code, refusal.pointer) == ("scale_fixed", "/1/scale")
    await enter(pool, shop, replace(rope, scale=2, unit="metre"))


async def test_what_is_kept_becomes_no_bundle(pool: asyncpg.Pool) -> None:
    await enter_house(pool)
    shop = await add_shop(pool)
    await add_items(pool, shop, an_item("CUP"), an_item("SET"))
    await add_stock(pool, shop, "SET", bin0=1)
    refusal = await refused(pool, shop, kit("SET", ("CUP", 2), kind=ItemKind.BUNDLE))
    assert refusal.code == "bundle_has_stock"
