"""What another shop system changes of an order afterwards counts once, and nothing is passed over.

Messages come twice, late, and in another order than things happened.
"""

import json

import pytest

from api.connectors.work import carry_out_message
from tests import builders
from tests.api.connectors.platform import (
    Shopify,
    let_in,
    shopify_line,
    shopify_order,
    shopify_refund,
)
from tests.api.digital.maker import GAME
from tests.api.service import Json, Seller, Service, is_problem
from wms.database.pool import staff_transaction
from wms.orders.connector import signature

LATER, LATEST = "2024-05-04T10:00:00+01:00", "2024-05-04T11:00:00+01:00"
PAID = {"financial_status": "paid"}


@pytest.fixture
async def shopify(service: Service) -> Shopify:
    """A shop with ten of each item, and a connector."""
    seller = await service.seller(CUP=10, MUG=10)
    return Shopify(seller, await let_in(seller, "shopify"))


def ships(order: Json) -> dict[str, int]:
    """How many of each item are to be shipped."""
    return {line["sku"]: line["quantity"] - line["cancelled"] for line in order["lines"]}


async def go(service: Service, order: Json, *states: str) -> None:
    """Takes an order through the house, as far as its state says."""
    async with staff_transaction(service.pool) as connection:
        for state in states:
            await connection.execute(
                "update fulfilment_order set state = $2 where order_id = $1", order["id"], state
            )


async def promised(seller: Seller) -> dict[str, int]:
    levels = (await seller.get("/v1/inventory/levels")).json()["items"]
    return {level["sku"]: level["promised"] for level in levels}


async def test_a_part_that_they_have_shipped_already_is_not_shipped_again(
    shopify: Shopify,
) -> None:
    lines = [
        shopify_line(11, "CUP", 2, fulfillable_quantity=0),
        shopify_line(12, "MUG", 3, fulfillable_quantity=1),
    ]
    body = shopify_order(**PAID, fulfillment_status="partial", line_items=lines)
    assert (await shopify.heard("orders/create", body))["did"] == ["placed", "paid"]
    assert ships(await shopify.order()) == {"MUG": 1}


async def test_that_a_part_of_it_has_left_is_no_change_of_its_lines(shopify: Shopify) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    lines = [
        shopify_line(11, "CUP", 2, fulfillable_quantity=0),
        shopify_line(12, "MUG", 3, fulfillable_quantity=3),
    ]
    partly = shopify_order(**PAID, fulfillment_status="partial", line_items=lines, updated_at=LATER)
    came = await shopify.heard("orders/updated", partly)
    assert (came["state"], came["did"]) == ("done", [])
    assert ships(await shopify.order()) == {"CUP": 2, "MUG": 3}


async def test_lines_that_nobody_ships_are_left_out_and_digital_goods_of_ours_are_not(
    shopify: Shopify,
) -> None:
    assert (await shopify.seller.put("/v1/items/GIFT-25", GAME)).status_code in (200, 201)
    filled = {"codes": [{"code": "AAAA-1111"}, {"code": "BBBB-2222"}]}
    done = await shopify.seller.post("/v1/items/GIFT-25/codes", filled)
    assert done.status_code in (200, 201), done.text
    nobody = {"requires_shipping": False}
    lines = [
        shopify_line(11, "CUP", 2),
        shopify_line(12, "WARRANTY", 1, **nobody),
        # A tip has no SKU at all.
        shopify_line(13, "", 1, **nobody),
        shopify_line(14, "gift-25", 1, **nobody),
    ]
    came = await shopify.heard("orders/create", shopify_order(**PAID, line_items=lines))
    assert came["did"] == ["placed", "paid"], came
    assert ships(await shopify.order()) == {"CUP": 2, "GIFT-25": 1}


