"""Why something is proposed, in words."""

from datetime import date

import numpy as np
import pytest

from wms.replenishment.reason import DAYS_MAX, Outlook, Run, added_by, days_covered, said

TODAY = date(2010, 11, 28)


def outlook(*mean: float, safety: int = 0, promotions: tuple[Run, ...] = ()) -> Outlook:
    return Outlook(TODAY, np.array(mean), 4, safety, promotions)


@pytest.mark.parametrize(
    ("stock", "days"), [(0, 0.0), (10, 2.0), (12, 2.4), (140, 28.0), (145, 29.0)]
)
def test_stock_lasts_as_long_as_the_mean_demand_lets_it(stock: int, days: float) -> None:
    assert days_covered(stock, outlook(*[5.0] * 28)) == pytest.approx(days)


def test_a_safety_stock_makes_it_last_shorter() -> None:
    # Four days need 20 and the whole safety stock of 6.
    assert days_covered(26, outlook(*[5.0] * 28, safety=6)) == pytest.approx(4.0)


def test_what_nobody_wants_lasts_for_ever() -> None:
    assert days_covered(1, outlook(*[0.0] * 28)) == DAYS_MAX
    assert days_covered(5, outlook()) == 0


def test_a_promotion_adds_what_is_above_the_other_days() -> None:
    run = Run("Advent", date(2010, 12, 1), date(2010, 12, 2))
    ahead = outlook(10, 10, 10, 80, 80, 10, 10, promotions=(run,))
    assert added_by(run, ahead) == pytest.approx(140)


def test_the_reason_says_how_long_it_lasts_and_what_is_out_of_the_ordinary() -> None:
    run = Run("Advent", date(2010, 12, 1), date(2010, 12, 2))
    ahead = outlook(10, 10, 10, 80, 80, 10, 10, *[10] * 20, promotions=(run,))
    reason = said(
        ahead,
        position=3,
        quantity=250,
        reorder_point=60,
        service_percent=97,
        scale=0,
        notes=("STOKE brings it in 5 days",),
    )
    assert reason == (
        "covers 11 days at 97 %; free and coming 3, reorder point 60; promotion Advent from 1 Dec "
        "adds 140; STOKE brings it in 5 days"
    )


def test_what_the_forecast_explains_itself_is_said_in_its_words() -> None:
    run = Run("Advent", date(2010, 12, 1), date(2010, 12, 2))
    reason = said(
        outlook(10, 10, 10, 80, 80, 10, 10, promotions=(run,)),
        position=0, quantity=10, reorder_point=5, service_percent=97, scale=0,
        explained="promotion from 1 Dec to 2 Dec adds 138",
    )  # fmt: skip
    assert reason.endswith("reorder point 5; promotion from 1 Dec to 2 Dec adds 138")


def test_a_promotion_that_adds_nothing_is_not_named() -> None:
    run = Run("Quiet", date(2010, 12, 1), date(2010, 12, 2))
    reason = said(
        outlook(*[5.0] * 14, promotions=(run,)),
        position=0, quantity=10, reorder_point=5, service_percent=99.5, scale=0,
    )  # fmt: skip
    assert "Quiet" not in reason and "at 99.5 %" in reason
