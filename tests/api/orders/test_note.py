"""What a buyer wrote goes with the order, sealed, until its buyer is forgotten."""

import pytest

from api.orders.view_messages import OrderView
from tests import builders
from tests.api.service import Json, Seller, Service, order_body, unique

NOTE = "Ring at Merton's, not at the <b>shop</b>"


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=10)


async def _placed(seller: Seller, **changed: object) -> Json:
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), **changed))
    assert answer.status_code == 201, answer.text
    body: Json = answer.json()
    OrderView.model_validate(body)
    return body


async def test_a_buyer_s_note_is_kept_sealed_and_shown_to_its_shop(
    service: Service, seller: Seller
) -> None:
    order = await _placed(seller, buyer_note=NOTE)
    assert order["buyer_note"] == {"text": NOTE}
    read = (await seller.get(f"/v1/orders/{order['id']}")).json()
    assert read["buyer_note"] == {"text": NOTE}
    for kept in (
        "select buyer_note::text as said from shop_order where buyer_note is not null",
        "select response::text as said from command where response ? 'buyer_note'",
    ):
        said = [row["said"] for row in await builders.rows(service.pool, kept)]
        assert said
        assert not any("Merton" in one for one in said)


async def test_an_order_without_a_note_has_none(seller: Seller) -> None:
    assert (await _placed(seller))["buyer_note"] is None
    assert (await _placed(seller, buyer_note=""))["buyer_note"] is None


async def test_a_note_is_forgotten_with_its_buyer(service: Service, seller: Seller) -> None:
    mail = f"{unique('ada')}@example.com"
    order = await _placed(seller, buyer_note=NOTE, customer={"name": "Ada", "email": mail})
    path = f"/v1/orders/{order['id']}"
    await seller.post(f"{path}/cancellation-requests", {"reason": "no"})
    exported = (await seller.post("/v1/privacy/exports", {"email": mail})).json()
    assert NOTE in str(exported)
    erased = await seller.post("/v1/privacy/erasures", {"email": mail})
    assert erased.status_code == 200, erased.text
    read = (await seller.get(path)).json()
    OrderView.model_validate(read)
    assert "Merton" not in str(read)
    query = "select strpos(buyer_note::text, '{\"~') from shop_order where id = $1"
    assert await builders.value(service.pool, query, order["id"]) == 0
