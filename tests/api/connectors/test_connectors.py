"""Webhooks of other shop systems become orders, whatever order they come in."""

import asyncio
import json
from typing import Any

import pytest

from api.connectors.shopify import hear as shopify_hear
from api.connectors.work import carry_out_message
from api.wiring import House
from tests import builders
from tests.api.connectors.platform import SECRET, Shopify, let_in
from tests.api.service import Json, Service, bearer, is_problem
from tests.conftest import SHARED_DATA
from wms.database.pool import staff_transaction
from wms.orders.connector import signature
from wms.orders.order import NewOrder

pytestmark = pytest.mark.needs_data
SKUS = {"IPOD2008GREEN": 10, "IPOD2008RED": 10, "IPOD2008BLACK": 10}


def sample(name: str) -> Json:
    body: Json = json.loads((SHARED_DATA / "shops" / f"{name}.json").read_text("utf-8"))
    [inner] = body.values()
    assert isinstance(inner, dict)
    return inner


def shopify_order(**changed: object) -> Json:
    """The platform's own sample, under the name under which the shop's people know it."""
    return sample("shopify_order") | changed


@pytest.fixture
async def shopify(service: Service) -> Shopify:
    """A shop with ten of each item of the sample, and a connector."""
    seller = await service.seller(**SKUS)
    return Shopify(seller, await let_in(seller, "shopify"))


async def test_an_order_of_the_platform_s_own_sample_is_placed_as_it_says(
    shopify: Shopify,
) -> None:
    came = await shopify.heard("orders/create", sample("shopify_order"))
    assert (came["state"], came["did"]) == ("done", ["placed", "authorised"])
    order = await shopify.order()
    assert (order["id"], order["external_order_id"]) == (came["order_id"], "#1001")
    assert order["total"] == {"amount_minor": 40_994, "currency": "USD"}
    assert order["payment_state"] == "authorised"
    assert {line["sku"]: line["quantity"] for line in order["lines"]} == dict.fromkeys(SKUS, 1)
    assert order["lines"][0]["unit_price"] == {"amount_minor": 19_900, "currency": "USD"}
    assert order["customer"]["email"] == "bob.norman@hostmail.com"
    assert order["ship_to"]["lines"] == ["Chestnut Street 92"]
    assert (order["ship_to"]["postal_code"], order["ship_to"]["country"]) == ("40202", "US")


async def test_paid_before_create_and_all_of_it_twice_is_one_order_paid_once(
    shopify: Shopify,
) -> None:
    paid = shopify_order(financial_status="paid")
    first = await shopify.heard("orders/paid", paid, "hook-2")
    assert first["did"] == ["placed", "paid"]
    for topic, body, name in (
        ("orders/create", sample("shopify_order"), "hook-1"),
        ("orders/paid", paid, "hook-2"),
        ("orders/create", sample("shopify_order"), "hook-3"),
        ("orders/updated", paid, "hook-4"),
    ):
        again = await shopify.heard(topic, body, name)
        assert (again["state"], again["order_id"]) == ("done", first["order_id"])
    order = await shopify.order()
    assert order["payment_state"] == "paid"
    assert [one["state"] for one in order["payments"]].count("paid") == 1
    assert {line["promise"] for line in order["lines"]} == {"firm"}
    assert len(await shopify.events("order.paid")) == 1


async def test_everything_about_an_order_at_once_is_one_order_paid_once(
    shopify: Shopify, service: Service
) -> None:
    paid = shopify_order(financial_status="paid")
    messages = [("orders/create", sample("shopify_order")), ("orders/paid", paid)] * 3
    answers = await asyncio.gather(*(shopify.send(*message) for message in messages))
    assert {answer.status_code for answer in answers} == {200}
    # What met another one is left to its job, which comes now.
    for message in await shopify.messages():
        await carry_out_message(service.app.state.house, message["id"])
    assert {message["state"] for message in await shopify.messages()} == {"done"}
    order = await shopify.order()
    assert [one["state"] for one in order["payments"]].count("paid") == 1
    assert {line["promise"] for line in order["lines"]} == {"firm"}


