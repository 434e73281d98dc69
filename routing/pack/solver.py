"""An order's lines put into cartons, large units first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from routing.pack.plan import CartonPlan, PlannedCarton
from routing.pack.problem import Carton, PackItem
from routing.pack.rule import holds, room_for, stands_in

FILL_MAX = 0.85


@dataclass(slots=True)
class _Parcel:
    carton: Carton
    fill_max: float
    contents: list[tuple[PackItem, int]] = field(default_factory=list)
    free_mm3: int = field(init=False)
    free_g: int = field(init=False)

    def __post_init__(self) -> None:
        self.free_mm3 = int(self.fill_max * self.carton.volume_mm3)
        self.free_g = self.carton.mass_g_max - self.carton.tare_g

    def room_for(self, item: PackItem) -> int:
        # Most parcels are full when their turn comes: this spares the longer look.
        if item.mass_g > self.free_g or item.volume_mm3 > self.free_mm3:
            return 0
        return room_for(item, self.carton, self.contents, self.fill_max)

    def put(self, item: PackItem, quantity: int) -> None:
        self.contents.append((item, quantity))
        self.free_mm3 -= item.volume_mm3 * quantity
        self.free_g -= item.mass_g * quantity


def plan_cartons(
    items: Sequence[PackItem], cartons: Sequence[Carton], fill_max: float = FILL_MAX
) -> CartonPlan:
    """Few parcels, each in the smallest carton that holds it; what fits none is named.

    First-fit decreasing on whole lines: a line is split over parcels as they have room. Equal
    arguments give equal plans, whatever the order of the items.

    Raises: ValueError when keys or codes repeat or fill_max is not in (0, 1].
    """
    _refuse_nonsense(items, cartons, fill_max)
    sizes = sorted(cartons, key=lambda carton: (carton.volume_mm3, carton.tare_g, carton.code))
    parcels: list[_Parcel] = []
    unpacked: list[tuple[str, int, str]] = []
    for item in sorted(items, key=lambda i: (-i.volume_mm3, -i.edges_mm[2], i.key)):
        if reason := _why_unpackable(item, sizes, fill_max):
            unpacked.append((item.key, item.quantity, reason))
            continue
        left = _top_up(item, parcels)
        parcels += _open_parcels(item, left, sizes, fill_max)
    return CartonPlan(tuple(_close(parcel, sizes) for parcel in parcels), tuple(unpacked))


def _refuse_nonsense(items: Sequence[PackItem], cartons: Sequence[Carton], fill_max: float) -> None:
    if not 0 < fill_max <= 1:
        raise ValueError(f"fill_max must be above 0 and at most 1, not {fill_max}")
    _refuse_repeats("item", (item.key for item in items))
    _refuse_repeats("carton", (carton.code for carton in cartons))


def _refuse_repeats(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} {name} is listed twice")
        seen.add(name)


def _why_unpackable(item: PackItem, cartons: Sequence[Carton], fill_max: float) -> str:
    if not cartons:
        return "there is no carton"
    if any(room_for(item, carton, (), fill_max) for carton in cartons):
        return ""
    if not any(stands_in(item, carton) for carton in cartons):
        size = " x ".join(str(edge) for edge in item.edges_mm)
        return f"too large for every carton: {size} mm"
    if not any(item.mass_g + carton.tare_g <= carton.mass_g_max for carton in cartons):
        return f"too heavy for every carton: {item.mass_g} g"
    return "no carton takes both its size and its mass"


def _top_up(item: PackItem, parcels: Sequence[_Parcel]) -> int:
    """Fills what room there is in open parcels; the quantity left over."""
    left = item.quantity
    for parcel in parcels:
        if not left:
            break
        if taken := min(left, parcel.room_for(item)):
            parcel.put(item, taken)
            left -= taken
    return left


def _open_parcels(
    item: PackItem, quantity: int, cartons: Sequence[Carton], fill_max: float
) -> list[_Parcel]:
    """New parcels, in the carton that takes most of the item."""
    most = max(room_for(item, carton, (), fill_max) for carton in cartons)
    # Of equals the largest, which leaves room for other items; it is exchanged when closed.
    carton = [each for each in cartons if room_for(item, each, (), fill_max) == most][-1]
    full, rest = divmod(quantity, most)
    parcels = []
    for units in [most] * full + [rest] * (rest > 0):
        parcel = _Parcel(carton, fill_max)
        parcel.put(item, units)
        parcels.append(parcel)
    return parcels


def _close(parcel: _Parcel, cartons: Sequence[Carton]) -> PlannedCarton:
    smallest = next(each for each in cartons if holds(each, parcel.contents, parcel.fill_max))
    return PlannedCarton(
        smallest.code,
        tuple(sorted((item.key, quantity) for item, quantity in parcel.contents)),
        smallest.tare_g + sum(item.mass_g * n for item, n in parcel.contents),
        ceil(sum(item.volume_mm3 * n for item, n in parcel.contents) / 1000),
    )
