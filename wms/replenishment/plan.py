"""A run's answer: what every item is held by from now on, and what is proposed to get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from forecasting.distribution import Distribution
from wms.items.unit import format_quantity
from wms.replenishment.demand import Bulk
from wms.replenishment.forecasted import SeriesForecast
from wms.replenishment.level import levels
from wms.replenishment.proposal import (
    Kind,
    Level,
    Offer,
    Standing,
    cheapest,
    share_out,
)
from wms.replenishment.reason import Outlook, Run, days_covered, said

At = tuple[int, int]
NO_SUPPLIER = "nobody sells it to us: enter a supplier"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the house wants: its fill rate in percent, and how long an order lasts.

    lead_days and transfer_days: how long goods take that no supplier is known for, or that come
    from another warehouse; review_days: from one run to the next.
    """

    service_percent: float
    cover_days: int
    lead_days: int
    transfer_days: int
    review_days: int = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """An item in a warehouse: how much is free of promises, coming, and promised to another.

    `achieved` is the fill rate of late, None where nothing was ordered; `held_up_to` is what the
    last run ordered up to, None before the first.
    """

    item_id: int
    warehouse_id: int
    tenant_id: int
    owner_id: int
    scale: int
    free: int
    coming: int
    leaving: int = 0
    service_percent: float | None = None
    achieved: float | None = None
    held_up_to: int | None = None

    @property
    def at(self) -> At:
        """What its forecast is found by."""
        return self.item_id, self.warehouse_id

    def standing(self, free: int, coming: int, leaving: int) -> "Kept":
        """The same item with other numbers."""
        return replace(self, free=free, coming=coming, leaving=leaving)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal as it is made; `days_left` is how long the stock lasts without it."""

    kept: Kept
    kind: Kind
    quantity: int
    level: Level
    days_left: float
    reason: str
    supplier_id: int | None = None
    from_warehouse_id: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What each item is held by, in the order given, and what is proposed."""

    levels: tuple[Level, ...]
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan is made of: forecasts by item and warehouse, offers and promotions by item."""

    forecasts: Mapping[At, SeriesForecast]
    offers: Mapping[int, Sequence[Offer]]
    promotions: Mapping[int, Sequence[Run]]
    warehouses: Mapping[int, str]
    today: date
    bulk: Mapping[At, Bulk] = field(default_factory=dict)
    # The probability of no shortage that goes with a fill rate in percent; else it is the same.
    probabilities: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    """An item in a warehouse as a proposal is made for it; `fetched` is proposed already."""

    kept: Kept
    level: Level
    known: Known
    terms: Terms
    fetched: int = 0

    @property
    def position(self) -> int:
        return self.kept.free - self.kept.leaving + self.kept.coming

    def draft(self, kind: Kind, quantity: int, notes: tuple[str, ...], **source: int) -> Draft:
        forecast = self.known.forecasts[self.kept.at]
        bulk = self.known.bulk.get(self.kept.at)
        if bulk is not None:
            left_out = format_quantity(bulk.quantity, self.kept.scale)
            notes = (*notes, f"{bulk.orders} bulk order(s) of {left_out} left out")
        outlook = Outlook(
            self.known.today,
            forecast.mean,
            forecast.protection_days,
            self.level.safety_stock,
            tuple(self.known.promotions.get(self.kept.item_id, ())),
        )
        reason = said(
            outlook,
            position=self.position + self.fetched,
            quantity=quantity,
            reorder_point=self.level.reorder_point,
            service_percent=service_of(self.kept, self.terms),
            scale=self.kept.scale,
            explained=forecast.explained,
            notes=notes,
        )
        lasts = days_covered(self.position, replace(outlook, safety_stock=0))
        return Draft(self.kept, kind, quantity, self.level, lasts, reason, **source)


def plan(kept: Sequence[Kept], known: Known, terms: Terms) -> Plan:
    """What each item is held by, what is fetched from other warehouses, and what is bought."""
    held = _levels(kept, known, terms)
    cases = {
        each.at: _Case(each, level, known, terms) for each, level in zip(kept, held, strict=True)
    }
    fetches, rest = share_out(
        [
            Standing(*at, case.kept.free - case.kept.leaving, case.kept.coming, case.level)
            for at, case in cases.items()
        ]
    )
    drafts: list[Draft] = []
    for fetch in fetches:
        at = fetch.item_id, fetch.to_warehouse_id
        giver = fetch.from_warehouse_id
        note = f"{known.warehouses[giver]} can spare it, {terms.transfer_days} days away"
        drafts.append(
            cases[at].draft(Kind.TRANSFER, fetch.quantity, (note,), from_warehouse_id=giver)
        )
        cases[at] = replace(cases[at], fetched=cases[at].fetched + fetch.quantity)
    for standing, missing in rest:
        drafts.append(_purchase(cases[standing.item_id, standing.warehouse_id], missing))
    return Plan(tuple(held), tuple(drafts))


def _levels(kept: Sequence[Kept], known: Known, terms: Terms) -> list[Level]:
    found = [known.forecasts[each.at] for each in kept]
    if not found:
        return []
    demand = Distribution.build(
        np.array([each.protection_mean for each in found]),
        np.array(found[0].levels),
        np.array([each.quantiles for each in found]),
    )
    percents = [service_of(each, terms) for each in kept]
    probability = [known.probabilities.get(each, each / 100) for each in percents]
    cycle = [float(each.mean[: terms.cover_days].sum()) for each in found]
    return levels(demand, probability, cycle)


def service_of(kept: Kept, terms: Terms) -> float:
    """The fill rate in percent that an item is held for."""
    return terms.service_percent if kept.service_percent is None else kept.service_percent


def _purchase(case: _Case, missing: int) -> Draft:
    days = case.known.forecasts[case.kept.at].protection_days
    every = case.known.offers.get(case.kept.item_id, ())
    in_time = [offer for offer in every if offer.days + case.terms.review_days <= days]
    buy = cheapest(in_time or every, missing, case.kept.scale)
    if buy is None:
        return case.draft(Kind.PURCHASE, missing, (NO_SUPPLIER,))
    notes = [f"{buy.offer.supplier} brings it in {buy.offer.days} days"]
    if buy.breaks_price:
        notes.append("more of it costs no more at the next price")
    elif buy.quantity > missing:
        notes.append("the least that is sold at once")
    return case.draft(Kind.PURCHASE, buy.quantity, tuple(notes), supplier_id=buy.offer.supplier_id)


def protection_of(offers: Sequence[Offer], terms: Terms) -> int:
    """For how many days stock has to last that is ordered now: the cheapest supplier's, and ours.

    Where an item is bought nowhere, as long as the house supposes.
    """
    buy = cheapest(offers, 1, 0)
    return (terms.lead_days if buy is None else buy.offer.days) + terms.review_days
