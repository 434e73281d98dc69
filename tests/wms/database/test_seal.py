"""Personal data are sealed in the database, and are what they were outside it."""

import json

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.key import KEYSET
from wms.database.pool import open_pool, staff_transaction
from wms.database.seal import (
    Keyset,
    Personal,
    PersonalText,
    SealError,
    Unreadable,
    blind_index,
    chain_hash,
    sealed_by,
)

ADA = Personal(
    {
        "name": "Ada Merton",
        "lines": ["12 Mill Lane", "Flat 3"],
        "city": "Luton",
        "country": "GB",
        "latitude": 51.9,
        "email": None,
        "phone": "",
        "more": {"note": "ring twice"},
    }
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc~n."), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), TREES))
def test_what_is_sealed_opens_as_it_was(tree: dict[str, object]) -> None:
    assert KEYSET.loads(KEYSET.dumps({"a": [Personal({"x": tree})]})) == {"a": [{"x": tree}]}


@given(TREES)
def test_what_is_not_personal_is_plain_json(tree: object) -> None:
    assert KEYSET.dumps(tree) == json.dumps(tree)


def test_nothing_of_a_person_shows_but_the_country() -> None:
    text = KEYSET.dumps({"order": 7, "ship_to": ADA})
    for word in ("Ada Merton", "Mill Lane", "Luton", "51.9", "ring "):
        assert word not in text
    assert json.loads(text)["ship_to"]["country"] == "GB"
    assert sealed_by(text) == {"k1"}


def test_what_was_sealed_is_sealed_wherever_it_goes_on_to() -> None:
    read = KEYSET.loads(KEYSET.dumps({"ship_to": ADA}))
    assert "Ada M" not in KEYSET.dumps({"copy": [read["ship_to"]]})


def test_neither_a_log_nor_an_error_shows_it() -> None:
    assert repr({"ship_to": ADA}).find("Ada") == -1
    assert "Ada" not in f"{ADA}"
    assert "c3Rv" not in repr(KEYSET)
    with pytest.raises(SealError) as refused:
        Keyset.parse("k1:c2hvcnQ=,index:c2hvcnQ=")
    assert "c2hv" not in str(refused.value)


def test_one_text_among_others_is_sealed_alone() -> None:
    told = {"order_id": 7, "lines": ["Scan it", PersonalText("For Ada")]}
    text = KEYSET.dumps(told)
    assert "For Ada" not in text and '"Scan it"' in text and '"order_id": 7' in text
    assert KEYSET.loads(text) == told
    assert "For Ada" not in KEYSET.dumps(KEYSET.loads(text)) and "Ada" not in repr(told)


def test_equal_values_have_unequal_tokens() -> None:
    assert KEYSET.dumps(ADA) != KEYSET.dumps(ADA)


def test_a_missing_key_is_named_and_nothing_is_lost() -> None:
    other = Keyset.new()
    seen = KEYSET.loads(other.dumps(ADA))
    assert seen["name"] == f"unreadable: data key {other.newest} is missing"
    assert seen["country"] == "GB" and seen["latitude"] is None
    assert isinstance(seen["name"], Unreadable)
    assert other.loads(KEYSET.dumps(seen))["name"] == "Ada Merton"


def test_a_token_serves_no_other_purpose() -> None:
    token = KEYSET.seal(b"secret", "voucher")
    assert KEYSET.open(token, "voucher") == b"secret"
    with pytest.raises(SealError, match="k1"):
        KEYSET.open(token, "personal")


def test_a_changed_token_is_refused() -> None:
    token = KEYSET.seal(b"secret", "voucher")
    changed = token[:-6] + ("AAAA" if token[-6:-2] != "AAAA" else "BBBB") + token[-2:]
    with pytest.raises(SealError):
        KEYSET.open(changed, "voucher")


def test_a_shop_cannot_make_a_token_of_its_own_text() -> None:
    told = {"name": {"~": "hello"}, "other": {"~": "k1." + "A" * 60}}
    assert KEYSET.loads(json.dumps(told))["name"] == {"~": "hello"}
    assert "unreadable" in KEYSET.loads(json.dumps(told))["other"]


def test_all_keys_open_and_the_newest_seals() -> None:
    rotated = KEYSET.rotated()
    assert rotated.loads(KEYSET.dumps(ADA)) == ADA
    assert sealed_by(rotated.dumps(ADA)) == {rotated.newest} != {"k1"}
    assert rotated.without("k1").loads(rotated.dumps(ADA)) == ADA
    with pytest.raises(SealError):
        rotated.without(rotated.newest)


def test_a_role_that_runs_reads_what_a_newer_key_sealed() -> None:
    rotated = KEYSET.rotated()
    running = Keyset(KEYSET.keys, KEYSET.index, reread=lambda: rotated)
    assert running.loads(rotated.dumps(ADA)) == ADA
    assert sealed_by(running.dumps(ADA)) == {"k1"}


@pytest.mark.parametrize(
    "text", ["", "k1", "k1:!!!", "K1:aaaa", "k1:c2hvcnQ=", KEYSET.text() + KEYSET.text()]
)
def test_what_is_no_keyset_is_refused(text: str) -> None:
    with pytest.raises(SealError):
        Keyset.parse(text)


def test_a_keyset_reads_what_it_wrote() -> None:
    assert Keyset.parse(KEYSET.text()) == KEYSET


def test_a_blind_index_is_of_the_address_however_it_is_written() -> None:
    index = blind_index(KEYSET, "ada@example.com")
    assert blind_index(KEYSET, " ADA@Example.COM ") == index
    assert blind_index(KEYSET, "\uff41da@example.com") == index
    assert blind_index(KEYSET, "bob@example.com") != index
    assert blind_index(Keyset.new(), "ada@example.com") != index
    assert blind_index(KEYSET.rotated(), "ada@example.com") == index


def test_a_chain_hash_knows_where_a_part_ends() -> None:
    assert chain_hash(KEYSET, [b"ab", b"c"]) != chain_hash(KEYSET, [b"a", b"bc"])


async def test_the_database_holds_tokens_and_a_pool_gives_values(
    database: str, pool: asyncpg.Pool
) -> None:
    async with staff_transaction(pool) as connection:
        row = await connection.fetchrow(
            "select $1::jsonb::text as text, $1::jsonb as value", {"to": ADA}
        )
    assert row is not None
    assert "Ada M" not in row["text"] and row["value"] == {"to": ADA}
    async with (
        await open_pool(database, application="keyless") as keyless,
        staff_transaction(keyless) as connection,
    ):
        with pytest.raises(asyncpg.DataError) as refused:
            await connection.fetchval("select $1::jsonb", {"to": ADA})
    assert "no data keys" in str(refused.value) and "Ada" not in str(refused.value)
