"""Digital goods at the API: what a shop puts into its vault, and what was sent of it."""

from typing import Any

import pytest

from api.wiring import House
from tests.api.digital.maker import asked, bought, seller_of
from tests.api.service import Service, is_problem, unique


async def test_codes_are_uploaded_counted_and_never_shown(service: Service) -> None:
    seller = await seller_of(service, "A-1", "A-2")
    body = {"codes": [{"code": "A-2"}, {"code": "A-3", "valid_until": "2099-01-01T00:00:00Z"}]}
    answer = await seller.post("/v1/items/game/codes", body)
    said = answer.json()
    assert (said["added"], said["free"]) == (1, 3)
    assert [(one["pointer"], one["code"]) for one in said["refused"]] == [
        ("/codes/0", "duplicate_code")
    ]
    view = await seller.get("/v1/items/GAME/codes")
    assert view.json() == {
        "sku": "GAME", "kind": "code", "free": 3, "assigned": 0, "revoked": 0, "expired": 0,
        "generator_url": None, "quota": None,
    }  # fmt: skip
    assert "A-1" not in view.text + answer.text


async def test_an_upload_is_repeated_by_its_key(service: Service) -> None:
    seller = await seller_of(service)
    key, body = unique("codes"), {"codes": [{"code": "X"}]}
    first = await seller.post("/v1/items/GAME/codes", body, key)
    again = await seller.post("/v1/items/GAME/codes", body, key)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await seller.post("/v1/items/GAME/codes", {"codes": [{"code": "Y"}]}, key)
    is_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"codes": []},
        {"codes": [{"code": "A", "price": 1}]},
        {"codes": [{"code": "A\x00B"}]},
        {"codes": [{"code": "A", "valid_until": "tomorrow"}]},
    ],
)
async def test_what_is_no_upload_is_refused(service: Service, body: dict[str, Any]) -> None:
    seller = await seller_of(service)
    assert (await seller.post("/v1/items/GAME/codes", body)).status_code == 422


async def test_what_has_no_vault_says_so(service: Service) -> None:
    seller, other = await seller_of(service, "A"), await service.seller()
    body = {"codes": [{"code": "A"}]}
    is_problem(await seller.post("/v1/items/MUG/codes", body), 409, "not_digital")
    is_problem(await other.post("/v1/items/GAME/codes", body), 404, "unknown_item")
    is_problem(await other.get("/v1/items/GAME/codes"), 404, "unknown_item")


async def test_a_delivery_is_seen_sent_again_and_revoked(service: Service, house: House) -> None:
    seller, other = await seller_of(service, "A-1"), await service.seller()
    order = await bought(seller)
    assert await asked(service.pool, house, order) == []
    listed = await seller.get(f"/v1/orders/{order['id']}/digital-deliveries")
    [view] = listed.json()["items"]
    assert (view["state"], view["sku"], view["sent_times"]) == ("delivered", "GAME", 1)
    assert "A-1" not in listed.text
    path = f"/v1/digital-deliveries/{view['id']}"
    assert (await seller.get(path)).json() == view
    again = await seller.post(f"{path}/resend", {"email": "ada@new.example"})
    assert (again.status_code, again.json()["sent_times"]) == (202, 2)
    notices = (await seller.get(f"/v1/orders/{order['id']}/notices")).json()["items"]
    assert [one["to"] for one in notices] == ["ada@merton.example", "ada@new.example"]
    is_problem(
        await seller.post(f"{path}/resend", {"email": "nobody"}), 422, "bad_mail_address", "/email"
    )
    revoked = await seller.post(f"{path}/revoke", {"reason": "charged back"})
    assert revoked.json()["state"] == "revoked"
    is_problem(await seller.post(f"{path}/resend", {}), 409, "wrong_state")
    for answer in (
        await other.get(path),
        await other.post(f"{path}/resend", {}),
        await other.post(f"{path}/revoke", {"reason": "x"}),
    ):
        is_problem(answer, 404, "unknown_delivery")
    is_problem(await other.get(f"/v1/orders/{order['id']}/notices"), 404, "unknown_order")


async def test_news_are_switched_on_by_kind(service: Service) -> None:
    seller = await service.seller()
    assert (await seller.get("/v1/shop/notices")).json() == {
        "kinds": [], "sender_name": "", "reply_to": ""
    }  # fmt: skip
    choice = {"kinds": ["shipped", "delivered"], "sender_name": "Mugs", "reply_to": "a@b.example"}
    assert (await seller.put("/v1/shop/notices", choice)).json() == choice
    assert (await seller.get("/v1/shop/notices")).json() == choice
    assert (await seller.put("/v1/shop/notices", {"kinds": ["digital"]})).status_code == 422
    is_problem(
        await seller.put("/v1/shop/notices", choice | {"reply_to": "x"}),
        422, "bad_mail_address", "/reply_to",
    )  # fmt: skip