async def test_an_order_of_which_nothing_is_shipped_is_none_for_us(shopify: Shopify) -> None:
    lines = [shopify_line(13, "", 1, requires_shipping=False)]
    came = await shopify.heard("orders/create", shopify_order(line_items=lines))
    assert (came["state"], came["did"]) == ("done", ["nothing to ship"])
    lines = [shopify_line(13, "WARRANTY", 1, requires_shipping=False)]
    came = await shopify.heard("orders/create", shopify_order(id=8, line_items=lines))
    assert (came["state"], came["did"]) == ("done", ["nothing to ship"])
    assert await shopify.orders() == 0


async def test_a_refused_line_is_named_where_a_sku_is_there_twice(shopify: Shopify) -> None:
    lines = [
        shopify_line(11, "CUP", 1, requires_shipping=False),
        shopify_line(12, "MUG", 1),
        shopify_line(13, "TEAPOT", 1, name="x" * 10_000),
        shopify_line(14, "CUP", 1),
    ]
    came = await shopify.heard("orders/create", shopify_order(line_items=lines))
    assert (came["code"], came["pointer"]) == ("unknown_item", "/line_items/2/sku")
    assert len(came["detail"]) < 400


async def test_a_cancellation_after_the_hand_over_is_refused_with_the_way_back(
    shopify: Shopify, service: Service
) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    order = await shopify.order()
    await go(service, order, "released", "picking", "picked", "sorted", "packed", "handed_over")
    gone = shopify_order(**PAID, cancelled_at=LATER, cancel_reason="customer", updated_at=LATER)
    came = await shopify.heard("orders/cancelled", gone)
    assert (came["state"], came["code"]) == ("refused", "handed_over")
    assert "kind `return`" in came["detail"]
    [event] = await shopify.events("connector.refused")
    assert event["data"]["code"] == "handed_over"
    assert (await shopify.order())["state"] == "accepted"
    # What they tell of it otherwise is heard as before.
    note = await shopify.heard("orders/updated", shopify_order(**PAID, updated_at=LATEST))
    assert note["state"] == "done", note


async def test_cancelled_before_paid_is_never_shipped(shopify: Shopify) -> None:
    gone = shopify_order(cancelled_at=LATER, cancel_reason="customer", updated_at=LATER)
    for topic, body in (
        ("orders/create", shopify_order()),
        ("orders/cancelled", gone),
        ("orders/paid", shopify_order(**PAID)),
        ("orders/paid", gone | PAID | {"updated_at": LATEST}),
    ):
        assert (await shopify.heard(topic, body))["state"] == "done"
    assert (await shopify.order())["state"] == "cancelled"
    assert await promised(shopify.seller) == {"CUP": 0, "MUG": 0}


async def test_updated_before_created_is_one_order_as_the_newest_says(shopify: Shopify) -> None:
    moved = shopify_order(**PAID, updated_at=LATER)
    moved["shipping_address"] = moved["shipping_address"] | {"address1": "5 Elm Street"}
    assert (await shopify.heard("orders/updated", moved))["did"] == ["placed", "paid"]
    for topic in ("orders/create", "orders/paid", "orders/updated"):
        late = await shopify.heard(topic, shopify_order())
        assert (late["state"], late["did"]) == ("done", [])
    order = await shopify.order()
    assert (order["ship_to"]["lines"], order["payment_state"]) == (["5 Elm Street"], "paid")


async def test_lines_that_a_refund_takes_off_go_once_though_no_money_went_back(
    shopify: Shopify,
) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    off = shopify_refund((11, 1), (12, 3))
    changed = shopify_order(**PAID, updated_at=LATER, refunds=[off])
    first = await shopify.heard("orders/updated", changed)
    assert (first["state"], first["did"]) == ("done", ["lines taken out"]), first
    # All of a line is gone, and one of the other is left: the same refund takes no more.
    for body in (changed, changed | {"updated_at": LATEST}):
        assert (await shopify.heard("orders/updated", body))["did"] == []
    order = await shopify.order()
    assert (order["state"], ships(order)) == ("accepted", {"CUP": 1, "MUG": 0})


