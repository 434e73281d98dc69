"""Wherever a text comes in, a card number in it is refused and nothing of it is kept."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.api.buyer.held import doubtful, send
from tests.api.connectors.platform import Shopify, let_in, shopify_order
from tests.api.orders.test_sheet import line, sent
from tests.api.service import Json, Seller, Service, is_problem, order_body, unique
from wms.database.pool import staff_transaction

CARD = "4111 1111 1111 1111"
WORDS = f"charged {CARD}"
ADDRESS = {"name": "Ada Merton", "lines": ["12 Mill Lane"], "city": "Luton", "country": "GB"}
MUG = {"name": "Mug", "width_mm": 50, "depth_mm": 50, "height_mm": 50, "mass_g": 100}
POTTERY = {"currency": "GBP", "lead_time_days": 12, "tolerance_percent": 5}
DAY = {
    "starts_at": datetime(2030, 1, 1, tzinfo=UTC).isoformat(),
    "ends_at": (datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=1)).isoformat(),
}


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/handoffs", {"words": WORDS}, "/words"),
        ("/v1/addresses/validate", ADDRESS | {"lines": [CARD]}, "/lines/0"),
        ("/v1/digital-deliveries/1/revoke", {"reason": WORDS}, "/reason"),
        (
            "/v1/inbound-shipments",
            {"kind": "return", "reference": WORDS, "lines": [{"sku": "CUP", "quantity": 1}]},
            "/reference",
        ),
    ],
)
async def test_what_a_shop_posts_holds_no_card(
    service: Service, seller: Seller, path: str, body: Json, pointer: str
) -> None:
    key = unique("key")
    answer = await seller.post(path, body, key)
    is_problem(answer, 422, "card_data", pointer)
    assert "1111" not in answer.text
    async with staff_transaction(service.pool) as connection:
        kept = "select count(*) from command where id = $1"
        assert await connection.fetchval(kept, key) == 0


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/items/MUG", MUG | {"name": WORDS}, "/name"),
        ("/v1/suppliers/POT", POTTERY | {"name": WORDS}, "/name"),
        ("/v1/promotions/MAY", DAY | {"name": WORDS, "items": [{"sku": "CUP"}]}, "/name"),
        ("/v1/shops/current", {"channel": "", "neutral_sender": CARD}, "/neutral_sender"),
        ("/v1/shop/notices", {"kinds": [], "sender_name": CARD}, "/sender_name"),
    ],
)
async def test_what_a_shop_puts_holds_no_card(
    seller: Seller, path: str, body: Json, pointer: str
) -> None:
    is_problem(await seller.put(path, body), 422, "card_data", pointer)


async def test_what_is_said_to_a_ticket_holds_no_card(seller: Seller) -> None:
    ticket = (await seller.post("/v1/handoffs", {"words": "A cup is broken."})).json()
    for verb in ("words", "close"):
        answer = await seller.post(f"/v1/handoffs/{ticket['id']}/{verb}", {"words": WORDS})
        is_problem(answer, 422, "card_data", "/words")
    assert len((await seller.get(f"/v1/handoffs/{ticket['id']}")).json()["notes"]) == 1


async def test_a_bar_code_and_a_shop_s_own_number_are_no_card(seller: Seller) -> None:
    # A GTIN-14 and a number of a shipment that pass a card's check digit.
    entered = await seller.put("/v1/items/MUG", MUG | {"barcodes": ["4006381333931"]})
    assert entered.status_code in (200, 201), entered.text
    said = {"reference": "4000002026123108", "lines": [{"sku": "CUP", "quantity": 1}]}
    announced = await seller.post("/v1/inbound-shipments", {"kind": "asn"} | said)
    assert "card_data" not in announced.text


async def test_a_file_of_orders_names_the_line_with_the_card(seller: Seller) -> None:
    came = await sent(seller, line("A-1"), line("A-2", address=CARD))
    assert [(one["result"], one["code"]) for one in came["lines"]] == [
        ("accepted", None),
        ("refused", "card_data"),
    ]
    assert "1111" not in str(came)
    assert len((await seller.get("/v1/orders")).json()["items"]) == 1


async def test_a_buyer_s_page_takes_no_card(service: Service, seller: Seller) -> None:
    order, path = await doubtful(seller)
    for field in ("lines", "city"):
        answer = await send(service, path, **{field: CARD})
        assert answer.status_code == 422
        assert 'class="field wrong"' in answer.text
    body = {"order_id": order["id"]}
    link = (await seller.post("/v1/handoffs/links", body)).json()["link"]
    asked = await service.client.post(urlsplit(link).path, data={"words": WORDS})
    assert asked.status_code == 422
    assert "card number" in asked.text
    assert (await seller.get("/v1/handoffs")).json()["items"] == []


async def test_another_shop_system_s_card_is_refused_and_not_kept(
    service: Service, seller: Seller
) -> None:
    shopify = Shopify(seller, await let_in(seller, "shopify"))
    told = await shopify.heard("orders/create", shopify_order(note=WORDS))
    assert (told["state"], told["code"]) == ("refused", "card_data")
    async with staff_transaction(service.pool) as connection:
        kept = "select count(*) from connector_delivery where body is not null"
        assert await connection.fetchval(kept) == 0
    assert (await seller.get("/v1/orders")).json()["items"] == []


async def test_an_order_s_texts_hold_no_card(seller: Seller) -> None:
    for changed, pointer in (
        ({"gift_message": WORDS}, "/gift_message"),
        ({"buyer_note": WORDS}, "/buyer_note"),
    ):
        answer = await seller.post("/v1/orders", order_body(("CUP", 1), **changed))
        is_problem(answer, 422, "card_data", pointer)
