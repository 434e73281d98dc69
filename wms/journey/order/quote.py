"""Quotes: dated promises to a buyer, with all that they are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.journey.order.offering import Offering, sent_lines
from wms.journey.order.way import Goods, positions_of
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.orders.commands import Facts
from wms.orders.line import Line, read_lines
from wms.orders.order import Fulfilment, NewLine, NewOrder
from wms.outbox.command import Answer
from wms.quote import commands as quotes
from wms.quote import queries as quote_rows
from wms.quote.quote import Destination, Offer, hash_of_lines, said_at
from wms.quote.zone import zone_there
from wms.tenants.shop import Shop

# A quote is kept for so long after its end, for whoever asks what a buyer was told.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a quote is asked for; without options, for all that go there.

    `fulfilment` is what the shop would wish where not all is there.
    """

    lines: tuple[NewLine, ...]
    country: str
    postal_code: str = ""
    region: str = ""
    time_zone: str | None = None
    options: frozenset[str] = field(default_factory=frozenset)
    fulfilment: Fulfilment = Fulfilment.SHIP_TOGETHER


async def make_quote(
    pool: asyncpg.Pool, request: Request, asked: Asked, lasts: timedelta, now: datetime
) -> Answer:
    """The options that go to a place with their dates for these lines; once for each key.

    Raises:
        Conflict: `in_flight`.
        NotFound: `unknown_warehouse`.
        Refused: `unknown_item`, `wrong_unit`, `bad_quantity`, `empty_bundle`, `bad_time_zone`,
            `idempotency_key_reused`.
    """
    # How long parcels took is known over all tenants, so the house looks for the shop.
    async with staff_transaction(pool) as connection:

        async def quote() -> Answer:
            try:
                body = await _quote(connection, request.shop, asked, lasts, now)
            except Refused as refusal:
                return Answer.refused(refusal)
            return Answer(201, body)

        answer = await once(connection, request, quote)
    return answer.given()


async def _quote(
    connection: asyncpg.Connection, shop: Shop, asked: Asked, lasts: timedelta, now: datetime
) -> dict[str, object]:
    facts = await orders.look_up(connection, shop, _as_order(asked, now))
    lines = read_lines(asked.lines, facts.items)
    options = await _options(connection, shop, asked, facts, lines, lasts, now)
    ends = [datetime.fromisoformat(str(one["valid_until"])) for one in options if one["available"]]
    valid_until = max(ends, default=now)
    quote_id = await quotes.add_quote(
        connection,
        shop.tenant_id,
        shop.shop_id,
        hash_of_lines((line.item.item_id, line.quantity) for line in lines),
        asked.country,
        asked.postal_code,
        now,
        valid_until,
    )
    answer: dict[str, object] = {
        "id": quote_id,
        "made_at": said_at(now),
        "valid_until": said_at(valid_until),
        "country": asked.country,
        "postal_code": asked.postal_code,
        "region": asked.region,
        "fulfilment": asked.fulfilment.value,
        "options": options,
        "why_none": _why_none(lines, options),
    }
    await quotes.keep_answer(connection, quote_id, answer)
    return answer


async def _options(
    connection: asyncpg.Connection,
    shop: Shop,
    asked: Asked,
    facts: Facts,
    lines: tuple[Line, ...],
    lasts: timedelta,
    now: datetime,
) -> list[dict[str, object]]:
    there = destination(asked, now)
    shipped = tuple(line for line in lines if line.item.digital_at is None)
    if not shipped:
        return []
    positions = await positions_of(connection, shop, facts, lines)
    ship_to = {"country": asked.country, "postal_code": asked.postal_code}
    goods = Goods(shipped, facts, ship_to, asked.fulfilment, positions)
    sent = sent_lines(lines, positions, asked.fulfilment, now)
    by_code: dict[str, list[Offer]] = {}
    for offer in await quote_rows.offers_to(
        connection, shop.shop_id, asked.country, asked.postal_code
    ):
        if not asked.options or offer.option.code in asked.options:
            by_code.setdefault(offer.option.code, []).append(offer)
    return [
        await Offering(connection, there, lines, goods, sent, now, lasts).option(offers)
        for offers in by_code.values()
    ]


def destination(asked: Asked, now: datetime) -> Destination:
    """Where an asker's goods would go.

    Raises:
        Refused: `bad_time_zone`.
    """
    zone = zone_there(asked.country, asked.time_zone, now)
    return Destination(asked.country, asked.postal_code, asked.region, zone)


def _as_order(asked: Asked, now: datetime) -> NewOrder:
    """An order of nothing but the lines, for what has to be known of them."""
    return NewOrder("", now, "", {}, {}, "", asked.lines, 0, b"")


def _why_none(lines: Sequence[Line], options: Sequence[dict[str, object]]) -> str | None:
    if all(line.item.digital_at is not None for line in lines):
        return "All of it is sent by mail as soon as it is paid; nothing is to be delivered."
    if not options:
        return "No delivery option goes there."
    if not any(one["available"] for one in options):
        return "Goods are neither there nor on their way; see why_not of each option."
    return None


async def drop_old_quotes(pool: asyncpg.Pool, now: datetime) -> int:
    """Forgets what buyers were told long ago; how much that was."""
    async with staff_transaction(pool) as connection:
        return await quotes.drop_quotes(connection, now - KEPT)