async def test_lines_that_cannot_be_taken_off_any_more_are_told_however_often_it_is_tried(
    shopify: Shopify, service: Service
) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    await go(service, await shopify.order(), "released", "picking", "picked")
    back = shopify_order(**PAID, refunds=[shopify_refund((12, 3), amount="15.00")])
    came = await shopify.heard("orders/updated", back)
    assert (came["state"], came["did"], came["code"]) == ("refused", ["refunded"], "line_picked")
    again = await shopify.replay(came)
    assert (again["state"], again["did"], again["code"]) == ("refused", [], "line_picked")
    order = await shopify.order()
    assert ships(order) == {"CUP": 2, "MUG": 3}
    assert order["refunded"]["amount_minor"] == 1_500


async def test_a_refund_of_all_lines_is_a_cancellation(shopify: Shopify) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    refund = shopify_refund((11, 2), (12, 3), amount="29.90")
    body = shopify_order(financial_status="refunded", updated_at=LATER, refunds=[refund])
    for _ in range(2):
        assert (await shopify.heard("orders/updated", body))["state"] == "done"
    order = await shopify.order()
    assert (order["state"], order["payment_state"]) == ("cancelled", "refunded")
    assert await promised(shopify.seller) == {"CUP": 0, "MUG": 0}


async def test_a_payment_that_cannot_be_taken_keeps_no_cancellation_back(
    shopify: Shopify,
) -> None:
    await shopify.heard("orders/create", shopify_order())
    gone = shopify_order(
        **PAID, total_price="35.00", cancelled_at=LATER, cancel_reason="fraud", updated_at=LATER
    )
    came = await shopify.heard("orders/cancelled", gone)
    assert (came["did"], came["code"]) == (["cancelled"], "wrong_amount")
    assert (await shopify.order())["state"] == "cancelled"


async def test_a_buyer_s_new_mail_is_followed_and_a_looked_up_place_is_no_new_address(
    shopify: Shopify,
) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    found = shopify_order(**PAID, updated_at=LATER)
    found["shipping_address"] = found["shipping_address"] | {"latitude": 51.8, "longitude": -0.4}
    assert (await shopify.heard("orders/updated", found))["did"] == []
    other = found | {"email": "ada@example.org", "updated_at": LATEST}
    assert (await shopify.heard("orders/updated", other))["did"] == ["contact changed"]
    order = await shopify.order()
    assert (order["customer"]["email"], order["version"]) == ("ada@example.org", 2)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"note": "Leave it with the porter"}, "words_changed"),
        ({"line_items": [shopify_line(11, "CUP", 5)]}, "lines_changed"),
        ({"line_items": [shopify_line(11, "", 5)]}, "sku_missing"),
        ({"shipping_address": None}, "address_missing"),
    ],
)
async def test_a_change_that_is_not_followed_is_told_and_nothing_is_changed(
    shopify: Shopify, changed: Json, code: str
) -> None:
    await shopify.heard("orders/create", shopify_order(**PAID))
    before = await shopify.order()
    came = await shopify.heard("orders/updated", shopify_order(**PAID, updated_at=LATER) | changed)
    assert (came["state"], came["code"]) == ("refused", code)
    assert ships(await shopify.order()) == ships(before)
    assert (await shopify.order())["version"] == before["version"]


async def test_all_that_a_buyer_wrote_is_kept(shopify: Shopify) -> None:
    engraved = [{"name": "Engraving", "value": "Happy birthday " * 100}]
    lines = [shopify_line(11, "CUP", 2, properties=engraved), shopify_line(12, "MUG", 3)]
    body = shopify_order(note="Ring twice", line_items=lines)
    body["note_attributes"] = [{"name": "Delivery", "value": "after 5 pm"}]
    await shopify.heard("orders/create", body)
    text = (await shopify.order())["buyer_note"]["text"]
    assert text.startswith("Ring twice\nDelivery: after 5 pm\nCUP, Engraving: Happy")
    assert text.count("Happy birthday") == 100


