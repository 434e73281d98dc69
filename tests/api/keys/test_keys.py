"""A shop's keys: two at most, changed without a gap, each for what it names."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests import builders
from tests.api.service import (
    Seller,
    Service,
    bearer,
    is_problem,
    order_body,
    payment_of,
    unique,
)
from wms.database.pool import staff_transaction
from wms.journey.buyer.news import tell_buyers
from wms.journey.order.waybill import prepare_waybills
from wms.journey.shop import key as keys
from wms.tenants import commands as tenants


async def made(seller: Seller, **body: object) -> dict[str, Any]:
    answer = await seller.post("/v1/keys", body)
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key


async def delete(service: Service, key: str, prefix: str) -> Any:
    return await service.client.delete(f"/v1/keys/{prefix}", headers=bearer(key))


async def test_a_key_is_changed_for_another_without_a_gap(service: Service) -> None:
    seller = await service.seller(CUP=9)
    old = seller.key.split("_")[1]
    new = await made(seller)
    after = Seller(service.client, seller.shop, new["key"], service.pool)
    for key in (seller, after):
        assert (await key.post("/v1/orders", order_body(("CUP", 1)))).status_code == 201
    assert (await delete(service, new["key"], old)).status_code == 204
    service.app.state.house.keys._known.clear()
    is_problem(await seller.get("/v1/orders"), 401, "unknown_key")
    assert (await after.get("/v1/orders")).status_code == 200
    listed = (await after.get("/v1/keys")).json()["items"]
    assert [(key["prefix"], key["current"], key["revoked_at"] is None) for key in listed][-2:] == [
        (old, False, False),
        (new["prefix"], True, True),
    ]
    assert seller.key not in str(listed) and new["key"] not in str(listed)


async def test_a_shop_has_two_keys_and_two_of_its_sandbox(service: Service) -> None:
    seller = await service.seller()
    await made(seller)
    for sandbox in (False, True):
        if sandbox:
            await made(seller, sandbox=True)
            await made(seller, sandbox=True)
        third = await seller.post("/v1/keys", {"sandbox": sandbox})
        problem = is_problem(third, 409, "too_many_keys")
        assert "revoke" in problem.detail.lower()
    with pytest.raises(Exception, match="stowline key revoke"):
        await service.key_of(seller.shop)


async def test_of_twenty_keys_that_are_asked_for_at_once_one_is_made(service: Service) -> None:
    seller = await service.seller()
    answers = await asyncio.gather(*(seller.post("/v1/keys", {}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def test_a_repeat_gets_the_same_key_and_no_key_is_kept_readable(service: Service) -> None:
    seller = await service.seller()
    first = await seller.post("/v1/keys", {}, "again")
    second = await seller.post("/v1/keys", {}, "again")
    assert first.json() == second.json() and second.headers["idempotent-replayed"] == "true"
    secret = first.json()["key"].split("_", 2)[2]
    # What the server itself keeps, without our keys to open it.
    connection = await asyncpg.connect(service.app.state.house.settings.database_url)
    try:
        for table in ("api_key", "command", "event", "outbox"):
            rows = await connection.fetch(f"select t::text from {table} t")
            assert not [row for row in rows if secret in row[0]], table
    finally:
        await connection.close()


async def test_a_key_opens_what_its_scopes_name_and_says_which_one_is_wanted(
    service: Service,
) -> None:
    seller = await service.seller(CUP=3)
    narrow = await made(seller, scopes=["orders:write"])
    key = Seller(service.client, seller.shop, narrow["key"], service.pool)
    assert (await key.post("/v1/orders", order_body(("CUP", 1)))).status_code == 201
    assert (await key.get("/v1/orders")).status_code == 200
    for path, scope in (
        ("/v1/items", "items:read"),
        ("/v1/inventory/levels", "inventory:read"),
        ("/v1/events", "events:read"),
        ("/v1/webhook-endpoints", "webhooks:read"),
        ("/v1/keys", "keys:read"),
    ):
        assert f"`{scope}`" in is_problem(await key.get(path), 403, "wrong_scope").detail
    assert "`keys:write`" in is_problem(await key.post("/v1/keys", {}), 403, "wrong_scope").detail


async def test_a_key_gives_no_more_than_it_has(service: Service) -> None:
    seller = await service.seller()
    narrow = await made(seller, scopes=["keys:write", "orders:read"])
    key = Seller(service.client, seller.shop, narrow["key"], service.pool)
    assert (await delete(service, key.key, seller.key.split("_")[1])).status_code == 204
    for wider in ([], ["orders:write"], ["carrier"], ["keys:write", "items:read"]):
        is_problem(await key.post("/v1/keys", {"scopes": wider}), 422, "scope_too_wide", "/scopes")
    is_problem(await key.post("/v1/keys", {"scopes": ["all"]}), 422, "unknown_scope")
    assert set((await made(key))["scopes"]) == {"keys:write", "orders:read"}


async def test_a_sandbox_key_makes_sees_and_revokes_those_of_the_sandbox_only(
    service: Service,
) -> None:
    seller = await service.seller(CUP=1)
    sandbox = Seller(
        service.client, seller.shop, (await made(seller, sandbox=True))["key"], service.pool
    )
    is_problem(await sandbox.post("/v1/keys", {"sandbox": False}), 422, "sandbox_key", "/sandbox")
    assert (await made(sandbox))["sandbox"]
    assert all(key["sandbox"] for key in (await sandbox.get("/v1/keys")).json()["items"])
    live = seller.key.split("_")[1]
    is_problem(await delete(service, sandbox.key, live), 404, "key_not_found")
    order = await sandbox.post("/v1/orders", order_body(("CUP", 1)))
    assert order.json()["sandbox"]
    assert await builders.availability(service.pool, seller.shop, "CUP") == (1, 0)


async def test_a_sandbox_key_neither_sees_nor_touches_live_orders(service: Service) -> None:
    """A program that is being written pays, cancels or forgets nothing that is real."""
    seller = await service.seller(CUP=9)
    made_key = (await made(seller, sandbox=True))["key"]
    trying = Seller(service.client, seller.shop, made_key, service.pool)
    mail = f"{unique('ada')}@example.com"
    customer = {"name": "Ada", "email": mail}
    live = (await seller.post("/v1/orders", order_body(("CUP", 1), customer=customer))).json()
    path = f"/v1/orders/{live['id']}"
    is_problem(await trying.get(path), 404, "unknown_order")
    for part, body in (
        ("payments", payment_of(live)),
        ("cancellation-requests", {"reason": "a test"}),
        ("holds", {"reason": "a test"}),
        ("edits", {"service": "express", "reason": "a test"}),
    ):
        is_problem(await trying.post(f"{path}/{part}", body), 404, "unknown_order")
    number = live["fulfilment_orders"][0]["id"]
    split = await trying.post(f"/v1/fulfilment-orders/{number}/split", {"lines": []})
    is_problem(split, 404, "unknown_fulfilment_order")
    assert (await trying.get("/v1/orders")).json()["items"] == []
    told = (await trying.post("/v1/privacy/exports", {"email": mail})).json()
    assert told == {"orders": [], "kept": []}
    by_number = await trying.post("/v1/privacy/erasures", {"order_id": live["id"]})
    is_problem(by_number, 404, "unknown_order")
    assert (await trying.post("/v1/privacy/erasures", {"email": mail})).json()["orders"] == []
    codes = await trying.post("/v1/items/CUP/codes", {"codes": [{"code": "A-1"}]})
    is_problem(codes, 422, "sandbox_key")
    is_problem(await trying.put("/v1/inventory/policies/CUP", {"held_back": 9}), 422, "sandbox_key")
    after = (await seller.get(path)).json()
    assert (after["state"], after["payment_state"], after["holds"]) == ("accepted", "pending", [])
    assert after["customer"]["email"] == mail
    own = (await trying.post("/v1/orders", order_body(("CUP", 1)))).json()
    assert (await trying.get(f"/v1/orders/{own['id']}")).status_code == 200
    assert (await trying.pay(own))["payment_state"] == "paid"
    assert [one["id"] for one in (await trying.get("/v1/orders")).json()["items"]] == [own["id"]]


async def test_nothing_of_a_sandbox_s_order_reaches_floor_stock_carrier_or_buyer(
    service: Service,
) -> None:
    seller = await service.seller(CUP=9)
    await seller.put("/v1/shop/notices", {"kinds": ["accepted", "shipped"], "sender_name": "Shop"})
    made_key = (await made(seller, sandbox=True))["key"]
    trying = Seller(service.client, seller.shop, made_key, service.pool)
    customer = {"name": "Ada", "email": "ada@example.com"}
    order = (await trying.post("/v1/orders", order_body(("CUP", 2), customer=customer))).json()
    await trying.pay(order)
    number = order["fulfilment_orders"][0]["id"]
    now = service.app.state.house.now()
    await prepare_waybills(service.pool, number, now)
    await builders.settle(service.pool)
    await tell_buyers(service.pool, now)
    wave = await builders.planned_wave(service.pool, release=True)
    assert await builders.availability(service.pool, seller.shop, "CUP") == (9, 0)
    of_order = "f join fulfilment_order o on o.id = f.fulfilment_order_id where o.order_id = $1"
    for query in (
        "promise f join order_line l on l.id = f.order_line_id where l.order_id = $1",
        f"parcel {of_order}",
        f"pick_task t join fulfilment_line f on f.id = t.fulfilment_line_id {of_order[2:]}",
        f"wave_order {of_order}",
        "notice f where f.order_id = $1",
    ):
        found = await builders.value(service.pool, f"select count(*) from {query}", order["id"])
        assert found == 0, query
    told = "select count(*) from outbox where topic in ('carrier', 'mail') and tenant_id = $1"
    assert await builders.value(service.pool, told, seller.shop.tenant_id) == 0
    assert wave


async def test_a_key_does_not_revoke_itself_and_none_revokes_another_shop_s(
    service: Service,
) -> None:
    seller, other = await service.seller(), await service.seller()
    sibling = await service.sibling(seller)
    own = seller.key.split("_")[1]
    is_problem(await delete(service, seller.key, own), 409, "key_in_use")
    for stranger in (other, sibling):
        is_problem(await delete(service, stranger.key, own), 404, "key_not_found")
        assert own not in (await stranger.get("/v1/keys")).text
    assert (await seller.get("/v1/keys")).status_code == 200


async def test_a_key_tells_when_it_was_used_and_its_making_is_an_event(service: Service) -> None:
    seller = await service.seller()
    prefix = (await made(seller))["prefix"]
    by_prefix = {key["prefix"]: key for key in (await seller.get("/v1/keys")).json()["items"]}
    assert by_prefix[seller.key.split("_")[1]]["last_used_at"] is not None
    assert by_prefix[prefix]["last_used_at"] is None
    assert (await delete(service, seller.key, prefix)).status_code == 204
    assert (await delete(service, seller.key, prefix)).status_code == 204
    told = await builders.rows(
        service.pool, "select type, actor from event where subject = $1", f"key/{prefix}"
    )
    assert [tuple(row) for row in told] == [
        ("key.created", seller.shop.actor),
        ("key.revoked", seller.shop.actor),
    ]


async def test_the_house_makes_lists_and_revokes_keys(service: Service) -> None:
    name = unique("house shop")
    async with staff_transaction(service.pool) as connection:
        key = await keys.enter_key(
            connection, name, ["orders:read"], False, by="command line", now=builders.NOW
        )
        await keys.revoke_key(connection, key.split("_")[1], "command line", builders.NOW)
        again = await tenants.create_key(connection, name, [], False)
    assert (await service.client.get("/v1/orders", headers=bearer(again))).status_code == 200
    is_problem(await service.client.get("/v1/orders", headers=bearer(key)), 401, "unknown_key")
