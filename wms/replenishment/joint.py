"""One order for all that a supplier brings to a warehouse: its least worth, and its last truck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from forecasting.policy.joint import Line, fill_truck, reach_worth
from wms.items.unit import format_quantity
from wms.replenishment.case import At, Case, Draft
from wms.replenishment.proposal import Buy, Kind, Offer, cheapest
from wms.replenishment.purchase import amount_of, price_for
from wms.replenishment.reason import money

NO_SUPPLIER = "nobody sells it to us: enter a supplier"
# A truck that is less full than this is worth a word.
NEARLY_FULL = 0.9


@dataclass(frozen=True, slots=True)
class Part:
    """An item that may be in the order; quantities in smallest units.

    wanted: what has to be in it, as it is sold, or 0. demand: units a day. above: what there is
    and comes beyond the reorder point, below 0 where it is less. mass_g, volume_ml: of one whole
    unit.
    """

    offer: Offer
    wanted: int
    demand: float
    above: int
    scale: int = 0
    mass_g: float = 0.0
    volume_ml: float = 0.0

    @property
    def load(self) -> tuple[float, ...]:
        """What one smallest unit takes of a truck, in the measures that the supplier tells."""
        terms, one = self.offer.terms, 10**self.scale
        both = ((self.mass_g, terms.truck_mass_g), (self.volume_ml, terms.truck_volume_ml))
        return tuple(figure / one for figure, size in both if size is not None)

    def amount(self, quantity: int) -> int:
        """What so much of it comes to."""
        if quantity == 0:
            return 0
        return amount_of(quantity, self.scale, price_for(quantity, self.offer.prices))


@dataclass(frozen=True, slots=True)
class Ordered:
    """How much of a part is ordered, and what is to be said of it beyond its need."""

    quantity: int
    notes: tuple[str, ...] = ()


def ordered(parts: Sequence[Part], days_max: int) -> list[Ordered]:
    """What one supplier is to bring to one warehouse, where at least one part is wanted.

    What is missing to the least worth of an order, and what its last truck has room for, goes to
    what comes to its reorder point first, none beyond `days_max` days above it.
    """
    assert any(part.wanted for part in parts), "nothing is ordered that nobody wants"
    offer = parts[0].offer
    least, truck = offer.terms.minimum_order_minor, offer.terms.truck
    wanted = quantities = tuple(part.wanted for part in parts)
    notes: list[list[str]] = [[] for _ in parts]
    asked = "" if least is None else f"the least of {money(least, offer.currency)}"
    if least is not None:
        lines = _lines(parts, quantities)
        reached = reach_worth(lines, lambda k, some: parts[k].amount(some), least, days_max)
        for k, more in _more(parts, quantities, reached or quantities):
            notes[k].append(f"brings the order to {asked} with {more}")
        quantities = reached or quantities
    if truck:
        filled = fill_truck(_lines(parts, quantities), truck, days_max)
        full = _full(parts, filled, truck) >= NEARLY_FULL
        for k, more in _more(parts, quantities, filled):
            notes[k].append(
                f"{'fills the truck with' if full else 'uses room in the truck for'} {more}"
            )
        quantities = filled
    beside = _unreached(parts, quantities, asked, days_max)
    return [
        Ordered(quantity, (*said, *(beside if need else ())))
        for need, quantity, said in zip(wanted, quantities, notes, strict=True)
    ]


def _unreached(
    parts: Sequence[Part], quantities: Sequence[int], asked: str, days_max: int
) -> list[str]:
    """What the order is short of with all that may be in it, in words."""
    offer, found = parts[0].offer, []
    whole = sum(part.amount(each) for part, each in zip(parts, quantities, strict=True))
    if whole < (offer.terms.minimum_order_minor or 0):
        comes = f"the order comes to {money(whole, offer.currency)}, below {asked}"
        found.append(f"{comes}: more would last beyond {days_max} days")
    full = _full(parts, quantities, offer.terms.truck) if offer.terms.truck else 1.0
    if full < NEARLY_FULL:
        left = f"nothing more fits, or it would last beyond {days_max} days"
        found.append(f"the last truck is {round(full * 100)} % full: {left}")
    return found


def _full(parts: Sequence[Part], quantities: Sequence[int], truck: Sequence[float]) -> float:
    """How full the last truck is, in the measure that it is fuller in."""
    loads = [part.load for part in parts]
    filled = [
        sum(load[at] * each for load, each in zip(loads, quantities, strict=True)) / size
        for at, size in enumerate(truck)
    ]
    return max(filled) - ceil(max(filled) - 1e-9) + 1


def _lines(parts: Sequence[Part], quantities: Sequence[int]) -> list[Line]:
    return [
        Line(
            quantity,
            part.demand,
            part.offer.minimum,
            part.offer.multiple,
            part.load,
            part.above,
        )
        for part, quantity in zip(parts, quantities, strict=True)
    ]


def _more(
    parts: Sequence[Part], before: Sequence[int], after: Sequence[int]
) -> list[tuple[int, str]]:
    """The parts that grew, each with how much more of it there is, in words."""
    return [
        (k, f"{format_quantity(now - was, part.scale)} more" if was else
            f"{format_quantity(now, part.scale)}, before it is due")
        for k, (part, was, now) in enumerate(zip(parts, before, after, strict=True))
        if now > was
    ]  # fmt: skip


def purchases(cases: Mapping[At, Case], missing: Mapping[At, int]) -> list[Draft]:
    """What is bought: each supplier's order to a warehouse as a whole, in the order of needs."""
    found: dict[At, Draft] = {}
    orders: dict[tuple[int, int], dict[At, Buy]] = {}
    for at, quantity in missing.items():
        case = cases[at]
        buy = cheapest(case.offers, quantity, case.kept.scale)
        if buy is None:
            found[at] = case.draft(Kind.PURCHASE, quantity, (NO_SUPPLIER,))
        else:
            orders.setdefault((buy.offer.supplier_id, at[1]), {})[at] = buy
    joining = _joining(cases, missing, orders)
    for order, needs in orders.items():
        offers = {at: buy.offer for at, buy in needs.items()} | joining.get(order, {})
        parts = [_part(cases[at], needs.get(at), offer) for at, offer in offers.items()]
        days_max = cases[next(iter(offers))].terms.days_max
        for (at, offer), one in zip(offers.items(), ordered(parts, days_max), strict=True):
            if one.quantity:
                notes = (*_notes(cases[at], needs.get(at), offer, missing.get(at, 0)), *one.notes)
                found[at] = cases[at].draft(
                    Kind.PURCHASE, one.quantity, notes, supplier_id=offer.supplier_id
                )
    return [found[at] for at in (*missing, *(at for at in found if at not in missing))]


