"""A run's answer, from forecasts to what every item is held by and what is proposed."""

from datetime import date

import numpy as np
import pytest

from wms.replenishment.forecasted import SeriesForecast
from wms.replenishment.plan import NO_SUPPLIER, Kept, Known, Terms, plan, protection_of
from wms.replenishment.proposal import Kind, Offer
from wms.replenishment.purchase import PriceBreak

TERMS = Terms(97.0, cover_days=7, lead_days=10, transfer_days=2)
LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99)


def forecast(daily: float, days: int = 6) -> SeriesForecast:
    total = daily * days
    spread = tuple(total * share for share in (1.0, 1.15, 1.4, 1.6, 2.2))
    mean = np.full(28, daily)
    return SeriesForecast(mean, mean * 2, LEVELS, spread, days, total, "smooth", "flat", "", ())


def kept(warehouse_id: int, free: int, coming: int = 0, leaving: int = 0) -> Kept:
    return Kept(1, warehouse_id, 1, 1, 0, free, coming, leaving)


def offer(lead_days: int, price: int, late_days: int = 0) -> Offer:
    return Offer(lead_days, f"S{lead_days}", lead_days, late_days, 1, 1, (PriceBreak(1, price),))


def known(*daily: float, offers: tuple[Offer, ...] = ()) -> Known:
    return Known(
        {(1, at): forecast(each) for at, each in enumerate(daily, start=1)},
        {1: offers},
        {},
        {1: "MAIN", 2: "NORTH"},
        date(2010, 11, 28),
    )


def test_two_warehouses_are_planned_together() -> None:
    made = plan([kept(1, 0), kept(2, 30)], known(5.0, 0.0, offers=(offer(5, 100),)), TERMS)
    fetched, bought = made.drafts
    assert (fetched.kind, fetched.quantity, fetched.from_warehouse_id) == (Kind.TRANSFER, 30, 2)
    assert (bought.kind, bought.supplier_id) == (Kind.PURCHASE, 5)
    assert fetched.quantity + bought.quantity == made.levels[0].order_up_to
    # What is fetched counts where the rest is reasoned for.
    assert "free and coming 30" in bought.reason


def test_what_is_promised_to_another_warehouse_is_not_given_twice() -> None:
    made = plan([kept(1, 0, coming=30), kept(2, 30, leaving=30)], known(5.0, 0.0), TERMS)
    assert [draft.kind for draft in made.drafts] == [Kind.PURCHASE]


def test_who_would_come_too_late_is_not_asked_where_another_can() -> None:
    slow, quick = offer(40, 50), offer(5, 100)
    [draft] = plan([kept(1, 0)], known(5.0, offers=(slow, quick)), TERMS).drafts
    assert draft.supplier_id == 5
    [draft] = plan([kept(1, 0)], known(5.0, offers=(slow,)), TERMS).drafts
    assert draft.supplier_id == 40


def test_a_purchase_without_a_supplier_says_so() -> None:
    [draft] = plan([kept(1, 0)], known(5.0), TERMS).drafts
    assert draft.supplier_id is None and NO_SUPPLIER in draft.reason


def test_stock_has_to_last_until_the_cheapest_supplier_s_next_goods_are_here() -> None:
    assert protection_of([offer(5, 100), offer(9, 80, late_days=3)], TERMS) == 13
    assert protection_of([], TERMS) == 11


def test_days_left_are_those_of_the_stock_as_it_is() -> None:
    [draft] = plan([kept(1, 12, coming=3)], known(5.0), TERMS).drafts
    assert draft.days_left == pytest.approx(3.0)
    assert plan([], known(), TERMS).drafts == ()