async def test_all_of_it_refunded_is_cancelled(shopify: Shopify) -> None:
    await shopify.heard("orders/create", shopify_order(financial_status="paid"))
    refund = sample("shopify_refund")
    refund["transactions"][0]["amount"] = "409.94"
    refunded = shopify_order(financial_status="refunded", refunds=[refund])
    for topic, body in (("orders/updated", refunded), ("refunds/create", refund)):
        assert (await shopify.heard(topic, body))["state"] == "done"
    order = await shopify.order()
    assert (order["state"], order["payment_state"]) == ("cancelled", "refunded")
    assert order["refunded"] == order["total"]


async def test_a_wrong_signature_and_an_unknown_connector_are_the_same_401(
    shopify: Shopify, service: Service
) -> None:
    body = sample("shopify_order")
    wrong = await shopify.send("orders/create", body, **{"X-Shopify-Hmac-Sha256": "bm90IGl0"})
    is_problem(wrong, 401, "wrong_signature")
    gone = Shopify(shopify.seller, {"path": "/v1/connectors/shopify/999999/orders"})
    is_problem(await gone.send("orders/create", body), 401, "wrong_signature")
    other = {"path": shopify.connector["path"].replace("shopify", "woocommerce")}
    is_problem(
        await Shopify(shopify.seller, other).send("orders/create", body),
        401,
        "wrong_signature",
    )
    assert await shopify.orders() == 0 and not await shopify.messages()


async def test_an_unknown_sku_is_kept_named_and_placed_once_it_is_known_and_there(
    shopify: Shopify, service: Service
) -> None:
    body = shopify_order(financial_status="paid")
    body["line_items"][1] |= {"sku": "IPOD2008BLUE", "name": "IPod Nano - 8gb - blue"}
    came = await shopify.heard("orders/create", body)
    assert (came["state"], came["code"]) == ("refused", "unknown_item")
    assert came["pointer"] == "/line_items/1/sku"
    assert came["detail"].startswith("IPod Nano - 8gb - blue: ")
    [event] = await shopify.events("connector.refused")
    assert event["data"]["their_id"] == "450789469"
    assert "bob" not in json.dumps(event).lower()
    item = {"name": "BLUE", "width_mm": 50, "depth_mm": 50, "height_mm": 50, "mass_g": 100}
    assert (await shopify.seller.put("/v1/items/IPOD2008BLUE", item)).status_code in (200, 201)
    short = await shopify.replay(came)
    assert (short["state"], short["code"]) == ("refused", "not_available")
    assert short["pointer"] == "/line_items/1/quantity"
    await builders.add_stock(service.pool, shopify.seller.shop, "IPOD2008BLUE", bin0=5)
    again = await shopify.replay(came)
    assert (again["state"], again["did"], again["code"]) == ("done", ["placed", "paid"], None)
    assert again["attempts"] == 3
    order = await shopify.order()
    assert order["id"] == again["order_id"]
    assert {line["sku"] for line in order["lines"]} >= {"IPOD2008BLUE"}
    assert await shopify.replay(came) == again


async def test_a_line_without_a_sku_is_named(shopify: Shopify) -> None:
    body = sample("shopify_order")
    body["line_items"][2]["sku"] = None
    came = await shopify.heard("orders/create", body)
    assert (came["code"], came["pointer"]) == ("sku_missing", "/line_items/2/sku")
    assert "IPod Nano - 8gb - black" in came["detail"]


async def test_a_cancellation_before_its_order_keeps_the_order_out(shopify: Shopify) -> None:
    cancelled = shopify_order(cancelled_at="2008-01-10T12:00:00-05:00", cancel_reason="customer")
    assert (await shopify.heard("orders/cancelled", cancelled))["state"] == "done"
    late = await shopify.heard("orders/create", sample("shopify_order"))
    assert late["did"] == ["cancelled before it came"]
    assert await shopify.orders() == 0


async def test_a_cancellation_frees_what_the_order_held(shopify: Shopify) -> None:
    await shopify.heard("orders/create", shopify_order(financial_status="paid"))
    cancelled = shopify_order(
        financial_status="paid", cancelled_at="2008-01-10T12:00:00-05:00", cancel_reason="fraud"
    )
    for name in ("once", "again"):
        came = await shopify.heard("orders/cancelled", cancelled, name)
        assert came["state"] == "done", came
    assert (await shopify.order())["state"] == "cancelled"


