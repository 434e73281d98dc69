"""Vans as a problem knows them."""

from dataclasses import replace
from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st

from wms.shipping.drop import Drop
from wms.shipping.route_day import RouteDay
from wms.shipping.van import (
    CARRIER_MASS_G_MAX,
    CARRIER_VOLUME_ML_MAX,
    FILL,
    STOPS_A_VAN,
    Van,
    carrier_vehicle,
    own_vehicle,
)

DAY = RouteDay(date(2026, 3, 2), "UTC")
VAN = Van(code="V", mass_g_max=10, volume_ml_max=20, shift_from=time(8), shift_to=time(16))


def a_drop(order_id: int, mass_g: int = 1, volume_ml: int = 1) -> Drop:
    return Drop(
        order_id=order_id,
        tenant_id=1,
        parcel_ids=(order_id,),
        tracking_numbers=(f"SL{order_id}",),
        mass_g=mass_g,
        volume_ml=volume_ml,
        loaded=0,
        name="",
        city="",
        point=(52.0, -1.0),
    )


@given(st.integers(0, 86_400))
def test_a_van_goes_within_its_shift_and_not_before_it_is_ready(ready_s: int) -> None:
    vehicle = own_vehicle(VAN, "dock", "home", DAY, ready_s)
    assert vehicle.opens_s == max(8 * 3600, ready_s)
    assert vehicle.opens_s <= vehicle.closes_s
    assert vehicle.closes_s == 16 * 3600 or vehicle.closes_s == ready_s
    laden = own_vehicle(VAN, "dock", "home", DAY, ready_s, laden=True)
    assert laden.closes_s >= ready_s + 24 * 3600


def test_kilometres_and_hours_cost_what_they_cost() -> None:
    priced = replace(VAN, cost_per_km_minor=30, cost_per_hour_minor=1_800, fixed_cost_minor=500)
    vehicle = own_vehicle(priced, "dock", "home", DAY, 0)
    assert (vehicle.distance_cost, vehicle.duration_cost, vehicle.fixed_cost) == (0.03, 0.5, 500)
    # Where nothing has a price, the shortest is the best.
    assert own_vehicle(VAN, "dock", "home", DAY, 0).distance_cost == 1


def test_whoever_starts_after_the_time_for_a_break_has_none() -> None:
    rested = replace(VAN, break_from=time(11), break_to=time(13), break_s=1_800)
    [rest] = own_vehicle(rested, "dock", "home", DAY, 0).breaks
    assert (rest.opens_s, rest.closes_s, rest.length_s) == (11 * 3600, 13 * 3600, 1_800)
    assert own_vehicle(rested, "dock", "home", DAY, 13 * 3600).breaks != ()
    assert own_vehicle(rested, "dock", "home", DAY, 13 * 3600 + 1).breaks == ()


@given(
    st.lists(
        st.tuples(st.integers(1, 300_000), st.integers(1, 3_000_000)), min_size=1, max_size=150
    )
)
def test_a_carrier_has_vans_enough_and_a_fifth_to_spare(loads: list[tuple[int, int]]) -> None:
    drops = [a_drop(n, *load) for n, load in enumerate(loads, 1)]
    vehicle = carrier_vehicle(drops, "home", 100)
    assert vehicle.count * FILL * CARRIER_MASS_G_MAX >= sum(mass for mass, _ in loads)
    assert vehicle.count * FILL * CARRIER_VOLUME_ML_MAX >= sum(room for _, room in loads)
    assert vehicle.count * STOPS_A_VAN >= len(loads)
