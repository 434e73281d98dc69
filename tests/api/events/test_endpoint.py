"""A shop's webhook endpoints: entered, shown, changed, tried out, given new secrets, forgotten."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.dispatch.sender import Sender, open_sender
from api.settings import Settings
from tests.api.dispatch.receiver import ClockHouse, Heard, listening, settle
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.builders import NOW
from tests.key import KEYSET
from wms.database.pool import staff_transaction
from wms.outbox import commands as outbox
from wms.outbox.endpoint_commands import ENDPOINTS_MAX

URL = "https://shop.example/hooks"


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller()


@pytest.fixture
def house(service: Service) -> ClockHouse:
    """A house whose webhooks may go to this machine, with a clock of the test's own."""
    return ClockHouse(Settings(webhook_private="yes"), service.pool, random.Random(1), KEYSET)


@pytest.fixture
async def sender(house: ClockHouse) -> AsyncIterator[Sender]:
    async with open_sender(house) as sender:
        yield sender


async def entered(seller: Seller, url: str = URL, *types: str) -> Json:
    answer = await seller.post("/v1/webhook-endpoints", {"url": url, "types": types or ("*",)})
    assert answer.status_code == 201, answer.text
    body: Json = answer.json()
    return body


async def happens(service: Service, seller: Seller) -> None:
    """Something that every endpoint of the shop hears of."""
    async with staff_transaction(service.pool) as connection:
        await outbox.emit(
            connection, seller.shop.tenant_id, "a", unique("x/1"), None, {}, "test", NOW
        )


def path(endpoint: Json, *more: str) -> str:
    return "/".join(("/v1/webhook-endpoints", str(endpoint["id"]), *more))


async def shown(seller: Seller, endpoint: Json) -> Json:
    answer = await seller.get(path(endpoint))
    assert answer.status_code == 200
    body: Json = answer.json()
    return body


async def patch(service: Service, seller: Seller, endpoint: Json, **change: object) -> Json:
    answer = await service.client.patch(path(endpoint), json=change, headers=bearer(seller.key))
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


async def test_endpoints_are_listed_and_their_secrets_are_not(seller: Seller) -> None:
    first, second = await entered(seller), await entered(seller, URL, "order.paid")
    one = (await seller.get("/v1/webhook-endpoints", limit=1)).json()
    rest = (await seller.get("/v1/webhook-endpoints", after=one["next"])).json()
    assert [row["id"] for row in one["items"] + rest["items"]] == [first["id"], second["id"]]
    assert rest["next"] is None
    assert all("secret" not in row for row in one["items"] + rest["items"])
    found = await shown(seller, second)
    assert (found["url"], found["types"], found["active"]) == (URL, ["order.paid"], True)
    assert found["disabled_reason"] is None


async def test_an_endpoint_is_changed_and_keeps_what_is_not_named(
    service: Service, seller: Seller
) -> None:
    endpoint = await entered(seller)
    changed = await patch(service, seller, endpoint, types=["order.paid"])
    assert (changed["url"], changed["types"]) == (URL, ["order.paid"])
    changed = await patch(service, seller, endpoint, url=f"{URL}/2")
    assert (changed["url"], changed["types"]) == (f"{URL}/2", ["order.paid"])
    wrong: list[Json] = [{}, {"secret": "x"}, {"types": []}, {"active": "perhaps"}]
    for nonsense in wrong:
        answer = await service.client.patch(
            path(endpoint), json=nonsense, headers=bearer(seller.key)
        )
        assert answer.status_code == 422


async def test_a_disabled_endpoint_hears_nothing_until_it_is_active_again(
    service: Service, seller: Seller
) -> None:
    endpoint = await entered(seller)
    await happens(service, seller)
    found = await patch(service, seller, endpoint, active=False)
    assert not found["active"] and found["disabled_at"] is not None
    assert found["disabled_reason"] == "disabled by the shop"
    await happens(service, seller)
    deliveries = (await seller.get(path(endpoint, "deliveries"))).json()["items"]
    assert [row["state"] for row in deliveries] == ["dead"]
    found = await patch(service, seller, endpoint, active=True)
    assert (found["active"], found["disabled_at"], found["disabled_reason"]) == (True, None, None)
    await happens(service, seller)
    deliveries = (await seller.get(path(endpoint, "deliveries"))).json()["items"]
    assert [row["state"] for row in deliveries] == ["waiting", "dead"]


async def test_a_forgotten_endpoint_is_not_there_and_hears_nothing(
    service: Service, seller: Seller, sender: Sender
) -> None:
    async with listening() as receiver:
        endpoint = await entered(seller, receiver.url)
        await happens(service, seller)
        answer = await service.client.delete(path(endpoint), headers=bearer(seller.key))
        assert answer.status_code == 204
        is_problem(await seller.get(path(endpoint)), 404, "endpoint_not_found")
        answer = await service.client.delete(path(endpoint), headers=bearer(seller.key))
        is_problem(answer, 404, "endpoint_not_found")
        await settle(sender)
    assert receiver.heard == []


