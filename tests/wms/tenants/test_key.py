"""Who asks: a shop by its key, one of the staff by a session."""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import NOW
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import digest, new_key, split_key
from wms.tenants.staff import Role, hash_pin, pin_matches


def test_a_key_is_drawn_anew_and_reads_back() -> None:
    one, other = new_key(), new_key()
    assert one.text != other.text
    parts = split_key(one.text)
    assert parts is not None
    assert (parts[0], digest(parts[1])) == (one.prefix, one.secret_hash)


@pytest.mark.parametrize(
    "text", ["", "sk", "sk_", "sk_abc_x", "pk_0123456789ab_x", "sk_0123456789ab_"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert split_key(text) is None


def test_a_pin_is_kept_as_a_hash() -> None:
    kept = hash_pin("90412773")
    assert "90412773" not in kept and kept != hash_pin("90412773")
    assert pin_matches(kept, "90412773")
    assert not pin_matches(kept, "90412774")


@pytest.mark.both_servers
async def test_a_key_opens_its_shop_and_a_wrong_secret_nothing(pool: asyncpg.Pool) -> None:
    async with staff_transaction(pool) as connection:
        key = await tenants.create_key(connection, "North", ["orders:read"], True)
        second = await tenants.create_key(connection, "North", [], False)
        shop = await tenant_rows.shop_of_key(connection, key)
        other = await tenant_rows.shop_of_key(connection, second)
        assert shop is not None and other is not None
        assert (shop.name, set(shop.scopes), shop.sandbox) == ("North", {"orders:read"}, True)
        assert (other.shop_id, other.sandbox) == (shop.shop_id, False)
        assert await tenant_rows.shop_of_key(connection, key[:-1] + "~") is None
        assert key.split("_", 2)[2] not in str(
            [tuple(row) for row in await connection.fetch("select * from api_key")]
        )
        await connection.execute("update api_key set revoked_at = now()")
        assert await tenant_rows.shop_of_key(connection, key) is None


@pytest.mark.both_servers
async def test_staff_sign_in_by_badge_and_pin_until_they_sign_out(pool: asyncpg.Pool) -> None:
    async with staff_transaction(pool) as connection:
        await tenants.add_staff(connection, "Pia", Role.PLANNER, "B-1", "1234")
        for badge, pin in (("B-1", "4321"), ("B-2", "1234")):
            with pytest.raises(Refused) as refusal:
                await tenants.sign_in(connection, badge, pin, "HH-01", NOW)
            assert refusal.value.code == "sign_in_refused"
        token, staff = await tenants.sign_in(connection, "B-1", "1234", "HH-01", NOW)
        assert (staff.name, staff.device, staff.scenario) == ("Pia", "HH-01", "menu")
        assert staff.may(Role.OPERATOR) and staff.may(Role.PLANNER)
        assert not staff.may(Role.SUPERVISOR)
        later = NOW + timedelta(days=1)
        assert await tenant_rows.staff_of_token(connection, token, NOW) == staff
        assert await tenant_rows.staff_of_token(connection, token, later) is None
        assert await tenant_rows.staff_of_token(connection, token + "x", NOW) is None
        await tenants.sign_out(connection, staff.session_id, NOW)
        assert await tenant_rows.staff_of_token(connection, token, NOW) is None


@pytest.mark.parametrize("pin", ["123", "12a4", ""])
async def test_a_pin_that_is_too_easy_is_refused(pool: asyncpg.Pool, pin: str) -> None:
    with pytest.raises(Refused):
        async with staff_transaction(pool) as connection:
            await tenants.add_staff(connection, "Pia", Role.OPERATOR, "B-9", pin)
