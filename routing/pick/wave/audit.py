"""Checks a choice against the problem as it was given; knows nothing of any solver."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import Contents, WaveProblem


def audit_choice(problem: WaveProblem, choice: WaveChoice) -> list[str]:
    """Every rule that the choice breaks, as sentences; none if it holds.

    Whether orders that must go could have gone is not checked: only that a reason is given.
    """
    faults = _index_faults("order", choice.orders, len(problem.orders))
    faults += _index_faults("aisle", choice.aisles, len(problem.aisles))
    if faults:
        return faults
    asked = _sum(problem.orders[order] for order in choice.orders)
    held = _sum(problem.aisles[aisle] for aisle in choice.aisles)
    for item, quantity in sorted(asked.items()):
        if quantity > held[item]:
            faults.append(f"{quantity} of item {item} are asked for, the aisles hold {held[item]}")
    units = asked.total()
    if units != choice.units:
        faults.append(f"the orders have {units} units, not {choice.units}")
    if not problem.units_min <= units <= problem.units_max:
        faults.append(f"{units} units are not from {problem.units_min} to {problem.units_max}")
    if units > choice.bound * len(choice.aisles) * (1 + 1e-9) + 1e-9:
        faults.append(f"{units} units in {len(choice.aisles)} aisles are above the bound")
    return faults + _left_out_faults(problem, choice)


def _index_faults(what: str, chosen: tuple[int, ...], count: int) -> list[str]:
    faults = [f"{what} {number} does not exist" for number in chosen if not 0 <= number < count]
    if any(after <= before for before, after in pairwise(chosen)):
        faults.append(f"the {what}s are not in rising order")
    return faults


def _left_out_faults(problem: WaveProblem, choice: WaveChoice) -> list[str]:
    named = Counter(order for order, _ in choice.left_out)
    expected = Counter(range(len(problem.orders)))
    expected.subtract(choice.orders)
    faults = [
        f"order {order} is chosen or left out {'twice' if named[order] else 'nowhere'}"
        for order in sorted(set(named) | set(expected))
        if named[order] != expected[order]
    ]
    faults += [
        f"order {order} is left out for no reason" for order, why in choice.left_out if not why
    ]
    return faults


def _sum(rows: Iterable[Contents]) -> Counter[int]:
    total: Counter[int] = Counter()
    for row in rows:
        for item, quantity in row:
            total[item] += quantity
    return total
