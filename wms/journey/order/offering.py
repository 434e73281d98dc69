"""One delivery option at a time: which of its warehouses ship, and what a buyer is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg

from wms.journey.order.schedule import sold_ahead
from wms.journey.order.way import Goods, Positions, Way, short_lines, way_of
from wms.orders.line import Line
from wms.orders.order import Fulfilment
from wms.quote import queries as quote_rows
from wms.quote.availability import Ready, Supply
from wms.quote.quote import Destination, Offer, Shipment, named, offered, said_at
from wms.quote.spread import Spread

# Units of a line that is sent by mail which never are, and from when on the others.
Sent = Mapping[int, tuple[Ready, int]]


def sent_lines(
    lines: Sequence[Line], positions: Positions, wish: Fulfilment, now: datetime
) -> dict[int, tuple[Ready, int]]:
    """Of lines that are sent by mail, from when on, and the units that are not; they never travel.

    Earlier lines are served first.
    """
    sent: dict[int, tuple[Ready, int]] = {}
    used: dict[int, int] = {}
    for line in lines:
        if line.item.digital_at is None:
            continue
        item_id = line.item.item_id
        position = positions.get((item_id, line.item.digital_at))
        free = (0 if position is None else position.available) - used.get(item_id, 0)
        most = min(line.units, free // line.factor)
        left = line.units - most
        if not most or (left and wish is not Fulfilment.FILL_AVAILABLE):
            sent[line.number] = (Ready(Supply.NONE, None), line.units)
            continue
        used[item_id] = used.get(item_id, 0) + most * line.factor
        later = line.item.available_from if sold_ahead(line, now) else None
        sent[line.number] = (Ready(Supply.MAIL, later or now), left)
    return sent


@dataclass(frozen=True, slots=True)
class Offering:
    """Where what is asked for lies while it is offered."""

    connection: asyncpg.Connection
    there: Destination
    lines: tuple[Line, ...]
    goods: Goods
    sent: Sent
    now: datetime
    lasts: timedelta
    known: dict[int, tuple[Spread, Spread, Spread]] = field(default_factory=dict)

    async def option(self, offers: Sequence[Offer]) -> dict[str, object]:
        """What is said of an option: by the warehouse from which goods are there first.

        Where none has all of it, by several that offer the same for the same fee.
        """
        fill = self.goods.wish is Fulfilment.FILL_AVAILABLE
        distance = self.goods.choice(_numbers(offers)).distance
        near = sorted(offers, key=lambda offer: distance[offer.house.warehouse_id])
        groups = [] if fill else [[offer] for offer in near]
        found = await self._dated(groups)
        if not found:
            found = await self._dated(_alike(near))
        lacking = [line for line in self.lines if self._not_sent(line)]
        if not found or (lacking and not fill):
            return self._none(near, lacking)
        return min(found, key=_rank)

    async def _dated(self, groups: Sequence[Sequence[Offer]]) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for group in groups:
            way = way_of(self.goods, [offer.house for offer in group], self.now)
            if way is not None and way.is_dated:
                found.append(await self._said(way, group))
        return found

    async def _said(self, way: Way, group: Sequence[Offer]) -> dict[str, object]:
        offers = {offer.house.warehouse_id: offer for offer in group}
        lines = {line.number: line for line in self.lines}
        shipments: list[Shipment] = []
        for one in way.going:
            offer = offers[one.house.warehouse_id]
            spreads = await self._spreads(offer)
            units = [(lines[number], units) for number, units in sorted(one.units.items())]
            said = tuple(_line(line, units, one.ready[line.number]) for line, units in units)
            ready = tuple(one.ready[line.number] for line, _ in units)
            shipments.append(Shipment(offer, said, ready, *spreads))
        every = [self._asked(line, way) for line in self.lines]
        together = self.goods.wish is not Fulfilment.FILL_AVAILABLE
        return offered(self.there, every, shipments, self.now, self.lasts, together=together)

    async def _spreads(self, offer: Offer) -> tuple[Spread, Spread, Spread]:
        number = offer.house.warehouse_id
        if number not in self.known:
            packing = await quote_rows.packing_of(self.connection, offer, self.now)
            late, transit = await quote_rows.travel_of(self.connection, offer, self.there, self.now)
            self.known[number] = (packing, late, transit)
        return self.known[number]

    def _asked(self, line: Line, way: Way | None, *, short: bool = False) -> dict[str, object]:
        """A line as it was asked for, with what never ships of it."""
        if line.number in self.sent:
            ready, left = self.sent[line.number]
        elif way is not None:
            ready, left = way.ready_of(line.number), way.left.get(line.number, 0)
        else:
            ready, left = Ready(Supply.NONE, None), line.units if short else 0
        return _line(line, line.units, ready) | {"left_out": line.said(left * line.factor)}

    def _not_sent(self, line: Line) -> bool:
        return line.number in self.sent and self.sent[line.number][0].at is None

    def _none(self, near: Sequence[Offer], lacking: Sequence[Line]) -> dict[str, object]:
        short = short_lines(self.goods, _numbers(near)) | {line.number for line in lacking}
        names = ", ".join(line.item.sku for line in self.lines if line.number in short)
        # Of the others it is told from when on they could be had.
        others = tuple(line for line in self.goods.lines if line.number not in short)
        goods = replace(self.goods, lines=others)
        way = way_of(goods, [offer.house for offer in near], self.now) if others else None
        lines = [
            self._asked(line, None if line.number in short else way, short=line.number in short)
            for line in self.lines
        ]
        said = f"Neither there nor on its way: {names}."[:500]
        return named(near[0], lines) | {"why_not": said}


def _numbers(offers: Sequence[Offer]) -> list[int]:
    return [offer.house.warehouse_id for offer in offers]


def _alike(near: Sequence[Offer]) -> list[list[Offer]]:
    """The offers that may ship one order together: same service, same carrier, same fee."""
    groups: dict[tuple[object, ...], list[Offer]] = {}
    for offer in near:
        one = offer.option
        key = (one.kind, one.service, one.carrier, one.fee_minor, one.currency)
        groups.setdefault(key, []).append(offer)
    return list(groups.values())


def _line(line: Line, units: int, ready: Ready) -> dict[str, object]:
    return {
        "line": line.number,
        "sku": line.item.sku,
        "quantity": line.said(units * line.factor),
        "unit": line.unit or line.item.unit,
        "availability": ready.supply.value,
        "available_at": said_at(ready.at),
    }


def _rank(one: dict[str, object]) -> tuple[int, str]:
    """Who leaves out least, then who is there first; of equals the nearest comes first."""
    lines, delivery = one["lines"], one["delivery"]
    assert isinstance(lines, list) and isinstance(delivery, dict)
    left_out = sum(Decimal(str(line["left_out"])) > 0 for line in lines)
    return left_out, str(delivery["latest"])
