"""What a shop system sent is read and carried out: by who took it, by a job, or again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from api.buyer.rule import link_rule
from api.connectors import shopify, woocommerce
from api.orders.rule import suspicion_rule
from api.wiring import House
from wms.journey.shop.connector import Connector
from wms.journey.shop.foreign import Outcome, carry_out
from wms.journey.shop.foreign_desk import Rules
from wms.orders.connector import Heard, Kind


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a shop system speaks: its headers, its topics, and what its messages say."""

    signature: str
    topic: str
    delivery: str
    topics: tuple[str, ...]
    their_id: Callable[[str, Any], str]
    mail: Callable[[Any], str | None]
    hear: Callable[[str, Any, dict[str, Any]], Heard]


DIALECTS = {
    Kind.SHOPIFY: Dialect(
        shopify.SIGNATURE,
        shopify.TOPIC,
        shopify.DELIVERY,
        shopify.TOPICS,
        shopify.their_id,
        shopify.mail,
        shopify.hear,
    ),
    Kind.WOOCOMMERCE: Dialect(
        woocommerce.SIGNATURE,
        woocommerce.TOPIC,
        woocommerce.DELIVERY,
        woocommerce.TOPICS,
        woocommerce.their_id,
        woocommerce.mail,
        woocommerce.hear,
    ),
}


async def carry_out_message(
    house: House, delivery_id: int, *, refused_too: bool = True
) -> Outcome | None:
    """Carries a kept message out, a refused one again or not; None where nothing is left to do.

    Raises:
        Conflict: `in_flight`.
    """
    rules = Rules(
        timedelta(seconds=house.settings.promise_ttl_s),
        link_rule(house.settings),
        suspicion_rule(house.settings),
    )
    return await carry_out(
        house.pool, delivery_id, _translate, rules, house.now(), refused_too=refused_too
    )


def _translate(connector: Connector, topic: str, body: str) -> Heard:
    return DIALECTS[connector.kind].hear(topic, json.loads(body), connector.wishes)
