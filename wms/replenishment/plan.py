"""A run's answer: what every item is held by from now on, and what is proposed to get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from forecasting.distribution import Distribution
from forecasting.policy.service import LeadTime
from wms.replenishment.case import (
    At,
    Case,
    Draft,
    Kept,
    Known,
    Terms,
    daily,
    in_time,
    relied_on,
    service_of,
)
from wms.replenishment.cycle import Cycle, Member, cycles, demand_over
from wms.replenishment.joint import purchases
from wms.replenishment.level import levels
from wms.replenishment.proposal import Kind, Level, Offer, Standing, cheapest, share_out


@dataclass(frozen=True, slots=True)
class Plan:
    """What each item is held by, in the order given, and what is proposed."""

    levels: tuple[Level, ...]
    drafts: tuple[Draft, ...]


def plan(kept: Sequence[Kept], known: Known, terms: Terms) -> Plan:
    """What each item is held by, what is fetched from other warehouses, and what is bought."""
    lasting = _cycles(kept, known, terms)
    held = _levels(kept, known, terms, lasting)
    cases = {
        each.at: Case(each, level, known, terms, lasting.get(each.at))
        for each, level in zip(kept, held, strict=True)
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
        giver = fetch.item_id, fetch.from_warehouse_id
        note = f"{known.warehouses[giver[1]]} can spare it, {terms.transfer_days} days away"
        drafts.append(
            cases[at].draft(Kind.TRANSFER, fetch.quantity, (note,), from_warehouse_id=giver[1])
        )
        cases[at] = replace(cases[at], fetched=cases[at].fetched + fetch.quantity)
        cases[giver] = replace(cases[giver], fetched=cases[giver].fetched - fetch.quantity)
    missing = {(each.item_id, each.warehouse_id): wanted for each, wanted in rest}
    return Plan(tuple(held), (*drafts, *purchases(cases, missing)))


def _levels(
    kept: Sequence[Kept], known: Known, terms: Terms, lasting: Mapping[At, Cycle]
) -> list[Level]:
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
    usual = Cycle(terms.cover_days)
    lifted_by = [
        max(demand_over(one.mean, cycle.days), cycle.least)
        for each, one in zip(kept, found, strict=True)
        for cycle in (lasting.get(each.at, usual),)
    ]
    lead = [
        LeadTime(one.protection_days, 0.0 if offer is None else offer.spread_days)
        for each, one in zip(kept, found, strict=True)
        for offer in (relied_on(known.offers.get(each.item_id, ())),)
    ]
    return levels(demand, probability, lifted_by, lead)


def _cycles(kept: Sequence[Kept], known: Known, terms: Terms) -> dict[At, Cycle]:
    """How long orders last of what comes from suppliers who say what an order costs."""
    families: dict[tuple[int, int], list[tuple[Kept, Offer]]] = {}
    for each in kept:
        wanted = demand_over(known.forecasts[each.at].mean, terms.cover_days)
        buy = cheapest(in_time(each, known, terms), max(1, ceil(wanted)), each.scale)
        if buy is not None and buy.offer.terms.order_cost_minor is not None:
            family = families.setdefault((buy.offer.supplier_id, each.warehouse_id), [])
            family.append((each, buy.offer))
    found: dict[At, Cycle] = {}
    for family in families.values():
        cost = family[0][1].terms.order_cost_minor
        assert cost is not None, "only these are in a family"
        members = [
            Member(daily(known.forecasts[each.at]), each.scale, offer.prices)
            for each, offer in family
        ]
        lasting = cycles(cost, members, terms.holding_percent, terms.days_max)
        found |= {each.at: cycle for (each, _), cycle in zip(family, lasting, strict=True)}
    return found