async def test_a_refund_waits_for_its_order_and_counts_once(shopify: Shopify) -> None:
    refund = sample("shopify_refund")
    first = await shopify.heard("refunds/create", refund, "refund")
    assert (first["state"], first["code"]) == ("waiting", "order_awaited")
    await shopify.heard("orders/create", shopify_order(financial_status="paid"))
    assert (await shopify.message(first["id"]))["state"] == "done"
    for name in ("refund", "refund again"):
        await shopify.heard("refunds/create", refund, name)
    order = await shopify.order()
    assert order["refunded"] == {"amount_minor": 20_900, "currency": "USD"}
    assert order["payment_state"] == "partially_refunded"


async def test_what_is_refunded_before_it_left_is_not_shipped(shopify: Shopify) -> None:
    await shopify.heard("orders/create", shopify_order(financial_status="paid"))
    refund = sample("shopify_refund")
    for line in refund["refund_line_items"]:
        line["restock_type"] = "cancel"
    came = await shopify.heard("refunds/create", refund)
    assert came["did"] == ["lines taken out", "refunded"], came
    lines = {x["sku"]: x["quantity"] - x["cancelled"] for x in (await shopify.order())["lines"]}
    assert lines == {"IPOD2008GREEN": 0, "IPOD2008RED": 1, "IPOD2008BLACK": 0}


async def test_an_address_that_they_change_is_changed_and_an_older_one_is_not(
    shopify: Shopify,
) -> None:
    await shopify.heard("orders/create", sample("shopify_order"))
    moved = shopify_order(updated_at="2008-01-12T11:00:00-05:00")
    moved["shipping_address"] = moved["shipping_address"] | {"address1": "Elm Street 5"}
    assert (await shopify.heard("orders/updated", moved))["did"] == ["address changed"]
    older = shopify_order(updated_at="2008-01-11T11:00:00-05:00")
    assert (await shopify.heard("orders/updated", older))["did"] == []
    order = await shopify.order()
    assert (order["ship_to"]["lines"], order["version"]) == (["Elm Street 5"], 2)


async def test_lines_that_they_change_are_told_and_not_guessed(shopify: Shopify) -> None:
    await shopify.heard("orders/create", sample("shopify_order"))
    more = shopify_order(updated_at="2008-01-12T11:00:00-05:00")
    more["line_items"][0]["quantity"] = 2
    came = await shopify.heard("orders/updated", more)
    assert (came["state"], came["code"]) == ("refused", "lines_changed")
    assert (await shopify.order())["lines"][0]["quantity"] == 1


async def test_a_test_order_stays_off_the_floor(shopify: Shopify) -> None:
    await shopify.heard("orders/create", shopify_order(test=True, financial_status="paid"))
    order = await shopify.order()
    assert order["sandbox"] and order["payment_state"] == "paid"


def test_a_gift_s_message_is_that_of_the_cart() -> None:
    body = sample("shopify_order")
    body["note_attributes"].append({"name": "Gift_Message", "value": "Happy birthday"})
    heard = shopify_hear("orders/create", body, {})
    assert isinstance(heard.order, NewOrder)
    assert heard.order.gift_message == "Happy birthday"


async def test_what_nobody_ships_is_left_out(shopify: Shopify) -> None:
    body = sample("shopify_order")
    body["line_items"][0] |= {"requires_shipping": False, "sku": "WARRANTY"}
    body["line_items"][1] |= {"requires_shipping": False, "sku": "", "title": "Tip"}
    await shopify.heard("orders/create", body)
    assert [line["sku"] for line in (await shopify.order())["lines"]] == ["IPOD2008BLACK"]


async def test_an_order_that_another_house_has_fulfilled_is_not_placed(shopify: Shopify) -> None:
    came = await shopify.heard("orders/create", shopify_order(fulfillment_status="fulfilled"))
    assert came["did"] == ["fulfilled elsewhere"] and await shopify.orders() == 0


async def test_a_topic_that_is_no_order_s_is_ignored(shopify: Shopify) -> None:
    answer = await shopify.send("products/update", {"id": 1})
    assert answer.json() == {"message_id": None, "state": "ignored"}


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe{}", b"[1]", b'{"id": null}'])
async def test_a_body_that_names_no_order_is_refused_and_not_kept(
    shopify: Shopify, text: bytes
) -> None:
    headers = {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": signature(SECRET, text),
    }
    answer = await shopify.seller.client.post(
        shopify.connector["path"], content=text, headers=headers
    )
    assert answer.status_code in (400, 422), answer.text
    assert not await shopify.messages()


