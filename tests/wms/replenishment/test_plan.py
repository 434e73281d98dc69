"""A run's answer, from forecasts to what every item is held by and what is proposed."""

from datetime import date

import numpy as np
import pytest

from wms.replenishment.case import Kept, Known, Terms, protection_of
from wms.replenishment.forecasted import SeriesForecast
from wms.replenishment.joint import NO_SUPPLIER
from wms.replenishment.plan import plan
from wms.replenishment.proposal import Kind, Offer
from wms.replenishment.purchase import NO_TERMS, OrderTerms, PriceBreak

TERMS = Terms(97.0, cover_days=7, lead_days=10, transfer_days=2)
LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99)


def forecast(daily: float, days: int = 6) -> SeriesForecast:
    total = daily * days
    spread = tuple(total * share for share in (1.0, 1.15, 1.4, 1.6, 2.2))
    mean = np.full(28, daily)
    return SeriesForecast(mean, mean * 2, LEVELS, spread, days, total, "smooth", "flat", "", ())


def kept(warehouse_id: int, free: int, coming: int = 0, leaving: int = 0) -> Kept:
    return Kept(1, warehouse_id, 1, 1, 0, free, coming, leaving)


def offer(
    lead_days: int,
    price: int,
    late_days: float = 0.0,
    spread_days: float = 0.0,
    terms: OrderTerms = NO_TERMS,
) -> Offer:
    prices = (PriceBreak(1, price),)
    return Offer(
        lead_days, f"S{lead_days}", lead_days, late_days, 1, 1, prices, spread_days, "EUR", terms
    )


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
    assert protection_of([offer(5, 100, late_days=-2.4)], TERMS) == 4


def test_days_left_are_those_of_the_stock_as_it_is() -> None:
    [draft] = plan([kept(1, 12, coming=3)], known(5.0), TERMS).drafts
    assert draft.days_left == pytest.approx(3.0)
    assert plan([], known(), TERMS).drafts == ()


def test_a_supplier_that_comes_now_early_now_late_asks_for_more_safety_stock() -> None:
    steady, unsteady = (
        plan([kept(1, 0)], known(5.0, offers=(offer(5, 100, spread_days=days),)), TERMS)
        for days in (0.0, 2.5)
    )
    assert unsteady.levels[0].safety_stock > steady.levels[0].safety_stock
    assert "S5 brings it in 5 days, give or take 2" in unsteady.drafts[0].reason
    assert "give or take" not in steady.drafts[0].reason


def test_an_order_that_costs_something_lasts_as_long_as_that_pays() -> None:
    terms = OrderTerms(order_cost_minor=300)
    [draft] = plan([kept(1, 0)], known(5.0, offers=(offer(5, 100, terms=terms),)), TERMS).drafts
    # The root of 2 * 300 / (5 * 100 * 20 % / 365) is 46.8 days.
    assert draft.level.order_up_to - draft.level.reorder_point == 234
    assert "for 47 days, by an order's cost of 3.00 EUR" in draft.reason
    [usual] = plan([kept(1, 0)], known(5.0, offers=(offer(5, 100),)), TERMS).drafts
    assert usual.level.order_up_to - usual.level.reorder_point == 35
    assert "by an order's cost" not in usual.reason


def items(*kept_items: tuple[int, int], terms: OrderTerms) -> tuple[list[Kept], Known]:
    """Items by number with so much free, five of each wanted a day, all from one supplier."""
    numbers = [item for item, _ in kept_items]
    return (
        [Kept(item, 1, 1, 1, 0, free, 0, mass_g=1_000.0) for item, free in kept_items],
        Known(
            {(item, 1): forecast(5.0) for item in numbers},
            dict.fromkeys(numbers, (offer(5, 100, terms=terms),)),
            {},
            {1: "MAIN"},
            date(2010, 11, 28),
        ),
    )


def test_what_is_nearly_due_joins_the_order_that_has_to_be_made() -> None:
    made = plan(*items((1, 0), (2, 60), (3, 1_000), terms=OrderTerms(truck_mass_g=200_000)), TERMS)
    due, joins = made.drafts
    assert (due.kept.item_id, joins.kept.item_id) == (1, 2)
    assert due.quantity + joins.quantity == 200
    assert "before it is due" in joins.reason
    # Without anything due no truck is sent.
    idle = plan(*items((1, 60), (2, 60), terms=OrderTerms(truck_mass_g=200_000)), TERMS)
    assert idle.drafts == ()


def test_what_a_warehouse_gives_away_is_not_counted_when_it_orders() -> None:
    terms = OrderTerms(truck_mass_g=400_000)
    everyone, each = items((1, 0), (2, 150), terms=terms)
    needy = Kept(2, 2, 1, 1, 0, 0, 0, mass_g=1_000.0)
    forecasts = dict(each.forecasts) | {(2, 2): forecast(5.0)}
    both = Known(forecasts, each.offers, {}, {1: "MAIN", 2: "NORTH"}, each.today)
    made = plan([*everyone, needy], both, TERMS)
    fetched = next(draft for draft in made.drafts if draft.kind is Kind.TRANSFER)
    joins = next(draft for draft in made.drafts if draft.kept.at == (2, 1))
    assert f"free and coming {150 - fetched.quantity}" in joins.reason
