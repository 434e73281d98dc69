"""What loads ask of a cart, and which of them no cart can serve."""

from collections.abc import Sequence

from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.batch.reach import reach_of
from routing.pick.floor.layout import Stop

# What a cart may hold where nobody has said how much; far above what any sum of loads asks for.
BOUNDLESS = 1 << 60

Reasons = tuple[tuple[str, str], ...]


def capacity_of(cart: Cart) -> tuple[int, int, int]:
    """What one cart holds: room (totes, or ml when loads lie mixed), g and units."""
    room = cart.slots * cart.tote_volume_ml if cart.mixed else cart.slots
    return room, cart.mass_g_max, BOUNDLESS if cart.units_max is None else cart.units_max


def demand_of(cart: Cart, load: Load) -> tuple[int, int, int]:
    """What a load takes of a cart's capacity, in the same three measures."""
    totes = max(1, -(-load.volume_ml // cart.tote_volume_ml))
    return load.volume_ml if cart.mixed else totes, load.mass_g, load.units


def handling_s(problem: BatchProblem, load: Load) -> float:
    """Seconds of reaching up and taking for a load; halts may be shared and are not in it."""
    pace = problem.pace
    return sum(stop.level * pace.reach_s + stop.units * pace.pick_s for stop in load.stops)


def is_timely(problem: BatchProblem, loads: Sequence[Load]) -> bool:
    """Whether one cart's loads can be handled between the last release and the first due time."""
    due_s = min((load.due_s for load in loads if load.due_s is not None), default=None)
    if due_s is None:
        return True
    begin_s = max(load.release_s for load in loads)
    work_s = problem.pace.setup_s + sum(handling_s(problem, load) for load in loads)
    return begin_s + work_s <= due_s


def fits_together(problem: BatchProblem, loads: Sequence[Load]) -> bool:
    """Whether one cart holds these loads, and in time."""
    asked = zip(*(demand_of(problem.cart, load) for load in loads), strict=True)
    limits = capacity_of(problem.cart)
    return all(
        sum(sizes) <= limit for sizes, limit in zip(asked, limits, strict=True)
    ) and is_timely(problem, loads)


def split_portable(problem: BatchProblem) -> tuple[tuple[Load, ...], Reasons]:
    """The loads that a cart can carry and a picker can reach, and the others with the reason."""
    why_not = reach_of(problem.floor)
    portable: list[Load] = []
    left_out: list[tuple[str, str]] = []
    for load in problem.loads:
        reason = _why_too_large(problem.cart, load)
        reason = reason or next(filter(None, map(why_not, load.stops)), "")
        reason = reason or _why_too_late(problem, load)
        if reason:
            left_out.append((load.id, reason))
        else:
            portable.append(load)
    return tuple(portable), tuple(left_out)


def _why_too_large(cart: Cart, load: Load) -> str:
    room, mass_g, units = demand_of(cart, load)
    room_max, mass_g_max, units_max = capacity_of(cart)
    if mass_g > mass_g_max:
        return f"{mass_g} g is more than a cart's mass_g_max of {mass_g_max} g"
    if room > room_max and cart.mixed:
        return f"{room} ml is more than the {room_max} ml of all totes of a cart"
    if room > room_max:
        return f"{load.volume_ml} ml is more than {room_max} totes of {cart.tote_volume_ml} ml hold"
    if units > units_max:
        return f"{units} units are more than a cart's units_max of {units_max}"
    return ""


def _why_too_late(problem: BatchProblem, load: Load) -> str:
    """A due time that cannot be met even by a picker who starts with this load alone."""
    if load.due_s is None:
        return ""
    pace = problem.pace
    halts = {
        (stop.aisle, stop.position_mm) if isinstance(stop, Stop) else (stop.node,)
        for stop in load.stops
    }
    least_s = pace.setup_s + pace.stop_s * len(halts) + handling_s(problem, load)
    if load.release_s + least_s > load.due_s:
        return (
            f"due at {load.due_s} s, but released at {load.release_s} s and at least "
            f"{least_s:g} s of work without the walk"
        )
    return ""
