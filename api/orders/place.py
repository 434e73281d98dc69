"""An order of a shop, however it came in, placed by the house's settings."""

from datetime import timedelta

from api.buyer.rule import link_rule
from api.orders.rule import suspicion_rule
from api.wiring import House
from wms.journey.order.intake import place_order
from wms.journey.request import Request
from wms.orders.order import NewOrder
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


async def place(house: House, shop: Shop, key: str, order: NewOrder) -> Answer:
    """What became of an order, once for each key.

    Raises: as `place_order` does.
    """
    return await place_order(
        house.pool,
        Request(shop, key, "order", order.body_hash),
        order,
        timedelta(seconds=house.settings.promise_ttl_s),
        house.now(),
        links=link_rule(house.settings),
        suspicion=suspicion_rule(house.settings),
    )
