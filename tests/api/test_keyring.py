"""A worker remembers keys for a moment: a revoked one opens nothing for longer than that."""

from datetime import timedelta

import asyncpg

from api.keyring import TRUSTED, Keyring
from tests.builders import NOW, stocked_shop
from wms.database.pool import staff_transaction
from wms.tenants import commands as tenants

SOON = NOW + TRUSTED - timedelta(milliseconds=1)


async def test_a_revoked_key_is_noticed_within_two_seconds(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool)
    async with staff_transaction(pool) as connection:
        key = await tenants.create_key(connection, shop.name, [], sandbox=False)
    keys = Keyring()
    found = await keys.shop_of(pool, key, NOW)
    assert found is not None and found.shop_id == shop.shop_id
    async with staff_transaction(pool) as connection:
        await connection.execute(
            "update api_key set revoked_at = now() where shop_id = $1", shop.shop_id
        )
    assert await keys.shop_of(pool, key, SOON) == found
    assert await keys.shop_of(pool, key, NOW + TRUSTED) is None
    assert await keys.shop_of(pool, key, SOON) is None
    assert timedelta(seconds=2) >= TRUSTED


async def test_a_wrong_key_is_nobody_s(pool: asyncpg.Pool) -> None:
    keys = Keyring()
    for key in ("nonsense", "sk_0123456789ab_guess"):
        assert await keys.shop_of(pool, key, NOW) is None
