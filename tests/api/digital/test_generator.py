"""The generator that makes codes when they are asked for: in time, once, and for nobody else."""

import asyncio
import random

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from api.dispatch import generator as generators
from api.dispatch.generator import Generators
from api.settings import Settings
from api.wiring import House
from tests import builders
from tests.api.digital.maker import ADA, asked, bought, making, seller_of
from tests.api.service import Service, is_problem, order_body, unique
from tests.builders import rows, value
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from wms.error import Conflict, WmsError
from wms.journey.buyer.digital import deliver
from wms.journey.buyer.generation import take_generated


async def test_a_generator_makes_the_code_under_a_signature(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        answer = await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 3})
        secret = answer.json()["secret"]
        order = await bought(seller, 2)
        wanted = await asked(service.pool, house, order)
        for delivery_id in wanted:
            await asking.make(delivery_id, 1)
        assert await asked(service.pool, house, order) == []
    assert len(maker.heard) == 2
    for headers, text in maker.heard:
        said = Webhook(secret).verify(text, headers)
        assert said["data"]["sku"] == "GAME"
    listed = (await seller.get(f"/v1/orders/{order['id']}/digital-deliveries")).json()["items"]
    assert [(one["state"], one["generated"]) for one in listed] == [("delivered", True)] * 2
    vault = (await seller.get("/v1/items/GAME/codes")).json()
    assert (vault["assigned"], vault["quota"]) == (2, 1)
    assert await builders.availability(service.pool, seller.shop, "GAME") == (1, 0)
    assert await builders.differences(service.pool) == []


async def test_the_vault_is_emptied_before_anything_is_made(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service, "A-1")
    async with making() as maker:
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 9})
        order = await bought(seller, 3)
        for delivery_id in await asked(service.pool, house, order):
            await asking.make(delivery_id, 1)
        assert await asked(service.pool, house, order) == []
    assert len(maker.heard) == 2
    assert await builders.availability(service.pool, seller.shop, "GAME") == (7, 0)


async def test_it_is_asked_again_under_the_same_id(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        maker.answers = [
            web.Response(status=503),
            web.json_response({"key": "none"}),
            web.Response(text="no JSON"),
        ]
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 1})
        order = await bought(seller)
        [delivery_id] = await asked(service.pool, house, order)
        for attempt in (1, 2, 3):
            with pytest.raises(Conflict):
                await asking.make(delivery_id, attempt)
        await asking.make(delivery_id, 4)
        # An answer that is given twice changes nothing.
        await asking.make(delivery_id, 5)
    assert len(maker.heard) == 4
    assert len({headers["webhook-id"] for headers, _ in maker.heard}) == 1
    assert await asked(service.pool, house, order) == []


async def test_a_generator_that_makes_nothing_holds_the_order(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        maker.answers = [web.Response(status=500)] * 2
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 1})
        order = await bought(seller)
        [delivery_id] = await asked(service.pool, house, order)
        for _ in range(2):
            await asking.make(delivery_id, generators.TRIES)
        view = (await seller.get(f"/v1/orders/{order['id']}")).json()
        [hold] = view["holds"]
        assert (hold["kind"], hold["owned_by"]) == ("digital_generator", "shop")
        assert "HTTP 500" in hold["reason"]
        answer = await seller.client.delete(
            f"/v1/orders/{order['id']}/holds/{hold['id']}",
            headers={"Authorization": f"Bearer {seller.key}", "Idempotency-Key": unique("lift")},
        )
        assert answer.status_code < 300, answer.text
        assert await value(
            service.pool,
            "select count(*) from job where kind = 'waybill' and done_at is null and subject = $1",
            f"fulfilment/{order['fulfilment_orders'][0]['id']}",
        ) == 1  # fmt: skip
        await asking.make(delivery_id, 1)
    assert await asked(service.pool, house, order) == []


async def test_a_code_that_was_made_before_is_nobody_else_s(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        maker.answers = [web.json_response({"code": "SAME"}) for _ in range(2)]
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 2})
        first, second = await bought(seller), await bought(seller)
        [one] = await asked(service.pool, house, first)
        [two] = await asked(service.pool, house, second)
        await asking.make(one, 1)
        with pytest.raises(Exception, match="came before"):
            await asking.make(two, 1)
    assert await asked(service.pool, house, second) == [two]


async def test_a_generator_at_an_address_of_our_own_is_refused(service: Service) -> None:
    seller = await seller_of(service)
    service.app.state.house = House(
        Settings(), service.pool, random.Random(1), KEYSET, service.app.state.house.keys
    )
    for url in ("http://codes.example/x", "https://127.0.0.1/x", "https://localhost/x"):
        answer = await seller.put("/v1/items/GAME/generator", {"url": url, "quota": 1})
        is_problem(answer, 422, "bad_url")


async def test_a_generator_can_be_taken_away(service: Service) -> None:
    seller = await seller_of(service)
    url = "http://127.0.0.1:1/make"
    await seller.put("/v1/items/GAME/generator", {"url": url, "quota": 2})
    headers = {"Authorization": f"Bearer {seller.key}"}
    answer = await seller.client.delete("/v1/items/GAME/generator", headers=headers)
    assert answer.status_code == 204
    assert (await seller.get("/v1/items/GAME/codes")).json()["quota"] is None
    is_problem(
        await seller.post("/v1/orders", order_body(("GAME", 1), customer=ADA)),
        422,
        "not_available",
    )


