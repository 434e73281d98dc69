"""Keys change while the house runs, and what was written before there were keys is sealed."""

import json
from typing import Any, cast

import asyncpg
import pytest

from tests.builders import NOW, buy, firm_order, order_id_of, pay, rows, stocked_shop, value
from tests.key import KEYSET
from wms.database import data_key
from wms.database.pool import open_pool, staff_transaction
from wms.error import Conflict
from wms.journey.buyer.sealing import retire_key, seal_all, seal_when_new
from wms.orders.buyer import mail_index

SEALED = "select count(*) from shop_order where ship_to::text like '%{\"~\": \"' || $1 || '.%'"


def url_of(pool: asyncpg.Pool) -> str:
    """The address of the pool's database."""
    url: str = cast(Any, pool)._connect_args[0]
    return url


async def test_an_order_is_read_as_it_was_given_and_kept_sealed(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    texts = await rows(
        house,
        "select ship_to::text as t from shop_order union all select response::text from command "
        "union all select payload::text from outbox union all select data::text from event",
    )
    assert not [row["t"] for row in texts if "High Street" in row["t"]]
    assert await value(house, "select ship_to ->> 'country' from shop_order") == "GB"
    (row,) = await rows(house, "select ship_to from shop_order")
    assert row["ship_to"]["lines"] == ["1 High Street"]


async def test_what_a_carrier_was_told_is_not_kept_once_it_knows(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    await firm_order(house, shop, ("MUG", 1))
    (row,) = await rows(house, "select payload from outbox where topic = 'carrier'")
    assert row["payload"]["body"]["ship_to"]["city"] == "Leeds"
    async with staff_transaction(house) as connection:
        await connection.execute("update outbox set done_at = now() where topic = 'carrier'")
    (row,) = await rows(house, "select payload from outbox where topic = 'carrier'")
    assert row["payload"]["body"]["ship_to"]["city"] == "erased"


async def test_orders_of_before_are_read_sealed_and_found_by_their_buyer(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    plain = {"name": "Ada Merton", "email": "Ada@Example.com", "reference": None}
    async with staff_transaction(house) as connection:
        await connection.execute(
            "update shop_order set customer = $1::text::jsonb, buyer_index = null",
            json.dumps(plain),
        )
        await connection.execute(
            "update command set response = jsonb_set(response, '{customer}', $1::text::jsonb)",
            json.dumps(plain),
        )
    (row,) = await rows(house, "select customer from shop_order")
    assert row["customer"] == plain
    assert await seal_all(house, 1) >= 2
    text = await value(house, "select (customer, response)::text from shop_order, command")
    assert isinstance(text, str) and "Ada M" not in text and "Ada@" not in text
    (row,) = await rows(house, "select customer, buyer_index from shop_order")
    assert row["customer"] == plain
    assert row["buyer_index"] == mail_index(KEYSET, "ada@example.com")
    assert await seal_all(house) == 0
    assert order_id_of(order)


async def test_a_new_key_seals_everything_anew_and_the_old_one_is_retired(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=9)
    for _ in range(5):
        await buy(house, shop, ("MUG", 1))
    rotated = KEYSET.rotated()
    async with await open_pool(
        url_of(house), application=f"test {rotated.newest}", keyset=rotated
    ) as newer:
        async with staff_transaction(newer) as connection:
            await data_key.note_keys(connection, rotated.fingerprints())
        # What is broken off begins anew and passes over what is done.
        async with staff_transaction(newer) as connection:
            (first,) = await data_key.rows_to_seal(
                connection, "shop_order", "ship_to", rotated.newest, "(0,0)", 1
            )
            await data_key.put_value(
                connection, "shop_order", "ship_to", first["at"], first["value"]
            )
        assert await value(newer, SEALED, "k1") == 4
        assert await seal_when_new(newer) > 0
        assert await value(newer, SEALED, "k1") == 0
        assert await value(newer, SEALED, rotated.newest) == 5
        assert await seal_when_new(newer) == 0
        await retire_key(newer, "k1", "test", NOW)
    async with await open_pool(
        url_of(house), application="test", keyset=rotated.without("k1")
    ) as later:
        found = await rows(later, "select ship_to from shop_order")
        assert {row["ship_to"]["name"] for row in found} == {"A. Buyer"}
        assert await value(later, "select count(*) from audit_note where action = 'key.retired'")


async def test_a_key_is_not_retired_while_a_role_seals_with_it(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=1)
    rotated = KEYSET.rotated()
    async with (
        await open_pool(url_of(house), application="jobs k1", keyset=KEYSET),
        await open_pool(url_of(house), application="key", keyset=rotated) as newer,
    ):
        with pytest.raises(Conflict, match="stowline jobs"):
            await retire_key(newer, "k1", "test", NOW)


async def test_what_a_missing_key_sealed_is_left_as_it_is(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=1)
    await buy(house, shop, ("MUG", 1))
    stranger = KEYSET.rotated().without("k1")
    async with await open_pool(url_of(house), application="test", keyset=stranger) as other:
        (row,) = await rows(other, "select ship_to from shop_order")
        assert "k1 is missing" in row["ship_to"]["name"]
        await seal_all(other)
        with pytest.raises(Conflict):
            await retire_key(other, "k1", "test", NOW)
    (row,) = await rows(house, "select ship_to from shop_order")
    assert row["ship_to"]["name"] == "A. Buyer"
