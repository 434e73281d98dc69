"""A day is over when all has left and the shop has heard of it, not a message before."""

from datetime import UTC, datetime

import aiohttp

from sim.day import Day, DayOptions
from sim.fault import FaultPlan
from sim.receiver import CARRIER_ACCEPTED, HANDED_OVER
from sim.scenario.file import make_scenario


async def test_a_day_lasts_until_the_shop_has_heard_of_each_parcel() -> None:
    options = DayOptions(
        api_url="http://127.0.0.1:1",
        shop_key="s",
        carrier_key="c",
        mqtt_url="mqtt://127.0.0.1:1",
        seed=1,
        speed=1.0,
        faults=FaultPlan(frozenset(), 1),
        patience_s=1.0,
        deadline_s=1.0,
        clock=lambda: datetime(2010, 12, 1, tzinfo=UTC),
        tell=lambda line: None,
    )
    async with aiohttp.ClientSession() as session:
        day = Day(make_scenario(1, 1), options, session)
    day.shop.done = True
    day.tally.counts["loaded"] = 2
    day.carrier.accepted.update({"SL1", "SL2"})
    day.receiver.orders[HANDED_OVER] = set(day.shop.accepted)
    assert not day.all_left
    day.tally.webhooks[CARRIER_ACCEPTED] = 1
    assert not day.all_left
    day.tally.webhooks[CARRIER_ACCEPTED] = 2
    assert day.all_left
