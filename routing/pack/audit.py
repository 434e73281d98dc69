"""Checks of a carton plan that know no solver: everything is counted and weighed again."""

from collections import Counter
from collections.abc import Sequence

from routing.pack.plan import CartonPlan, PlannedCarton
from routing.pack.problem import Carton, PackItem


def audit_cartons(
    items: Sequence[PackItem], cartons: Sequence[Carton], plan: CartonPlan, fill_max: float
) -> list[str]:
    """What is wrong with a plan, in plain sentences; nothing when it holds.

    A parcel of one item alone may be fuller than fill_max: equal units leave no gaps.
    """
    by_key = {item.key: item for item in items}
    by_code = {carton.code: carton for carton in cartons}
    faults = _audit_counts(items, plan)
    for number, parcel in enumerate(plan.parcels):
        if parcel.carton_code not in by_code:
            faults.append(f"parcel {number}: there is no carton {parcel.carton_code}")
        elif all(key in by_key for key, _ in parcel.contents):
            contents = [(by_key[key], n) for key, n in parcel.contents]
            carton = by_code[parcel.carton_code]
            found = _audit_parcel(parcel, carton, contents, fill_max)
            faults += [f"parcel {number}: {fault}" for fault in found]
    return faults


def _audit_counts(items: Sequence[PackItem], plan: CartonPlan) -> list[str]:
    told: Counter[str] = Counter()
    faults = []
    for key, quantity in [pair for parcel in plan.parcels for pair in parcel.contents]:
        told[key] += quantity
        if quantity < 1:
            faults.append(f"{quantity} of item {key} are packed")
    for key, quantity, reason in plan.unpacked:
        told[key] += quantity
        if not reason:
            faults.append(f"item {key} is unpacked without a reason")
    ordered = {item.key: item.quantity for item in items}
    for key in sorted(ordered.keys() | told.keys()):
        if told[key] != ordered.get(key, 0):
            faults.append(f"item {key}: {told[key]} told, {ordered.get(key, 0)} ordered")
    return faults


def _audit_parcel(
    parcel: PlannedCarton,
    carton: Carton,
    contents: Sequence[tuple[PackItem, int]],
    fill_max: float,
) -> list[str]:
    faults = []
    inner = sorted((carton.inner_width_mm, carton.inner_depth_mm, carton.inner_height_mm))
    for item, _ in contents:
        unit = sorted((item.width_mm, item.depth_mm, item.height_mm))
        if any(edge > room for edge, room in zip(unit, inner, strict=True)):
            faults.append(f"item {item.key} is larger than carton {carton.code}")
    mass_g = carton.tare_g + sum(item.mass_g * n for item, n in contents)
    if mass_g > carton.mass_g_max:
        faults.append(f"{mass_g} g is more than {carton.mass_g_max} g")
    if mass_g != parcel.mass_g:
        faults.append(f"it weighs {mass_g} g, the plan says {parcel.mass_g} g")
    filled = sum(item.width_mm * item.depth_mm * item.height_mm * n for item, n in contents)
    if -(-filled // 1000) != parcel.volume_ml:
        faults.append(f"it holds {filled} mm3, the plan says {parcel.volume_ml} ml")
    share = 1.0 if len(contents) == 1 else fill_max
    if filled > share * inner[0] * inner[1] * inner[2]:
        faults.append(f"{filled} mm3 is too much for carton {carton.code}")
    if not contents:
        faults.append("nothing in it")
    return faults
