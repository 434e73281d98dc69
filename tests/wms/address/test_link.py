"""Links for buyers: what was signed is read, and nothing else is."""

from datetime import UTC, datetime

import pytest

from wms.address.link import Grant, LinkRule, Links, Purpose

ENDS = datetime(2030, 1, 1, tzinfo=UTC)
LINKS = Links(b"k" * 32, LinkRule("https://parcels.example/"))


def test_a_link_carries_what_it_allows_and_nothing_of_a_person() -> None:
    link = LINKS.address(7, 9, ENDS)
    assert link.startswith("https://parcels.example/buyer/address/")
    token = link.rpartition("/")[2]
    assert LINKS.read(token, Purpose.ADDRESS) == Grant("address", 7, 9, ENDS)
    assert "kkkk" not in repr(LINKS)


def test_a_link_for_one_thing_opens_no_other() -> None:
    token = LINKS.token("erasure", 7, 9, ENDS)
    assert LINKS.read(token, Purpose.ADDRESS) is None


def test_a_link_of_another_key_is_none() -> None:
    other = Links(b"o" * 32, LINKS.rule)
    assert LINKS.read(other.token(Purpose.ADDRESS, 7, 9, ENDS), Purpose.ADDRESS) is None


def test_no_character_of_a_token_can_be_changed() -> None:
    token = LINKS.token(Purpose.ADDRESS, 7, 9, ENDS)
    for place in range(len(token)):
        for other in "Aa0.-":
            changed = token[:place] + other + token[place + 1 :]
            if changed != token:
                assert LINKS.read(changed, Purpose.ADDRESS) is None


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.é", "x" * 5_000, "a.b.c", "\x00.\x00"])
def test_nonsense_is_no_token(token: str) -> None:
    assert LINKS.read(token, Purpose.ADDRESS) is None