def _joining(
    cases: Mapping[At, Case],
    missing: Mapping[At, int],
    orders: Mapping[tuple[int, int], Mapping[At, Buy]],
) -> dict[tuple[int, int], dict[At, Offer]]:
    """What is not missing yet, by the order that it may join."""
    open_to = {
        order for order, needs in orders.items()
        if any(buy.offer.terms.joint for buy in needs.values())
    }  # fmt: skip
    found: dict[tuple[int, int], dict[At, Offer]] = {}
    for at, case in cases.items() if open_to else ():
        if at in missing or case.demand <= 0 or case.level.order_up_to == 0:
            continue
        lasting = case.level.order_up_to - case.level.reorder_point
        buy = cheapest(case.offers, max(1, lasting), case.kept.scale)
        if buy is not None and (buy.offer.supplier_id, at[1]) in open_to:
            found.setdefault((buy.offer.supplier_id, at[1]), {})[at] = buy.offer
    return found


def _part(case: Case, buy: Buy | None, offer: Offer) -> Part:
    return Part(
        offer,
        0 if buy is None else buy.quantity,
        case.demand,
        case.position + case.fetched - case.level.reorder_point,
        case.kept.scale,
        case.kept.mass_g,
        case.kept.volume_ml,
    )


def _notes(case: Case, buy: Buy | None, offer: Offer, missing: int) -> list[str]:
    notes = [f"{offer.supplier} brings it in {offer.days} days"]
    if offer.spread_days >= 0.5:
        notes[0] += f", give or take {offer.spread_days:.0f}"
    if case.cycle is not None and offer.terms.order_cost_minor is not None:
        cost = money(offer.terms.order_cost_minor, offer.currency)
        reached = f" and its price from {format_quantity(case.cycle.least, case.kept.scale)} on"
        why = f"an order's cost of {cost}{reached if case.cycle.least else ''}"
        notes.append(f"for {case.cycle.days:.0f} days, by {why}")
    if buy is not None and buy.breaks_price:
        notes.append("more of it costs no more at the next price")
    elif buy is not None and buy.quantity > missing:
        notes.append("the least that is sold at once")
    return notes