async def test_a_note_that_is_too_long_is_refused_and_not_cut(shopify: Shopify) -> None:
    came = await shopify.heard("orders/create", shopify_order(note="x" * 10_001))
    assert (came["code"], came["pointer"]) == ("note_too_long", "/note")
    assert await shopify.orders() == 0
    shorter = shopify_order(note="x" * 10_000, updated_at=LATER)
    assert (await shopify.heard("orders/updated", shorter))["did"] == ["placed"]
    # The first message has nothing left to say.
    assert (await shopify.message(came["id"]))["state"] == "done"


async def test_a_language_is_that_of_the_connector_where_the_message_says_none(
    service: Service,
) -> None:
    seller = await service.seller(CUP=10, MUG=10)
    chinese = Shopify(seller, await let_in(seller, "shopify", language="zh"))
    await chinese.heard("orders/create", shopify_order())
    assert (await chinese.order())["language"] == "zh"


async def test_a_delivery_that_is_sent_again_is_one_and_another_of_that_name_is_not_lost(
    shopify: Shopify,
) -> None:
    first = await shopify.heard("orders/create", shopify_order(), "same")
    again = await shopify.heard("orders/create", shopify_order(), "same")
    assert again["id"] == first["id"] and len(await shopify.messages()) == 1
    other = shopify_order(id=6, name="#1002")
    assert (await shopify.heard("orders/create", other, "same"))["did"] == ["placed"]
    assert await shopify.orders() == 2


async def test_who_holds_a_message_and_no_secret_can_do_nothing_with_it(shopify: Shopify) -> None:
    body = shopify_order(**PAID)
    signed = signature(shopify.secret, json.dumps(body).encode())
    assert (await shopify.send("orders/create", body)).status_code == 200
    # Sent again under another name it is the same order; changed, it is not signed.
    assert (await shopify.send("orders/create", body)).status_code == 200
    forged = body | {"id": 6, "name": "#1002"}
    for headers in (
        {"X-Shopify-Hmac-Sha256": signed},
        {"X-Shopify-Hmac-Sha256": ""},
        {"X-Shopify-Hmac-Sha256": signature("another secret", json.dumps(forged).encode())},
        {"X-Shopify-Hmac-Sha256": "\\u00e9"},
    ):
        is_problem(await shopify.send("orders/create", forged, **headers), 401, "wrong_signature")
    assert await shopify.orders() == 1


@pytest.mark.parametrize("mail", ["\ud800@example.com", "a\x00b@example.com", "x" * 100_000])
async def test_a_mail_that_is_none_is_refused_and_no_fault_of_ours(
    shopify: Shopify, mail: str
) -> None:
    came = await shopify.heard("orders/create", shopify_order(email=mail))
    assert came["state"] == "refused" and came["code"] in ("not_understood", "invalid_order")


async def test_an_order_that_goods_came_for_is_placed_by_their_next_message(
    shopify: Shopify, service: Service
) -> None:
    lines = [shopify_line(11, "CUP", 12)]
    first = await shopify.heard("orders/create", shopify_order(**PAID, line_items=lines))
    assert (first["code"], first["pointer"]) == ("not_available", "/line_items/0/quantity")
    await builders.add_stock(service.pool, shopify.seller.shop, "CUP", bin0=5)
    next_one = shopify_order(**PAID, line_items=lines, updated_at=LATER)
    assert (await shopify.heard("orders/updated", next_one))["did"] == ["placed", "paid"]
    assert (await shopify.message(first["id"]))["state"] == "done"


async def test_a_refusal_is_told_once_and_its_job_leaves_it_alone(
    shopify: Shopify, service: Service
) -> None:
    unknown = shopify_order(line_items=[shopify_line(11, "TEAPOT", 1)])
    came = await shopify.heard("orders/create", unknown)
    house = service.app.state.house
    assert await carry_out_message(house, came["id"], refused_too=False) is None
    assert (await shopify.message(came["id"]))["attempts"] == 1
    assert (await shopify.replay(came))["code"] == "unknown_item"
    assert len(await shopify.events("connector.refused")) == 1
    # Another message about it is refused for itself, and the first is not told again.
    await shopify.heard("orders/updated", unknown | {"updated_at": LATER})
    assert len(await shopify.events("connector.refused")) == 2
