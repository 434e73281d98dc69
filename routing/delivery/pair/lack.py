"""What this engine cannot carry."""

from routing.delivery.pair.flat import GOODS_MAX, goods_classes
from routing.delivery.problem import DeliveryProblem


def lacks(problem: DeliveryProblem) -> str:
    """Empty if the engine carries every constraint of the problem, else the first it does not."""
    reasons = (
        (any(vehicle.breaks for vehicle in problem.vehicles), "breaks"),
        (any(vehicle.driving for vehicle in problem.vehicles), "the driving rule"),
        (any(vehicle.trips_max > 1 for vehicle in problem.vehicles), "several trips a vehicle"),
        (problem.balance_price > 0, "balance between drivers"),
        (problem.travel.varies, "travel times by time of day"),
        (any(len(stop.windows) > 1 for stop in problem.stops), "several windows at one stop"),
        (any(stop.soft for stop in problem.stops), "soft windows"),
        (len(goods_classes(problem)) > GOODS_MAX, f"more than {GOODS_MAX} classes of goods apart"),
        (_delivers_first(problem), "a begun route that delivers what it has not picked up"),
    )
    return next((f"the pair engine does not carry {what}" for is_so, what in reasons if is_so), "")


def _delivers_first(problem: DeliveryProblem) -> bool:
    pickup_of = {pair.delivery: pair.pickup for pair in problem.pairs}
    return any(
        stop in pickup_of and pickup_of[stop] not in begun.stops[:at]
        for begun in problem.begun
        for at, stop in enumerate(begun.stops)
    )
