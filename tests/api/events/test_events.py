"""Events to catch up with, and the endpoints that hear of them."""

import asyncio

import pytest

from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.builders import NOW
from tests.patience import PATIENCE_S
from wms.database.pool import act_as_shop, open_connection, shop_transaction
from wms.outbox import commands as outbox


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=100)


async def read(seller: Seller, after: str = "", until: int = 0) -> tuple[list[Json], str]:
    """Every event past a cursor, by small pages, and the last cursor.

    Asks on until there are so many: an event waits for transactions that began before it, and
    other tests on the same server have some.
    """
    found: list[Json] = []
    async with asyncio.timeout(PATIENCE_S):
        while True:
            page = (await seller.get("/v1/events", after=after, limit=2)).json()
            after = page["next"]
            found += page["items"]
            if not page["items"] and len(found) >= until:
                return found, after


async def test_pages_show_every_event_once_and_in_order(seller: Seller) -> None:
    orders = [await seller.pay(await seller.order(("CUP", 1))) for _ in range(3)]
    events, after = await read(seller, until=6)
    expected = [
        (kind, order["id"]) for order in orders for kind in ("order.accepted", "order.paid")
    ]
    assert [(event["type"], event["order_id"]) for event in events] == expected
    assert len({event["cursor"] for event in events}) == len(events)
    assert await read(seller, after) == ([], after)
    later, _ = await read(seller, events[3]["cursor"])
    assert later == events[4:]


async def test_an_event_that_is_committed_late_is_not_skipped(
    database: str, seller: Seller
) -> None:
    tenant_id = seller.shop.tenant_id
    first = await open_connection(database, application="test")
    second = await open_connection(database, application="test")
    try:
        async with first.transaction():
            await act_as_shop(first, tenant_id)
            await first.execute("select pg_current_xact_id()")
            late = second.transaction()
            await late.start()
            await act_as_shop(second, tenant_id)
            await outbox.emit(second, tenant_id, "drawn.first", "x/1", None, {}, "test", NOW)
            await outbox.emit(first, tenant_id, "drawn.second", "x/2", None, {}, "test", NOW)
        seen, after = await read(seller)
        await late.commit()
    finally:
        await first.close()
        await second.close()
    rest, _ = await read(seller, after, until=2 - len(seen))
    assert sorted(event["type"] for event in seen + rest) == ["drawn.first", "drawn.second"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/hook",
        "shop.example/hook",
        "http://",
        "http:///hook",
        "http://shop.example:99999/",
        "http://shop example/",
        "http://[::1/",
        "http://a..b/",
    ],
)
async def test_an_address_that_nobody_can_call_is_refused(seller: Seller, url: str) -> None:
    answer = await seller.post("/v1/webhook-endpoints", {"url": url, "types": ["*"]})
    is_problem(answer, 422, "bad_url", "/url")


async def test_an_endpoint_is_entered_once_for_a_key(service: Service, seller: Seller) -> None:
    key, body = unique("key"), {"url": "https://shop.example/hook", "types": ["order.accepted"]}
    first = await seller.post("/v1/webhook-endpoints", body, key)
    assert first.status_code == 201
    assert first.json()["secret"].startswith("whsec_")
    again = await seller.post("/v1/webhook-endpoints", body, key)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    async with shop_transaction(service.pool, seller.shop.tenant_id) as connection:
        assert await connection.fetchval("select count(*) from webhook_endpoint") == 1
    other = await seller.post("/v1/webhook-endpoints", body | {"types": ["*"]}, key)
    is_problem(other, 422, "idempotency_key_reused")


async def test_an_endpoint_hears_what_it_asked_for_of_its_own_shop(
    service: Service, seller: Seller
) -> None:
    sibling = await service.sibling(seller)
    for one, types in ((seller, ["order.paid"]), (sibling, ["*"])):
        body = {"url": "https://shop.example/hook", "types": types}
        assert (await one.post("/v1/webhook-endpoints", body)).status_code == 201
    order = await seller.pay(await seller.order(("CUP", 1)))
    async with shop_transaction(service.pool, seller.shop.tenant_id) as connection:
        rows = await connection.fetch("select payload from outbox order by id")
    (payload,) = [row["payload"] for row in rows]
    assert payload["type"] == "order.paid"
    assert payload["data"]["order_id"] == order["id"]


async def test_events_are_chosen_by_type_and_by_subject(seller: Seller) -> None:
    orders = [await seller.pay(await seller.order(("CUP", 1))) for _ in range(2)]
    await read(seller, until=4)
    paid = (await seller.get("/v1/events", type="order.paid")).json()
    assert [event["order_id"] for event in paid["items"]] == [order["id"] for order in orders]
    subject = f"order/{orders[0]['id']}"
    of_one = (await seller.get("/v1/events", subject=subject)).json()
    told = [(event["type"], event["sequence"]) for event in of_one["items"]]
    assert told == [("order.accepted", 1), ("order.paid", 2)]
    assert of_one["kept_days"] is None
    nothing = (await seller.get("/v1/events", type="no.such")).json()
    assert nothing["items"] == []
    assert (await seller.get("/v1/events", after=nothing["next"])).json()["items"] == []
    both = await seller.client.get(
        "/v1/events",
        params=[("type", "order.paid"), ("type", "order.accepted")],
        headers=bearer(seller.key),
    )
    assert len(both.json()["items"]) == 4