async def test_an_answer_that_comes_in_pieces_is_read_whole(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        maker.pieces = [b'{"code": ', b'"IN-PIECES"', b"}"]
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 1})
        order = await bought(seller)
        [delivery_id] = await asked(service.pool, house, order)
        await asking.make(delivery_id, 1)
    assert await asked(service.pool, house, order) == []


async def test_an_answer_without_end_is_broken_off(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        maker.pieces = [b'{"code": "', *(b"x" * 10_000 for _ in range(3))]
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 1})
        order = await bought(seller)
        [delivery_id] = await asked(service.pool, house, order)
        with pytest.raises(Conflict, match="too long"):
            await asking.make(delivery_id, 1)


@pytest.mark.parametrize(
    "until",
    ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2001-01-01T00:00:00Z", "soon"],
)
async def test_a_code_of_no_use_is_not_taken(
    service: Service, house: House, asking: Generators, until: str
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        maker.answers = [web.json_response({"code": "A", "valid_until": until})]
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 1})
        order = await bought(seller)
        [delivery_id] = await asked(service.pool, house, order)
        with pytest.raises(WmsError):
            await asking.make(delivery_id, 1)
    assert await asked(service.pool, house, order) == [delivery_id]


async def test_whoever_answers_too_late_is_asked_again_and_gives_no_second_code(
    service: Service, house: House, asking: Generators, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = await seller_of(service)
    monkeypatch.setattr(generators, "ANSWER_S_MAX", 0.2)
    async with making() as maker:
        maker.gate = asyncio.Event()
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 2})
        order = await bought(seller)
        [delivery_id] = await asked(service.pool, house, order)
        with pytest.raises(Conflict, match="no answer in"):
            await asking.make(delivery_id, 1)
        maker.gate.set()
        monkeypatch.setattr(generators, "ANSWER_S_MAX", PATIENCE_S)
        await asking.make(delivery_id, 2)
        assert await asked(service.pool, house, order) == []
        # Two workers that were asked for the same code come with another one each.
        await asyncio.gather(
            *(
                take_generated(service.pool, delivery_id, code, None, house.now())
                for code in ("LATE-1", "LATE-2")
            )
        )
    codes = await rows(
        service.pool,
        "select content from digital_code c join digital_delivery d on d.id = c.delivery_id "
        "where d.order_id = $1",
        order["id"],
    )
    assert [row["content"]["code"] for row in codes] == [f"MADE-code_{delivery_id}"]


async def test_two_answers_at_once_are_one_code(service: Service, house: House) -> None:
    seller = await seller_of(service)
    await seller.put("/v1/items/GAME/generator", {"url": "http://127.0.0.1:1/x", "quota": 2})
    order = await bought(seller)
    [delivery_id] = await asked(service.pool, house, order)
    await asyncio.gather(
        *(
            take_generated(service.pool, delivery_id, f"AT-ONCE-{number}", None, house.now())
            for number in range(6)
        )
    )
    assert await asked(service.pool, house, order) == []
    assert (await seller.get("/v1/items/GAME/codes")).json()["assigned"] == 1


async def test_an_order_that_is_parted_meanwhile_gets_a_code_for_each_unit(
    service: Service, house: House, asking: Generators
) -> None:
    seller = await seller_of(service)
    async with making() as maker:
        await seller.put("/v1/items/GAME/generator", {"url": maker.url, "quota": 9})
        order = await bought(seller, 3)
        wanted = await asked(service.pool, house, order)
        assert len(wanted) == 3
        number = order["fulfilment_orders"][0]["id"]
        lines = {"lines": [{"line": 1, "quantity": 2}]}
        answer = await seller.post(f"/v1/fulfilment-orders/{number}/split", lines)
        assert answer.status_code == 201, answer.text
        parts = [one["id"] for one in answer.json()["fulfilment_orders"]]
        for _ in range(2):
            for part in parts:
                await deliver(service.pool, part, house.now())
            for row in await rows(
                service.pool, "select id from digital_delivery where order_id = $1", order["id"]
            ):
                await asking.make(row["id"], 1)
        for part in parts:
            await deliver(service.pool, part, house.now())
    told = await rows(
        service.pool,
        "select data from event where order_id = $1 and type = 'order.digital_delivered'",
        order["id"],
    )
    sent = {row["data"]["fulfilment_order_id"]: row["data"]["deliveries"] for row in told}
    assert {part: len(units) for part, units in sent.items()} == {number: 1, max(parts): 2}
    listed = (await seller.get(f"/v1/orders/{order['id']}/digital-deliveries")).json()["items"]
    assert [one["state"] for one in listed] == ["delivered"] * 3
    assert len(maker.heard) == 3
    assert await builders.availability(service.pool, seller.shop, "GAME") == (6, 0)
    assert await builders.differences(service.pool) == []


async def test_codes_that_the_shop_brings_end_the_wait_for_its_generator(
    service: Service, house: House
) -> None:
    seller = await seller_of(service)
    await seller.put("/v1/items/GAME/generator", {"url": "http://127.0.0.1:1/x", "quota": 2})
    order = await bought(seller, 2)
    assert len(await asked(service.pool, house, order)) == 2
    body = {"codes": [{"code": "A-1"}, {"code": "A-2"}]}
    assert (await seller.post("/v1/items/GAME/codes", body)).status_code == 200
    assert await asked(service.pool, house, order) == []
    assert (await seller.get("/v1/items/GAME/codes")).json()["quota"] == 2
    assert await builders.availability(service.pool, seller.shop, "GAME") == (2, 0)
    assert await builders.differences(service.pool) == []
