"""Re-slotting: last month's walks and today's bins as a problem, and what the plan means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from routing.pick.floor.layout import Layout, Stop
from routing.slot.problem import Holding, Slot, SlotProblem, Walk, way_mm
from wms.state import follow

LOOKBACK = timedelta(days=30)
# A larger house is judged by its busiest and its nearest bins, and by its last walks.
WALKS_MAX = 2_000
BUSY_MAX = 350
NEAR_MAX = 150
FREE_MAX = 250
NO_PICKS = "No cart was walked in the last 30 days: there are no picks to judge by."
NO_GAIN = "So few moves would not make the walks of the last 30 days any shorter."


class State(StrEnum):
    REQUESTED = "requested"
    PROPOSED = "proposed"
    NOTHING = "nothing"
    ACCEPTED = "accepted"
    DONE = "done"


class Event(StrEnum):
    PROPOSE = "propose"
    FIND_NOTHING = "find_nothing"
    ACCEPT = "accept"
    FINISH = "finish"


MOVES: dict[tuple[State, Event], State] = {
    (State.REQUESTED, Event.PROPOSE): State.PROPOSED,
    (State.REQUESTED, Event.FIND_NOTHING): State.NOTHING,
    (State.PROPOSED, Event.ACCEPT): State.ACCEPTED,
    (State.ACCEPTED, Event.FINISH): State.DONE,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A proposal")


@dataclass(frozen=True, slots=True)
class Lying:
    """Goods in a forward bin, as the problem and the moves need them."""

    holding: Holding
    item_id: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A cart's stop for an item, at the place where that lay then."""

    batch_id: int
    item_id: int
    place_id: int
    stop: Stop


def slot_problem(
    layout: Layout,
    slots: Sequence[Slot],
    goods: Sequence[Lying],
    visits: Sequence[Visit],
    moves_max: int,
) -> SlotProblem:
    """The bins that matter, what lies in them, and the walks as they would be made today.

    A stop is where the item lies now: in the same place if any is left there, else in the nearest.
    What lies nowhere any more is still fetched from where it was, before and after.
    """
    places = {slot.id: slot for slot in slots}
    here = {(one.item_id, one.holding.slot_id): one.holding.id for one in reversed(goods)}
    nearest: dict[int, int] = {}
    for one in sorted(
        goods, key=lambda each: (way_mm(layout, places[each.holding.slot_id].stop), each.holding.id)
    ):
        nearest.setdefault(one.item_id, one.holding.id)
    found = [
        (visit, here.get((visit.item_id, visit.place_id), nearest.get(visit.item_id)))
        for visit in visits
    ]
    kept = _slots_that_matter(layout, slots, goods, [id for _, id in found if id is not None])
    holdings = [one.holding for one in goods if one.holding.slot_id in kept]
    known = {holding.id for holding in holdings}
    stop_of = {one.holding.id: places[one.holding.slot_id].stop for one in goods}
    walks: dict[int, tuple[dict[int, None], dict[Stop, None]]] = {}
    for visit, holding_id in found:
        ids, stops = walks.setdefault(visit.batch_id, ({}, {}))
        if holding_id in known:
            assert holding_id is not None
            ids[holding_id] = None
        else:
            stops[visit.stop if holding_id is None else stop_of[holding_id]] = None
    return SlotProblem(
        layout,
        tuple(slot for slot in slots if slot.id in kept),
        tuple(holdings),
        tuple(Walk(tuple(ids), tuple(stops)) for ids, stops in walks.values()),
        moves_max,
    )


def _slots_that_matter(
    layout: Layout, slots: Sequence[Slot], goods: Sequence[Lying], visited: Iterable[int]
) -> set[int]:
    """The busiest bins, the nearest, and the nearest that are free; each with all it holds."""
    slot_of = {one.holding.id: one.holding.slot_id for one in goods}
    picks = {slot.id: 0 for slot in slots}
    for holding_id in visited:
        picks[slot_of[holding_id]] += 1
    near = sorted(slots, key=lambda slot: (way_mm(layout, slot.stop), slot.id))
    full = set(slot_of.values())
    busy = sorted(full, key=lambda id: (-picks[id], id))
    return {
        *busy[:BUSY_MAX],
        *[slot.id for slot in near if slot.id in full][:NEAR_MAX],
        *[slot.id for slot in near if slot.id not in full][:FREE_MAX],
    }


def metres_a_day(distance_mm: int, days: int) -> float:
    """A sum of walks as metres on one of the days on which any was walked."""
    return round(distance_mm / 1_000 / days, 1) if days else 0.0
