"""The shop: asks twice, believes nothing unsigned, and says what it did not like."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from standardwebhooks import Webhook

from sim.receiver import HANDED_OVER, Receiver
from sim.scenario.order import Posting
from sim.shop import Shop
from sim.tally import Tally
from tests.sim.house import serving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MOMENT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def posting(number: int, *, clean: bool = True) -> Posting:
    line = {"sku": "22423", "quantity": 2 if clean else -1, "unit_price": {"amount_minor": 5}}
    body: dict[str, object] = {"external_order_id": str(number), "lines": [line]}
    return Posting(clean, "", body)


class Intake:
    """Takes orders; remembers keys as it should, unless it is `forgetful`."""

    def __init__(self, *, forgetful: bool = False, accepts_all: bool = False) -> None:
        self.forgetful = forgetful
        self.accepts_all = accepts_all
        self.first: dict[str, tuple[int, Any]] = {}
        self.paid: list[int] = []
        self.requests = 0

    async def take(self, request: web.Request) -> web.Response:
        key = request.headers["Idempotency-Key"]
        self.requests += 1
        if key in self.first and not self.forgetful:
            status, body = self.first[key]
            if "request_id" in body:
                body = body | {"request_id": f"req_{self.requests}"}
            return web.json_response(body, status=status, headers={"Idempotent-Replayed": "true"})
        asked = await request.json()
        if request.path.endswith("/payments"):
            self.paid.append(asked["amount"]["amount_minor"])
            status, body = 200, {"id": 1}
        elif asked["lines"][0]["quantity"] < 1 and not self.accepts_all:
            status, body = 422, {"code": "invalid_body", "request_id": f"req_{self.requests}"}
        else:
            status, body = 201, {"id": len(self.first) + 1}
        self.first[key] = (status, body)
        return web.json_response(body, status=status)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/{tail:.*}", self.take)
        return application


async def trade(intake: Intake, postings: list[Posting]) -> tuple[Shop, Tally]:
    tally = Tally()
    async with serving(intake.application()) as url, aiohttp.ClientSession() as session:
        shop = Shop(session, url, "sk_1", 1, lambda: MOMENT, tally)
        await shop.trade(postings)
    return shop, tally


async def test_accepted_orders_are_paid_in_full_and_refused_ones_are_not() -> None:
    intake = Intake()
    postings = [posting(number, clean=number % 4 > 0) for number in range(200)]
    shop, tally = await trade(intake, postings)
    assert len(shop.accepted) == tally.counts["paid"] == 150
    assert intake.paid == [10] * 150
    assert tally.refused == {"invalid_body": 50}
    assert tally.counts["sent_twice"] > 0
    assert tally.failures == []
    assert shop.done


async def test_a_repeat_that_is_answered_otherwise_is_a_failure() -> None:
    _shop, tally = await trade(Intake(forgetful=True), [posting(number) for number in range(200)])
    assert len(tally.failures) == tally.counts["sent_twice"] > 0


async def test_a_house_that_takes_what_is_no_order_is_told_on() -> None:
    _shop, tally = await trade(Intake(accepts_all=True), [posting(1, clean=False)])
    assert "is no order" in tally.failures[0]


async def deliver(url: str, message: str, body: str, secret: str) -> int:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, now, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/hooks", data=body, headers=headers) as answer,
    ):
        return answer.status


BODY = (
    '{"type":"order.handed_over","subject":"order/1","sequence":4,'
    '"data":{"external_order_id":"536365"}}'
)


async def test_a_webhook_counts_once_and_only_with_a_right_signature() -> None:
    receiver = Receiver(1, 0.0, Tally(), SECRET)
    async with serving(receiver.application()) as url:
        assert await deliver(url, "m1", BODY, "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==") == 401
        assert receiver.came_for(HANDED_OVER) == set()
        assert await deliver(url, "m1", BODY, SECRET) == 204
        assert await deliver(url, "m1", BODY, SECRET) == 204
    assert receiver.came_for(HANDED_OVER) == {"536365"}
    assert receiver.tally.webhooks == {HANDED_OVER: 1}
    assert receiver.tally.counts["webhooks_repeated"] == 1
    assert len(receiver.tally.failures) == 1


async def test_a_receiver_that_is_away_takes_the_second_delivery() -> None:
    receiver = Receiver(1, 1.0, Tally(), SECRET)
    async with serving(receiver.application()) as url:
        assert await deliver(url, "m1", BODY, SECRET) == 503
        assert await deliver(url, "m1", BODY, SECRET) == 204
    assert receiver.came_for(HANDED_OVER) == {"536365"}


async def test_an_event_out_of_its_turn_is_told_on() -> None:
    receiver = Receiver(1, 0.0, Tally(), SECRET)
    async with serving(receiver.application()) as url:
        for message, number in (("m1", 4), ("m2", 5), ("m2", 5), ("m3", 7)):
            body = BODY.replace('"sequence":4', f'"sequence":{number}')
            assert await deliver(url, message, body, SECRET) == 204
    assert receiver.tally.failures == ["event 7 of order/1 came where 6 was due"]
