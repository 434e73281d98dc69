"""Kits on the real database: promises stand, lots come back, and every piece is accounted for."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    add_staff,
    buy,
    differences,
    rows,
    stocked_shop,
    value,
)
from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.journey.goods.kit import KitWish, assemble_kits, disassemble_kits
from wms.journey.request import StaffRequest
from wms.journey.reversal import reverse_movement
from wms.outbox.command import Answer, body_hash
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop
from wms.tenants.staff import Role


async def kit_shop(house: asyncpg.Pool, **quantities: int) -> Shop:
    """A shop whose SET takes two MUGs and one CUP, with that much stock of them."""
    shop = await stocked_shop(house, **{"SET": 0, **quantities})
    async with staff_transaction(house) as connection:
        await connection.execute("update item set kind = 'kit' where sku = 'SET'")
        await connection.execute(
            """
            insert into item_component (tenant_id, item_id, component_id, quantity)
            select k.tenant_id, k.id, c.id, case c.sku when 'MUG' then 2 else 1 end
            from item k join item c on c.sku in ('MUG', 'CUP') where k.sku = 'SET'
            """
        )
    return shop


async def planner(house: asyncpg.Pool, key: str = "key") -> StaffRequest:
    token = await add_staff(house, f"Petra {key}", Role.PLANNER)
    async with staff_transaction(house) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, NOW)
    assert staff is not None
    return StaffRequest(staff, key, "kits", body_hash([key]))


def wish(shop: Shop, quantity: int | str, bin: int = 1, lot: str = "") -> KitWish:
    return KitWish(shop.name, "set", quantity, BINS[bin], lot=lot)


async def assemble(house: asyncpg.Pool, words: KitWish, key: str = "a") -> Answer:
    return await assemble_kits(house, await planner(house, key), words, NOW)


async def take_apart(house: asyncpg.Pool, words: KitWish, key: str = "d") -> Answer:
    return await disassemble_kits(house, await planner(house, key), words, NOW)


def pieces(answer: Answer) -> list[dict[str, Any]]:
    """What went into the kits, or came out of them."""
    found = answer.body["components"]
    assert isinstance(found, list)
    return found


async def on_hand(house: asyncpg.Pool) -> dict[tuple[str, str], int]:
    """What is in the house by SKU and lot."""
    found = await rows(
        house,
        "select i.sku, b.lot, sum(b.on_hand)::bigint as n from balance b "
        "join item i on i.id = b.item_id where b.on_hand > 0 group by 1, 2",
    )
    return {(row["sku"], row["lot"]): row["n"] for row in found}


async def name_lots(house: asyncpg.Pool, sku: str, *lots: tuple[str, int, date]) -> None:
    """Splits what there is of an item into lots, in the ledger as well."""
    async with staff_transaction(house) as connection:
        [balance] = await connection.fetch(
            "select b.* from balance b join item i on i.id = b.item_id where i.sku = $1", sku
        )
        [loss] = await connection.fetch("select id from place where kind = 'loss'")
        lines = [
            {
                "owner_id": balance["owner_id"], "item_id": balance["item_id"], "lot": lot,
                "serial": "", "status": "available", "expires_on": day,
                "from_place_id": here, "from_unit_id": 0, "to_place_id": there, "to_unit_id": 0,
                "quantity": quantity, "unreserve": 0,
            }
            for lot, quantity, day, here, there in (
                ("", balance["on_hand"], None, balance["place_id"], loss["id"]),
                *((lot, n, str(day), loss["id"], balance["place_id"]) for lot, n, day in lots),
            )
        ]  # fmt: skip
        await connection.execute(
            "select post_movement($1, 'adjustment', '', 'lots', 'test', '', $2, $3)",
            balance["tenant_id"], NOW, lines,
        )  # fmt: skip


async def test_assembling_is_one_movement_of_components_into_kits(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    answer = await assemble(house, wish(shop, 3))
    assert await on_hand(house) == {("MUG", ""): 4, ("CUP", ""): 7, ("SET", ""): 3}
    assert {part["sku"]: part["quantity"] for part in pieces(answer)} == {
        "MUG": 6,
        "CUP": 3,
    }
    assert await value(house, "select count(*) from movement where kind = 'assemble'") == 1
    assert (await buy(house, shop, ("SET", 3))).status == 201
    assert not await differences(house)


async def test_a_repeat_assembles_nothing_more(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    request = await planner(house)
    first = await assemble_kits(house, request, wish(shop, 1), NOW)
    again = await assemble_kits(house, request, wish(shop, 1), NOW)
    assert again == Answer(201, first.body, replayed=True)
    assert (await on_hand(house))["SET", ""] == 1


async def test_assembling_never_takes_promised_components(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    await buy(house, shop, ("MUG", 7))
    with pytest.raises(Conflict) as refusal:
        await assemble(house, wish(shop, 2))
    assert refusal.value.code == "not_enough_stock"
    assert await on_hand(house) == {("MUG", ""): 10, ("CUP", ""): 10}
    await assemble(house, wish(shop, 1), "one")
    assert (await on_hand(house))["MUG", ""] == 8
    assert not await differences(house)


async def test_too_few_components_change_nothing(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=1)
    with pytest.raises(Conflict) as refusal:
        await assemble(house, wish(shop, 2))
    assert refusal.value.code == "not_enough_stock"
    assert await on_hand(house) == {("MUG", ""): 10, ("CUP", ""): 1}


async def test_take_apart_returns_exactly_what_was_put_in(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    soon, late = date(2030, 1, 1), date(2031, 1, 1)
    await name_lots(house, "MUG", ("LATE", 7, late), ("SOON", 3, soon))
    before = await on_hand(house)
    made = await assemble(house, wish(shop, 3))
    assert await on_hand(house) == {("MUG", "LATE"): 4, ("CUP", ""): 7, ("SET", ""): 3}
    assert sorted((part["lot"], part["quantity"]) for part in pieces(made)) == [
        ("", 3), ("LATE", 3), ("SOON", 3),
    ]  # fmt: skip
    await take_apart(house, wish(shop, 1, bin=2), "first")
    await take_apart(house, wish(shop, 2, bin=2), "rest")
    assert await on_hand(house) == before
    days = await rows(house, "select distinct lot, expires_on from balance where lot <> ''")
    assert {row["lot"]: row["expires_on"] for row in days} == {"SOON": soon, "LATE": late}
    assert not await differences(house)


async def test_kits_that_are_promised_are_not_taken_apart(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    await assemble(house, wish(shop, 3))
    await buy(house, shop, ("SET", 2))
    with pytest.raises(Conflict) as refusal:
        await take_apart(house, wish(shop, 2))
    assert refusal.value.code == "not_enough_stock"
    await take_apart(house, wish(shop, 1), "one")
    assert (await on_hand(house))["SET", ""] == 2


async def test_an_assembly_that_was_undone_gives_nothing_back_twice(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    await name_lots(house, "MUG", ("A", 5, date(2030, 1, 1)), ("B", 5, date(2031, 1, 1)))
    before = await on_hand(house)
    undone = await assemble(house, wish(shop, 1), "undone")
    movement_id = undone.body["movement_id"]
    assert isinstance(movement_id, int)
    await reverse_movement(house, movement_id, await planner(house, "undo"), "wrong", NOW)
    assert await on_hand(house) == before
    await assemble(house, wish(shop, 2), "again")
    await take_apart(house, wish(shop, 2))
    assert await on_hand(house) == before
    assert not await differences(house)


async def test_kits_that_came_from_outside_hide_their_lots(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=1, CUP=1, SET=2)
    await take_apart(house, wish(shop, 1), "plain")
    assert await on_hand(house) == {("MUG", ""): 3, ("CUP", ""): 2, ("SET", ""): 1}
    async with staff_transaction(house) as connection:
        await connection.execute("update item set track_lot = true where sku = 'MUG'")
    with pytest.raises(Refused) as refusal:
        await take_apart(house, wish(shop, 1), "tracked")
    assert refusal.value.code == "pieces_unknown"


async def test_a_place_without_room_takes_no_kits(house: asyncpg.Pool) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    async with staff_transaction(house) as connection:
        await connection.execute("update place set units_max = 2 where code = $1", BINS[1])
    with pytest.raises(Conflict) as refusal:
        await assemble(house, wish(shop, 3))
    assert refusal.value.code == "no_room"
    await assemble(house, wish(shop, 2), "two")
    with pytest.raises(Conflict) as refusal:
        await take_apart(house, wish(shop, 1))
    assert refusal.value.code == "no_room"
    assert not await differences(house)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sku": "MUG"}, "not_a_kit"),
        ({"sku": "NONE"}, "unknown_item"),
        ({"place": "NOWHERE"}, "unknown_place"),
        ({"shop": "nobody"}, "unknown_shop"),
        ({"quantity": "1.5"}, "wrong_unit"),
        ({"quantity": -1}, "bad_quantity"),
        ({"quantity": 10**13}, "bad_quantity"),
        ({"unit": "case"}, "wrong_unit"),
    ],
)
async def test_nonsense_is_refused_and_changes_nothing(
    house: asyncpg.Pool, change: dict[str, Any], code: str
) -> None:
    shop = await kit_shop(house, MUG=10, CUP=10)
    words: dict[str, Any] = {
        "shop": shop.name,
        "sku": "SET",
        "quantity": 1,
        "place": BINS[1],
    } | change
    for kits in (assemble_kits, disassemble_kits):
        with pytest.raises(Refused) as refusal:
            await kits(house, await planner(house, kits.__name__), KitWish(**words), NOW)
        assert refusal.value.code == code
    assert await on_hand(house) == {("MUG", ""): 10, ("CUP", ""): 10}
