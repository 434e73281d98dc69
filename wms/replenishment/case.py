"""An item in a warehouse as a run looks at it: what there is, what is known, what is drafted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from wms.items.unit import format_quantity
from wms.replenishment.cycle import Cycle
from wms.replenishment.demand import Bulk
from wms.replenishment.forecasted import SeriesForecast
from wms.replenishment.proposal import Kind, Level, Offer, cheapest
from wms.replenishment.reason import Outlook, Run, days_covered, said

At = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the house wants: its fill rate in percent, and how long an order lasts.

    lead_days and transfer_days: how long goods take that no supplier is known for, or that come
    from another warehouse; review_days: from one run to the next. holding_percent: what keeping
    goods costs a year, of their price; no order is made larger than for days_max days by that, or
    for its worth or its truck.
    """

    service_percent: float
    cover_days: int
    lead_days: int
    transfer_days: int
    review_days: int = 1
    holding_percent: float = 20.0
    days_max: int = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """An item in a warehouse: how much is free of promises, coming, and promised to another.

    mass_g and volume_ml are of one whole unit.

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
    mass_g: float = 0.0
    volume_ml: float = 0.0

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
class Case:
    """An item in a warehouse as a proposal is made for it.

    fetched: what transfers bring that are proposed already, less what they take. cycle: how long an
    order of it lasts, None where the house's days hold.
    """

    kept: Kept
    level: Level
    known: Known
    terms: Terms
    cycle: Cycle | None = None
    fetched: int = 0

    @property
    def position(self) -> int:
        """What orders can be served with, without what is proposed."""
        return self.kept.free - self.kept.leaving + self.kept.coming

    @property
    def offers(self) -> Sequence[Offer]:
        """Who may bring it."""
        return in_time(self.kept, self.known, self.terms)

    @property
    def demand(self) -> float:
        """What is expected of it on a day."""
        return daily(self.known.forecasts[self.kept.at])

    def draft(self, kind: Kind, quantity: int, notes: tuple[str, ...], **source: int) -> Draft:
        """A proposal of so much with its reason; source: its supplier, or who gives it."""
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


def daily(forecast: SeriesForecast) -> float:
    """What is expected of an item on a day, in smallest units."""
    return float(forecast.mean.mean()) if forecast.mean.size else 0.0


def service_of(kept: Kept, terms: Terms) -> float:
    """The fill rate in percent that an item is held for."""
    return terms.service_percent if kept.service_percent is None else kept.service_percent


def in_time(kept: Kept, known: Known, terms: Terms) -> Sequence[Offer]:
    """The offers of an item that come in time for what it is held by; all where none does."""
    every = known.offers.get(kept.item_id, ())
    days = known.forecasts[kept.at].protection_days
    return [offer for offer in every if offer.days + terms.review_days <= days] or every


def protection_of(offers: Sequence[Offer], terms: Terms) -> int:
    """For how many days stock has to last that is ordered now: the cheapest supplier's, and ours.

    Where an item is bought nowhere, as long as the house supposes.
    """
    offer = relied_on(offers)
    return (terms.lead_days if offer is None else offer.days) + terms.review_days


def relied_on(offers: Sequence[Offer]) -> Offer | None:
    """The supplier that stock is held by: the cheapest of a single piece."""
    buy = cheapest(offers, 1, 0)
    return None if buy is None else buy.offer
