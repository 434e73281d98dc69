"""From when on goods may be packed: here, coming, sold ahead, made; never earlier than honest."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from wms.promise.position import Coming, Position
from wms.quote.availability import Ready, Supply, Ware, ready_of
from wms.quote.calendar import WORKING_DAYS, OpenDays

BERLIN = ZoneInfo("Europe/Berlin")
HOUSE = OpenDays(WORKING_DAYS, "DE")
NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
MONDAY = datetime(2026, 5, 4, tzinfo=UTC)


def position(free: int, *coming: tuple[datetime, int], waiting: int = 0) -> Position:
    rows = tuple(Coming(at, quantity) for at, quantity in coming)
    inbound = sum(quantity for _, quantity in coming)
    return Position(1, 1, "MAIN", free, 0, 0, 0, inbound, waiting, rows)


def ready(ware: Ware, quantity: int, found: Position | None, now: datetime = NOW) -> Ready:
    return ready_of(ware, quantity, found, HOUSE, BERLIN, now)


def test_what_is_here_is_ready_at_once() -> None:
    assert ready(Ware(1), 5, position(5)) == Ready(Supply.STOCK, NOW)


def test_what_is_coming_is_ready_when_it_comes_after_those_who_wait() -> None:
    found = position(2, (NOW + timedelta(days=1), 4), (MONDAY, 4), waiting=3)
    assert ready(Ware(1), 3, found) == Ready(Supply.COMING, MONDAY)
    assert ready(Ware(1), 1, position(0, (NOW - timedelta(days=1), 4))).at == NOW
    assert ready(Ware(1), 9, found) == Ready(Supply.NONE, None)


def test_what_nobody_has_cannot_be_had() -> None:
    assert ready(Ware(1), 1, None) == Ready(Supply.NONE, None)


def test_goods_sold_ahead_wait_for_their_day_even_where_they_are_here() -> None:
    ware = Ware(1, available_from=MONDAY)
    assert ready(ware, 1, position(5)) == Ready(Supply.PRESALE, MONDAY)
    later = position(0, (MONDAY + timedelta(days=2), 5))
    assert ready(ware, 1, later) == Ready(Supply.PRESALE, MONDAY + timedelta(days=2))
    assert ready(ware, 1, position(5), MONDAY) == Ready(Supply.STOCK, MONDAY)


def test_what_is_made_takes_days_on_which_the_house_works() -> None:
    # From Thursday, 30 April 2026; 1 May is a Friday and a holiday.
    found = ready(Ware(1, made_to_order_days=2), 3, position(1))
    assert found == Ready(Supply.MADE_TO_ORDER, datetime(2026, 5, 5, tzinfo=BERLIN))
    assert ready(Ware(1, made_to_order_days=2), 1, position(1)).supply is Supply.STOCK


@given(wait_s=st.integers(0, 20 * 86_400), days=st.integers(1, 9), free=st.integers(0, 2))
def test_whoever_asks_later_is_never_told_an_earlier_moment(
    wait_s: int, days: int, free: int
) -> None:
    ware = Ware(1, available_from=MONDAY, made_to_order_days=days)
    found = position(free, (NOW + timedelta(days=3), 1))
    first = ready(ware, 2, found).at
    second = ready(ware, 2, found, NOW + timedelta(seconds=wait_s)).at
    assert first is not None and second is not None
    assert first <= second
