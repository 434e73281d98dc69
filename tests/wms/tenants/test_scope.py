"""What a key opens."""

import pytest

from wms.error import Refused
from wms.tenants.scope import SCOPES, checked_scopes, covers, opens


def test_a_key_without_scopes_opens_all_that_a_shop_has_and_nothing_of_carriers() -> None:
    assert all(opens((), scope) for scope in SCOPES)
    assert not opens((), "carrier")


def test_who_may_change_may_read_and_not_the_other_way_round() -> None:
    assert opens({"orders:write"}, "orders:read") and opens({"orders:write"}, "orders:write")
    assert opens({"orders:read"}, "orders:read") and not opens({"orders:read"}, "orders:write")
    assert not opens({"orders:write"}, "items:read")


def test_a_carrier_s_key_opens_the_carrier_s_paths_only() -> None:
    assert opens({"carrier"}, "carrier")
    assert not any(opens({"carrier"}, scope) for scope in SCOPES)


def test_a_key_covers_what_it_opens_and_only_one_without_scopes_covers_such_a_one() -> None:
    assert covers((), ()) and covers((), SCOPES) and covers(SCOPES, ())
    assert covers({"orders:write"}, {"orders:read", "orders:write"})
    assert not covers({"orders:write"}, ()) and not covers({"orders:write"}, {"items:read"})
    assert not covers((), {"carrier"})


@pytest.mark.parametrize(
    ("scopes", "code"),
    [
        (["orders"], "unknown_scope"),
        (["orders:all"], "unknown_scope"),
        ([""], "unknown_scope"),
        (["carrier", "orders:read"], "carrier_alone"),
    ],
)
def test_scopes_that_make_no_sense_are_refused(scopes: list[str], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        checked_scopes(scopes)
    assert refusal.value.code == code


def test_scopes_are_kept_once_and_in_one_order() -> None:
    assert checked_scopes(["items:read", "orders:read", "items:read"]) == [
        "orders:read",
        "items:read",
    ]
