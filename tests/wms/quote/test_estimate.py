"""Dates that a buyer is told: exact at the edges, never on a closed day, never earlier later."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wms.error import Refused
from wms.quote.calendar import EVERY_DAY, WORKING_DAYS, OpenDays, holidays_of
from wms.quote.estimate import Ends, Estimate, days_late, estimate, valid_until
from wms.quote.option import DeliveryOption, Kind
from wms.quote.spread import CONFIGURED, HISTORY, Spread, spread_of
from wms.quote.zone import ASSUMED, COUNTRY, GIVEN, zone_there

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")
MIDNIGHT = time(23, 59, 59)
AT_ONCE = Spread(0, 0, 0, CONFIGURED)


def an_option(**changed: object) -> DeliveryOption:
    option = DeliveryOption(
        code="standard",
        name="Standard",
        kind=Kind.STANDARD,
        cut_off=time(15),
        pickup_time=time(18),
        transit_days_low=1,
        transit_days_high=3,
        fee_minor=490,
        currency="EUR",
    )
    return replace(option, **changed)  # type: ignore[arg-type]


def ends(
    here: ZoneInfo = BERLIN, there: ZoneInfo = BERLIN, pickup: OpenDays | None = None,
    delivery: OpenDays | None = None,
) -> Ends:  # fmt: skip
    german = OpenDays(WORKING_DAYS, "DE")
    return Ends(here, pickup or german, there, delivery or german)


def dates(found: Estimate) -> tuple[date, date, date]:
    return found.earliest, found.likely, found.latest


def test_an_order_by_the_cut_off_leaves_today_and_one_second_later_tomorrow() -> None:
    at = datetime(2026, 6, 10, 15, tzinfo=BERLIN)
    packing, transit = Spread(5, 10, 20, CONFIGURED), Spread(1, 1, 2, CONFIGURED)
    on_time = estimate(an_option(), ends(), at, packing, transit)
    late = estimate(an_option(), ends(), at + timedelta(seconds=1), packing, transit)
    assert on_time.likely_leaving.pickup_at == datetime(2026, 6, 10, 18, tzinfo=BERLIN)
    assert dates(on_time) == (date(2026, 6, 11), date(2026, 6, 11), date(2026, 6, 12))
    assert late.likely_leaving.pickup_at == datetime(2026, 6, 11, 18, tzinfo=BERLIN)
    assert dates(late) == (date(2026, 6, 12), date(2026, 6, 12), date(2026, 6, 15))


def test_one_second_before_midnight_before_a_holiday_with_two_zones_is_exact() -> None:
    # The house is in Berlin, the shop and its buyer in New York. In Berlin it is 30 April, and
    # 1 May is a Friday and a holiday there; in New York it is none, and still the afternoon.
    option = an_option(kind=Kind.NIGHT, cut_off=MIDNIGHT, pickup_time=time(5))
    both = ends(BERLIN, NEW_YORK, OpenDays(WORKING_DAYS, "DE", "BE"), OpenDays(WORKING_DAYS, "US"))
    transit = Spread(1, 1, 1, CONFIGURED)
    last = datetime(2026, 4, 30, 17, 59, 59, tzinfo=NEW_YORK)
    assert last.astimezone(BERLIN) == datetime(2026, 4, 30, 23, 59, 59, tzinfo=BERLIN)
    found = estimate(option, both, last, AT_ONCE, transit)
    # The pickup at five of that night would be on the holiday, so it is Monday's, whose own
    # cut-off is on Sunday night; on Monday at five in Berlin it is Sunday in New York.
    assert found.likely_leaving.pickup_at == datetime(2026, 5, 4, 5, tzinfo=BERLIN)
    assert found.likely_leaving.cut_off_at == datetime(2026, 5, 3, 23, 59, 59, tzinfo=BERLIN)
    assert dates(found) == (date(2026, 5, 4),) * 3
    # The same evening with a pickup before midnight is caught to the second, and not after it.
    evening = an_option(cut_off=MIDNIGHT, pickup_time=MIDNIGHT)
    caught = estimate(evening, both, last, AT_ONCE, transit)
    assert caught.likely_leaving.pickup_at == last
    assert dates(caught) == (date(2026, 5, 1),) * 3
    missed = estimate(evening, both, last + timedelta(seconds=1), AT_ONCE, transit)
    assert missed.likely_leaving.pickup_at == datetime(2026, 5, 4, 23, 59, 59, tzinfo=BERLIN)
    assert dates(missed) == (date(2026, 5, 5),) * 3


def test_a_holiday_there_is_no_day_of_delivery_although_it_is_none_here() -> None:
    # 3 July 2026 is observed as a holiday in the United States, 4 July being a Saturday.
    both = ends(BERLIN, NEW_YORK, delivery=OpenDays(WORKING_DAYS, "US"))
    at = datetime(2026, 7, 2, 9, tzinfo=BERLIN)
    found = estimate(an_option(), both, at, AT_ONCE, Spread(1, 1, 2, CONFIGURED))
    assert dates(found) == (date(2026, 7, 6), date(2026, 7, 6), date(2026, 7, 7))


def test_a_parcel_over_the_date_line_is_dated_by_the_clocks_of_its_end() -> None:
    both = ends(NEW_YORK, TOKYO, OpenDays(EVERY_DAY), OpenDays(EVERY_DAY))
    at = datetime(2026, 3, 2, 9, tzinfo=NEW_YORK)
    found = estimate(an_option(), both, at, AT_ONCE, Spread(0, 1, 1, CONFIGURED))
    assert dates(found) == (date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 4))


def test_a_cut_off_holds_over_the_change_of_clocks() -> None:
    # In Berlin the clocks leap from 2 to 3 on 29 March 2026, and go back on 25 October.
    option = an_option(cut_off=time(2, 30), pickup_time=time(6))
    both = ends(pickup=OpenDays(EVERY_DAY), delivery=OpenDays(EVERY_DAY))
    leapt = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    on_time = estimate(option, both, leapt, AT_ONCE, Spread(1, 1, 1, CONFIGURED))
    assert on_time.likely_leaving.cut_off_at == leapt
    assert on_time.likely == date(2026, 3, 30)
    late = estimate(
        option, both, leapt + timedelta(seconds=1), AT_ONCE, Spread(1, 1, 1, CONFIGURED)
    )
    assert late.likely == date(2026, 3, 31)
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert estimate(option, both, twice, AT_ONCE, AT_ONCE).likely_leaving.cut_off_at == twice


def test_slow_packing_moves_the_latest_date_to_the_next_pickup() -> None:
    at = datetime(2026, 6, 10, 14, 50, tzinfo=BERLIN)
    packing = Spread(30, 60, 200, HISTORY, 50)
    found = estimate(an_option(), ends(), at, packing, Spread(1, 1, 1, CONFIGURED))
    assert found.likely == date(2026, 6, 11)
    assert found.latest == date(2026, 6, 12)


def test_a_quote_ends_with_the_cut_off_but_leaves_time_to_order() -> None:
    at = datetime(2026, 6, 10, 14, 50, tzinfo=BERLIN)
    lasts = timedelta(minutes=30)
    found = estimate(an_option(), ends(), at, AT_ONCE, AT_ONCE)
    assert valid_until(found, at, lasts) == datetime(2026, 6, 10, 15, tzinfo=BERLIN)
    last = at + timedelta(minutes=10)
    found = estimate(an_option(), ends(), last, AT_ONCE, AT_ONCE)
    assert valid_until(found, last, lasts) == last + timedelta(minutes=5)


LOS_ANGELES = ZoneInfo("America/Los_Angeles")
AUCKLAND = ZoneInfo("Pacific/Auckland")
ONE_DAY = Spread(1, 1, 1, CONFIGURED)


def over_the_pacific(
    option: DeliveryOption, at: datetime
) -> tuple[datetime, tuple[date, date, date]]:
    """From Los Angeles to Auckland: the pickup that is caught, and the days there."""
    both = Ends(LOS_ANGELES, OpenDays(WORKING_DAYS, "US"), AUCKLAND, OpenDays(WORKING_DAYS, "NZ"))
    found = estimate(option, both, at, AT_ONCE, ONE_DAY)
    return found.likely_leaving.pickup_at, dates(found)


def test_a_second_before_a_holiday_here_is_a_whole_weekend_there() -> None:
    # Thanksgiving is Thursday, 26 November 2026. When Wednesday ends in Los Angeles, it is
    # Thursday evening in Auckland, 21 hours ahead in its summer.
    option = an_option(cut_off=MIDNIGHT, pickup_time=MIDNIGHT)
    last = datetime(2026, 11, 25, 23, 59, 59, tzinfo=LOS_ANGELES)
    assert last == datetime(2026, 11, 26, 20, 59, 59, tzinfo=AUCKLAND)
    assert over_the_pacific(option, last) == (last, (date(2026, 11, 27),) * 3)
    friday = datetime(2026, 11, 27, 23, 59, 59, tzinfo=LOS_ANGELES)
    missed = over_the_pacific(option, last + timedelta(seconds=1))
    assert missed == (friday, (date(2026, 11, 30),) * 3)


def test_a_second_here_is_a_holiday_and_a_weekend_there() -> None:
    # 6 February 2026, Waitangi Day, is a Friday in New Zealand and a holiday nowhere else.
    last = datetime(2026, 2, 3, 15, tzinfo=LOS_ANGELES)
    assert over_the_pacific(an_option(), last)[1] == (date(2026, 2, 5),) * 3
    late = over_the_pacific(an_option(), last + timedelta(seconds=1))
    assert late[1] == (date(2026, 2, 9),) * 3


@pytest.mark.parametrize(
    ("here", "day", "cut_off", "moment"),
    [
        # The clocks leap from 2 to 3 in Los Angeles: half past two is half past three.
        (LOS_ANGELES, date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),
        # They go back from 3 to 2 in Auckland: of two half past twos the first one counts.
        (AUCKLAND, date(2026, 4, 5), time(2, 30), datetime(2026, 4, 4, 13, 30, tzinfo=UTC)),
        # And they leap there from 2 to 3 in September.
        (AUCKLAND, date(2026, 9, 27), time(2, 30), datetime(2026, 9, 26, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_cut_off_within_the_change_of_clocks_is_one_moment(
    here: ZoneInfo, day: date, cut_off: time, moment: datetime
) -> None:
    every = OpenDays(EVERY_DAY)
    both = Ends(here, every, here, every)
    option = an_option(cut_off=cut_off, pickup_time=time(6))
    on_time = estimate(option, both, moment, AT_ONCE, AT_ONCE)
    assert on_time.likely_leaving.cut_off_at == moment
    assert on_time.likely == day
    late = estimate(option, both, moment + timedelta(seconds=1), AT_ONCE, AT_ONCE)
    assert late.likely == day + timedelta(days=1)


def test_a_leap_day_is_a_day_of_delivery_and_of_pickup() -> None:
    last = datetime(2028, 2, 28, 15, tzinfo=BERLIN)
    assert estimate(an_option(), ends(), last, AT_ONCE, ONE_DAY).likely == date(2028, 2, 29)
    late = estimate(an_option(), ends(), last + timedelta(seconds=1), AT_ONCE, ONE_DAY)
    assert late.likely_leaving.pickup_at == datetime(2028, 2, 29, 18, tzinfo=BERLIN)
    assert late.likely == date(2028, 3, 1)


def test_a_carrier_that_comes_late_moves_the_dates_by_days_on_which_it_comes() -> None:
    # Friday, 12 June 2026; one day late is Monday.
    at = datetime(2026, 6, 12, 9, tzinfo=BERLIN)
    found = estimate(an_option(), ends(), at, AT_ONCE, ONE_DAY, Spread(0, 0, 1, HISTORY, 30))
    assert dates(found) == (date(2026, 6, 15), date(2026, 6, 15), date(2026, 6, 16))
    assert found.latest_leaving.pickup_at == datetime(2026, 6, 12, 18, tzinfo=BERLIN)


def test_how_late_a_carrier_was_is_counted_from_the_pickup_that_was_due() -> None:
    paid = datetime(2026, 6, 12, 9, tzinfo=BERLIN)
    packed = datetime(2026, 6, 12, 11, tzinfo=BERLIN)
    for taken, late in (
        (datetime(2026, 6, 12, 17, tzinfo=BERLIN), 0),
        (datetime(2026, 6, 12, 23, tzinfo=BERLIN), 0),
        (datetime(2026, 6, 13, 10, tzinfo=BERLIN), 0),
        (datetime(2026, 6, 15, 18, tzinfo=BERLIN), 1),
    ):
        assert days_late(an_option(), ends(), paid, packed, taken) == late
    evening = datetime(2026, 6, 12, 19, tzinfo=BERLIN)
    monday = datetime(2026, 6, 15, 18, tzinfo=BERLIN)
    assert days_late(an_option(), ends(), paid, evening, monday) == 0


zones = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Honolulu"]
).map(ZoneInfo)
weekdays = st.frozensets(st.integers(1, 7), min_size=1)
countries = st.sampled_from(["", "DE", "US", "JP", "NZ", "CN", "SA"])
calendars = st.builds(OpenDays, weekdays, countries)
times = st.times().map(lambda one: one.replace(microsecond=0))
spreads = st.lists(st.integers(0, 9), min_size=3, max_size=3).map(
    lambda days: Spread(min(days), sorted(days)[1], max(days), CONFIGURED)
)
starts = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))


@settings(max_examples=200, deadline=None)
@given(
    here=zones, there=zones, pickup=calendars, delivery=calendars, cut_off=times, leaves=times,
    packing=spreads, transit=spreads, late=spreads, at=starts,
    wait_s=st.integers(0, 10 * 86_400),
)  # fmt: skip
def test_later_is_never_earlier_and_no_date_is_closed_or_before_its_pickup(
    here: ZoneInfo, there: ZoneInfo, pickup: OpenDays, delivery: OpenDays, cut_off: time,
    leaves: time, packing: Spread, transit: Spread, late: Spread, at: datetime, wait_s: int,
) -> None:  # fmt: skip
    option = an_option(cut_off=cut_off, pickup_time=leaves)
    both = Ends(here, pickup, there, delivery)
    first = estimate(option, both, at, packing, transit, late)
    second = estimate(option, both, at + timedelta(seconds=wait_s), packing, transit, late)
    assert all(one <= other for one, other in zip(dates(first), dates(second), strict=True))
    for found in (first, second):
        assert found.earliest <= found.likely <= found.latest
        for day in dates(found):
            assert delivery.is_open(day)
        for leaving in (found.likely_leaving, found.latest_leaving):
            assert pickup.is_open(leaving.pickup_at.astimezone(here).date())
            assert leaving.packed_at <= leaving.pickup_at
            assert found.start_at <= leaving.cut_off_at
        assert found.earliest >= found.likely_leaving.pickup_at.astimezone(there).date()
        assert found.latest >= found.latest_leaving.pickup_at.astimezone(there).date()


@given(day=st.dates(date(2024, 1, 1), date(2030, 1, 1)), days=st.integers(0, 30), open_=calendars)
@settings(max_examples=100, deadline=None)
def test_open_days_that_are_counted_are_those_that_were_gone(
    day: date, days: int, open_: OpenDays
) -> None:
    start = open_.next_open(day)
    assert open_.between(start, open_.after(start, days)) == days


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert epiphany in holidays_of("DE", "BY", 2026)
    assert epiphany not in holidays_of("DE", "BE", 2026)
    assert epiphany not in holidays_of("DE", "nowhere", 2026)
    assert holidays_of("XX", "", 2026) == {}


def test_what_was_seen_often_enough_counts_more_than_what_was_said() -> None:
    assert spread_of([9] * 19, 1, 2, 3) == Spread(1, 2, 3, CONFIGURED, 19)
    seen = [1] * 2 + [2] * 12 + [4] * 4 + [7] * 2
    assert spread_of(seen, 1, 1, 1) == Spread(1, 2, 4, HISTORY, 20)


def test_the_zone_there_is_the_given_one_the_country_s_or_the_latest_of_many() -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    assert zone_there("DE", None, at).source == COUNTRY
    assert zone_there("US", "America/Denver", at).source == GIVEN
    found = zone_there("US", None, at)
    assert found.source == ASSUMED
    assert at.astimezone(found.info).utcoffset() == timedelta(hours=-4)
    with pytest.raises(Refused):
        zone_there("US", "Mars/Base", at)


def test_an_option_goes_where_it_says() -> None:
    option = an_option(countries=("GB", "IE"), postal_prefixes=("LU1", "SW"))
    assert option.serves("GB", "lu1 2ab")
    assert option.serves("GB", "")
    assert not option.serves("GB", "LS1 4AP")
    assert not option.serves("DE", "LU1")
    assert an_option().serves("CN", "518109")


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("code", "No good", "/code"),
        ("name", " ", "/name"),
        ("pickup_days", frozenset(), "/pickup_days"),
        ("delivery_days", frozenset({8}), "/delivery_days"),
        ("transit_days_low", 4, "/transit_days_high"),
        ("packing_minutes", 500, "/packing_minutes_high"),
        ("fee_minor", -1, "/fee"),
        ("currency", "euro", "/currency"),
        ("countries", ("Germany",), "/countries"),
        ("postal_prefixes", ("-",), "/postal_prefixes"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_its_field(
    field: str, value: object, pointer: str
) -> None:
    with pytest.raises(Refused) as refusal:
        an_option(**{field: value})
    assert refusal.value.pointer == pointer
