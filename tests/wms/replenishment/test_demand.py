"""Orders as series: what is demand, what is unknown, and what is planned apart."""

from datetime import date, datetime

import numpy as np

from wms.replenishment.demand import (
    Bulk,
    Demand,
    Key,
    Offered,
    Ordered,
    Span,
    Unsellable,
    demand_of,
    drivers_of,
)

SPAN = Span(date(2010, 11, 1), days=10, ahead=4)
KEYS = (Key(1, 1), Key(2, 1), Key(1, 2))


def day(number: int) -> date:
    return date(2010, 11, number)


def moment(number: int, hour: int) -> datetime:
    return datetime(2010, 11, number, hour)


def of(*ordered: Ordered, unsellable: tuple[Unsellable, ...] = ()) -> Demand:
    return demand_of(KEYS, SPAN, ordered, unsellable, {})


def test_a_day_s_orders_add_up_in_each_warehouse() -> None:
    found = of(
        Ordered(1, 1, day(1), 1, lines=2),
        Ordered(1, 1, day(1), 3),
        Ordered(1, 2, day(2), 7),
        Ordered(9, 1, day(2), 7),
        Ordered(1, 1, date(2010, 10, 31), 7),
        Ordered(1, 1, day(11), 7),
    ).history.demand
    assert found[0].tolist() == [5.0] + [0.0] * 9
    assert np.isnan(found[1]).all()
    assert np.isnan(found[2][0]) and found[2][1] == 7.0


def test_a_day_out_of_stock_is_unknown_not_zero() -> None:
    found = of(
        Ordered(1, 1, day(1), 4),
        Ordered(1, 1, day(5), 1),
        unsellable=(
            Unsellable(1, 1, moment(3, 0), moment(5, 2)),
            Unsellable(1, 1, datetime(2010, 10, 1), datetime(2010, 10, 20)),
        ),
    ).history.demand[0]
    assert np.isnan(found[[2, 3]]).all()
    # Of the fifth day 22 hours are known.
    assert np.isclose(found[4], 24 / 22)
    assert found[5] == 0.0


def test_a_bulk_order_is_left_out_and_told_of() -> None:
    usual = [Ordered(1, 1, day(number), 4) for number in range(1, 10)]
    found = of(*usual, Ordered(1, 1, day(10), 900))
    assert found.bulk == {0: Bulk(1, 900)}
    assert found.history.demand[0].tolist() == [4.0] * 9 + [0.0]


def test_promotions_and_prices_are_known_ahead_and_only_where_there_are_any() -> None:
    assert drivers_of(KEYS, SPAN, []) == {}
    found = drivers_of(
        KEYS,
        SPAN,
        [
            Offered(1, "Advent", day(9), day(12), 0.8),
            Offered(2, "Past", date(2010, 9, 1), date(2010, 9, 9)),
        ],
    )
    assert found["promo"].shape == (3, 14)
    assert found["promo"][0].tolist() == [0.0] * 8 + [1.0] * 4 + [0.0] * 2
    assert found["promo"][0].tolist() == found["promo"][2].tolist()
    assert not found["promo"][1].any()
    assert found["price"][0, 8] == 0.8 and found["price"][1].tolist() == [1.0] * 14
    only = drivers_of(KEYS, SPAN, [Offered(1, "Loud", day(1), day(2))])
    assert list(only) == ["promo"]
