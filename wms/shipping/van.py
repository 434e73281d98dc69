"""Vans: the house's own, and those that stand for a carrier's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from math import ceil
from typing import Any

from routing.delivery.vehicle import Break, DrivingRule, Vehicle
from wms.shipping.drop import Drop
from wms.shipping.route_day import RouteDay

CARRIER_MASS_G_MAX = 1_000_000
CARRIER_VOLUME_ML_MAX = 8_000_000
CARRIER_SHIFT_S = 9 * 3600
# Vans are added until a fifth of their room would stay empty; the drivers are the carrier's.
FILL = 0.8
STOPS_A_VAN = 60
CARRIER_VAN = "VAN"
# More than any round takes: a limit that limits nothing.
OVERTIME_S = 24 * 3600
METRES_A_KM, SECONDS_AN_HOUR = 1_000, 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Van:
    """One of the house's own vans. Times of day are by the clocks of its warehouse.

    Costs are in minor units. speed_factor: its pace beside a car's. skills: what stops may ask
    for, such as a tail lift. driving_rule: whether its driver rests as Regulation (EC) 561/2006
    has it.
    """

    code: str
    mass_g_max: int
    volume_ml_max: int
    shift_from: time
    shift_to: time
    fixed_cost_minor: int = 0
    cost_per_km_minor: int = 0
    cost_per_hour_minor: int = 0
    speed_factor: float = 1.0
    skills: tuple[str, ...] = ()
    break_from: time | None = None
    break_to: time | None = None
    break_s: int | None = None
    driving_rule: bool = False
    in_service: bool = True


def van_from(row: Any) -> Van:
    """A van as its row tells it."""
    told = {name: row[name] for name in Van.__slots__}
    return Van(**(told | {"skills": tuple(row["skills"])}))


def own_vehicle(
    van: Van, start: str, home: str, day: RouteDay, ready_s: int, *, laden: bool = False
) -> Vehicle:
    """One of the own vans as a type of its own, so that stops can be locked to it.

    `ready_s` is when it can go, since midnight. One that is out with goods in it, `laden`, brings
    them and comes home, however late: nobody else could.
    """
    opens_s = max(day.second_of(van.shift_from), ready_s)
    closes_s = max(day.second_of(van.shift_to), opens_s)
    free = not (van.cost_per_km_minor or van.cost_per_hour_minor)
    return Vehicle(
        id=van.code,
        start=start,
        end=home,
        capacity=(van.mass_g_max, van.volume_ml_max),
        opens_s=opens_s,
        closes_s=closes_s + OVERTIME_S if laden else closes_s,
        fixed_cost=float(van.fixed_cost_minor),
        # Where nobody said what a way costs, the shortest is the best.
        distance_cost=1.0 if free else van.cost_per_km_minor / METRES_A_KM,
        duration_cost=van.cost_per_hour_minor / SECONDS_AN_HOUR,
        skills=frozenset(van.skills),
        speed_factor=van.speed_factor,
        breaks=_breaks(van, opens_s, day),
        driving=DrivingRule() if van.driving_rule else None,
    )


def _breaks(van: Van, opens_s: int, day: RouteDay) -> tuple[Break, ...]:
    if van.break_from is None or van.break_to is None or van.break_s is None:
        return ()
    closes_s = day.second_of(van.break_to)
    # Whoever starts after it needs none.
    if closes_s < opens_s:
        return ()
    return (Break(day.second_of(van.break_from), closes_s, van.break_s),)


def carrier_vehicle(drops: Sequence[Drop], depot: str, opens_s: int) -> Vehicle:
    """As many vans as a carrier would need for these drops, all alike."""
    needed = max(
        ceil(sum(drop.mass_g for drop in drops) / (FILL * CARRIER_MASS_G_MAX)),
        ceil(sum(drop.volume_ml for drop in drops) / (FILL * CARRIER_VOLUME_ML_MAX)),
        ceil(len(drops) / STOPS_A_VAN),
        1,
    )
    return Vehicle(
        id=CARRIER_VAN,
        start=depot,
        end=depot,
        capacity=(CARRIER_MASS_G_MAX, CARRIER_VOLUME_ML_MAX),
        count=needed,
        opens_s=opens_s,
        closes_s=opens_s + CARRIER_SHIFT_S,
    )