async def test_a_shop_has_so_many_endpoints_at_most(seller: Seller) -> None:
    for number in range(ENDPOINTS_MAX):
        await entered(seller, f"{URL}/{number}")
    answer = await seller.post("/v1/webhook-endpoints", {"url": URL})
    is_problem(answer, 422, "too_many_endpoints")


async def test_another_shop_s_endpoint_is_not_there(service: Service, seller: Seller) -> None:
    endpoint = await entered(seller)
    for other in (await service.seller(), await service.sibling(seller)):
        is_problem(await other.get(path(endpoint)), 404, "endpoint_not_found")
        for way in ("deliveries", "deliveries/1"):
            is_problem(await other.get(path(endpoint, way)), 404, "endpoint_not_found")
        since: Json = {"since": "2010-12-01T08:00:00+00:00"}
        for way in ("test", "secret", "replay", "deliveries/1/replay"):
            body = since if way == "replay" else {}
            is_problem(await other.post(path(endpoint, way), body), 404, "endpoint_not_found")
        headers = bearer(other.key)
        answer = await service.client.patch(path(endpoint), json={"active": False}, headers=headers)
        is_problem(answer, 404, "endpoint_not_found")
        answer = await service.client.delete(path(endpoint), headers=headers)
        is_problem(answer, 404, "endpoint_not_found")
    assert (await shown(seller, endpoint))["active"]


async def test_a_sample_comes_signed_as_a_real_one_and_says_that_it_is_none(
    seller: Seller, sender: Sender
) -> None:
    async with listening() as receiver:
        endpoint = await entered(seller, receiver.url, "order.paid")
        answer = await seller.post(path(endpoint, "test"), {"type": "order.handed_over"})
        assert answer.status_code == 202
        await settle(sender)
    (one,) = receiver.heard
    assert one.verified(endpoint["secret"]) == one.data
    assert (one.data["type"], one.data["test"]) == ("order.handed_over", True)
    number = str(answer.json()["delivery_id"])
    delivery = (await seller.get(path(endpoint, "deliveries", number))).json()
    assert (delivery["state"], delivery["test"], delivery["last_status"]) == (
        "delivered", True, 204,
    )  # fmt: skip
    assert delivery["payload"] == one.data
    assert all(
        event["type"] != "order.handed_over"
        for event in (await seller.get("/v1/events")).json()["items"]
    )


async def test_a_sample_needs_no_body(seller: Seller) -> None:
    endpoint = await entered(seller)
    answer = await seller.client.post(
        path(endpoint, "test"), headers=bearer(seller.key) | {"Idempotency-Key": "sample"}
    )
    assert answer.status_code == 202


def signed_by(one: Heard, secret: str) -> bool:
    """Whether one of the signatures is by this secret, whatever the clock says."""
    at = datetime.fromtimestamp(int(one.headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(one.headers["webhook-id"], at, one.text)
    return signature in one.headers["webhook-signature"].split(" ")


async def test_both_secrets_sign_until_the_overlap_is_over(
    seller: Seller, house: ClockHouse, sender: Sender
) -> None:
    async with listening() as receiver:
        endpoint = await entered(seller, receiver.url)
        answer = await seller.post(path(endpoint, "secret"), {"overlap_s": 3_600})
        assert answer.status_code == 200
        new, old = answer.json()["secret"], endpoint["secret"]
        assert new != old
        assert (await shown(seller, endpoint))["old_secret_until"] is not None
        await seller.post(path(endpoint, "test"), {})
        await settle(sender)
        house.pass_time(minutes=61)
        await seller.post(path(endpoint, "test"), {})
        await settle(sender)
    during, after = receiver.heard
    assert during.verified(new) == during.verified(old) == during.data
    assert signed_by(after, new) and not signed_by(after, old)


async def test_a_secret_that_got_out_can_be_dropped_at_once(seller: Seller, sender: Sender) -> None:
    async with listening() as receiver:
        endpoint = await entered(seller, receiver.url)
        new = (await seller.post(path(endpoint, "secret"), {"overlap_s": 0})).json()["secret"]
        await seller.post(path(endpoint, "test"), {})
        await settle(sender)
    (one,) = receiver.heard
    assert one.verified(new) == one.data
    with pytest.raises(WebhookVerificationError):
        one.verified(endpoint["secret"])


async def test_a_secret_is_changed_once_for_a_key(seller: Seller) -> None:
    endpoint = await entered(seller)
    first = await seller.post(path(endpoint, "secret"), {}, "the same")
    again = await seller.post(path(endpoint, "secret"), {}, "the same")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hooks",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://user:secret@shop.example/",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
async def test_where_it_is_not_allowed_no_endpoint_is_our_own_house(
    service: Service, seller: Seller, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    strict = ClockHouse(Settings(), service.pool, random.Random(1), KEYSET)
    endpoint = await entered(seller)
    monkeypatch.setattr(service.app.state, "house", strict)
    answer = await seller.post("/v1/webhook-endpoints", {"url": url})
    is_problem(answer, 422, "bad_url", "/url")
    answer = await service.client.patch(
        path(endpoint), json={"url": url}, headers=bearer(seller.key)
    )
    is_problem(answer, 422, "bad_url", "/url")
