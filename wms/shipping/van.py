"""A departure's vans: its parcels as a delivery problem, and the routes as they are kept."""

from math import ceil, cos, radians

import asyncpg

from routing.van.plan import DeliveryPlan
from routing.van.problem import DeliveryProblem, DeliveryStop, Van

METRES_PER_DEGREE = 111_320
VAN_MASS_G_MAX = 1_000_000
VAN_VOLUME_ML_MAX = 8_000_000
VAN_SHIFT_S = 9 * 3600
SERVICE_S = 180
SPEED_M_S = 12.5
# Vans are added until a fifth of their room would stay empty; the drivers are the carrier's.
FILL = 0.8
STOPS_A_VAN = 60


def delivery_problem(rows: list[asyncpg.Record]) -> DeliveryProblem:
    """One stop for each order of the departure, on a plane in metres around the warehouse.

    Straight lines on a local plane: good to a percent within some 200 km of the warehouse.
    """
    latitude, longitude = rows[0]["latitude"], rows[0]["longitude"]
    east = METRES_PER_DEGREE * cos(radians(latitude))
    parcels_of = _by_order(rows)
    stops = tuple(
        DeliveryStop(
            str(order_id),
            round((float(parcels[0]["ship_to"]["longitude"]) - longitude) * east),
            round((float(parcels[0]["ship_to"]["latitude"]) - latitude) * METRES_PER_DEGREE),
            sum(parcel["mass_g"] for parcel in parcels),
            sum(parcel["volume_ml"] or 0 for parcel in parcels),
            SERVICE_S,
        )
        for order_id, parcels in parcels_of.items()
        if _located(parcels[0])
    )
    needed = max(
        ceil(sum(stop.mass_g for stop in stops) / (FILL * VAN_MASS_G_MAX)),
        ceil(sum(stop.volume_ml for stop in stops) / (FILL * VAN_VOLUME_ML_MAX)),
        ceil(len(stops) / STOPS_A_VAN),
        1,
    )
    vans = tuple(
        Van(f"VAN-{number}", VAN_MASS_G_MAX, VAN_VOLUME_ML_MAX, VAN_SHIFT_S)
        for number in range(1, needed + 1)
    )
    return DeliveryProblem(0, 0, stops, vans, SPEED_M_S)


def route_plan(rows: list[asyncpg.Record], plan: DeliveryPlan) -> dict[str, object]:
    """The routes with their stops' places on earth, and every stop that no van serves with why."""
    parcels_of = _by_order(rows)
    unserved = [{"id": stop_id, "reason": reason} for stop_id, reason in plan.unserved]
    unserved += [
        {"id": str(order_id), "reason": "the address has no coordinates"}
        for order_id, parcels in parcels_of.items()
        if not _located(parcels[0])
    ]
    return {
        "depot": {"latitude": rows[0]["latitude"], "longitude": rows[0]["longitude"]},
        "routes": [
            {
                "van": route.van_id,
                "distance_m": route.distance_m,
                "duration_s": route.duration_s,
                "stops": [_stop(parcels_of[int(stop_id)]) for stop_id in route.stop_ids],
            }
            for route in plan.routes
        ],
        "unserved": unserved,
        "distance_m": plan.distance_m,
        "baseline_m": plan.baseline_m,
        "engine": plan.engine,
    }


def _stop(parcels: list[asyncpg.Record]) -> dict[str, object]:
    address = parcels[0]["ship_to"]
    return {
        "order_id": parcels[0]["order_id"],
        "tracking_number": parcels[0]["tracking_number"],
        "parcels": len(parcels),
        "city": address.get("city"),
        "latitude": address["latitude"],
        "longitude": address["longitude"],
    }


def _located(parcel: asyncpg.Record) -> bool:
    address = parcel["ship_to"]
    return address.get("latitude") is not None and address.get("longitude") is not None


def _by_order(rows: list[asyncpg.Record]) -> dict[int, list[asyncpg.Record]]:
    parcels_of: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        parcels_of.setdefault(row["order_id"], []).append(row)
    return parcels_of