async def test_nasty_text_is_kept_as_text_or_refused_without_loss(shopify: Shopify) -> None:
    body = sample("shopify_order")
    nasty = "<script>alert(1)</script> =cmd() ^XZ \u202e\U0001f600"
    body["shipping_address"] |= {"address1": nasty}
    await shopify.heard("orders/create", body)
    assert (await shopify.order())["ship_to"]["lines"] == [nasty]
    other = shopify_order(id=7, name="#7")
    other["shipping_address"] = other["shipping_address"] | {"city": "Lou\x00isville"}
    came = await shopify.heard("orders/create", other)
    assert (came["state"], came["code"]) == ("refused", "invalid_order")
    huge = shopify_order(id=8, name="#8")
    huge["shipping_address"] = huge["shipping_address"] | {"name": "x" * 10_000}
    assert (await shopify.heard("orders/create", huge))["code"] == "invalid_order"


async def test_a_message_that_was_kept_and_not_carried_out_is_carried_out_by_its_job(
    shopify: Shopify, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(house: House, number: int) -> str:
        return "waiting"

    monkeypatch.setattr("api.connectors.routes._carried_out", nobody)
    came = await shopify.heard("orders/create", sample("shopify_order"))
    assert came["state"] == "waiting" and await shopify.orders() == 0
    async with staff_transaction(service.pool) as connection:
        job = await connection.fetchrow(
            "select payload from job where kind = 'connector' and subject = $1",
            f"connector-delivery/{came['id']}",
        )
    assert job is not None
    await carry_out_message(service.app.state.house, job["payload"]["delivery_id"])
    assert (await shopify.message(came["id"]))["state"] == "done"
    assert await shopify.orders() == 1


async def test_secret_and_body_are_sealed_and_a_body_that_is_done_is_gone(
    shopify: Shopify, service: Service
) -> None:
    body = sample("shopify_order")
    body["line_items"][0]["sku"] = "UNKNOWN"
    await shopify.heard("orders/create", body, "bad")
    await shopify.heard("orders/create", shopify_order(id=9, name="#9"), "good")
    async with staff_transaction(service.pool) as connection:
        number = shopify.connector["id"]
        rows = await connection.fetch(
            "select their_delivery, body::text as body from connector_delivery "
            "where connector_id = $1",
            number,
        )
        secret = await connection.fetchval(
            "select secret::text from connector where id = $1", number
        )
    kept = {row["their_delivery"]: row["body"] for row in rows}
    assert kept["good"] is None and "bob.norman" not in kept["bad"] and SECRET not in secret


async def test_a_connector_is_its_shop_s_alone(shopify: Shopify, service: Service) -> None:
    stranger = await service.seller(CUP=1)
    number = shopify.connector["id"]
    assert (await stranger.get("/v1/connectors")).json() == {"items": []}
    gone = await stranger.get(f"/v1/connectors/{number}/messages")
    is_problem(gone, 404, "connector_not_found")
    path = f"/v1/connectors/{number}"
    is_problem(
        await stranger.client.delete(path, headers=bearer(stranger.key)), 404, "connector_not_found"
    )
    done = await stranger.client.delete(path, headers=bearer(shopify.seller.key))
    assert done.status_code == 204
    is_problem(await shopify.send("orders/create", sample("shopify_order")), 401, "wrong_signature")


async def test_a_secret_is_drawn_where_none_is_said_and_can_be_changed(service: Service) -> None:
    seller = await service.seller(**SKUS)
    answer = await seller.post("/v1/connectors", {"kind": "shopify", "name": "tea"})
    made = answer.json()
    assert len(made["secret"]) > 30
    drawn = Shopify(seller, made, made["secret"])
    assert (await drawn.heard("orders/create", sample("shopify_order")))["state"] == "done"
    path = f"/v1/connectors/{made['id']}/secret"
    assert (await seller.put(path, {"secret": SECRET})).status_code == 204
    is_problem(await drawn.send("orders/paid", shopify_order()), 401, "wrong_signature")
    told: dict[str, Any] = (await seller.get("/v1/connectors")).json()
    assert "secret" not in told["items"][0]
