"""A shop's buyer learns what is kept of them, and is forgotten; who looks is written down."""

from datetime import timedelta

import asyncpg
import pytest

from tests import builders
from tests.api.service import Seller, Service, bearer, is_problem, order_body, unique
from tests.builders import NOW, rows, settle, value
from tests.key import KEYSET
from wms.audit.queries import check_log
from wms.database.pool import staff_transaction
from wms.journey.buyer.erasure import erase_old
from wms.journey.buyer.trail import chain_news
from wms.orders.buyer import mail_index
from wms.tenants.staff import Role

EVERYTHING = """
    select 'shop_order' as t, to_jsonb(o) as data from shop_order o where tenant_id = $1
    union all select 'command', to_jsonb(c) from command c where tenant_id = $1
    union all select 'event', to_jsonb(e) from event e where tenant_id = $1
    union all select 'outbox', to_jsonb(b) from outbox b where tenant_id = $1
    union all select 'audit_entry', to_jsonb(a) from audit_entry a where tenant_id = $1
"""


def mail() -> str:
    return f"{unique('ada')}@example.com"


async def place(seller: Seller, address: str) -> int:
    customer = {"name": "Ada Merton", "email": address, "reference": None}
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), customer=customer))
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


async def end(pool: asyncpg.Pool, order_id: int) -> None:
    """The order left the house long ago."""
    async with staff_transaction(pool) as connection:
        await connection.execute(
            "update fulfilment_order set state = 'cancelled' where order_id = $1", order_id
        )


async def known(service: Service, seller: Seller, word: str) -> list[str]:
    """The tables in which a word about a buyer can be read with all keys at hand."""
    found = await rows(service.pool, EVERYTHING, seller.shop.tenant_id)
    return sorted({row["t"] for row in found if word in str(_plain(row["data"]))})


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


async def checks(pool: asyncpg.Pool) -> None:
    """Ledger and audit log are whole."""
    assert await builders.differences(pool) == []
    await settle(pool)
    await chain_news(pool, NOW)
    async with staff_transaction(pool) as connection:
        assert (await check_log(connection)).breaks == ()


async def test_a_forgotten_buyer_is_nowhere_and_the_books_stay_whole(service: Service) -> None:
    seller, address = await service.seller(CUP=5), mail()
    order_id = await place(seller, address)
    await checks(service.pool)
    assert await known(service, seller, "Ada") == ["command", "shop_order"]
    await end(service.pool, order_id)
    answer = await seller.post("/v1/privacy/erasures", {"email": address.upper()})
    assert answer.status_code == 200, answer.text
    assert [order["id"] for order in answer.json()["orders"]] == [order_id]
    assert answer.json()["values"] >= 3
    for word in ("Ada", "Mill Lane", "Luton", "LU1", address):
        assert await known(service, seller, word) == [], word
    view = (await seller.get(f"/v1/orders/{order_id}")).json()
    assert view["ship_to"]["name"] == "erased" and view["ship_to"]["country"] == "GB"
    assert view["ship_to"]["latitude"] is None
    assert view["lines"][0]["sku"] == "CUP"
    assert [event["type"] for event in view["timeline"]][-1] == "order.erased"
    await checks(service.pool)


async def test_an_erasure_is_done_once_and_a_forgotten_buyer_is_no_refusal(
    service: Service,
) -> None:
    seller, address = await service.seller(CUP=5), mail()
    order_id = await place(seller, address)
    await end(service.pool, order_id)
    first = await seller.post("/v1/privacy/erasures", {"email": address}, "one")
    again = await seller.post("/v1/privacy/erasures", {"email": address}, "one")
    assert again.json() == first.json() and again.headers["Idempotent-Replayed"] == "true"
    other = await seller.post("/v1/privacy/erasures", {"email": address}, "two")
    assert other.json() == {"orders": [], "values": 0}
    by_number = await seller.post("/v1/privacy/erasures", {"order_id": order_id})
    assert by_number.json()["values"] == 0
    reused = await seller.post("/v1/privacy/erasures", {"email": mail()}, "one")
    is_problem(reused, 422, "idempotency_key_reused")


async def test_a_buyer_whose_order_is_under_way_is_not_forgotten_yet(service: Service) -> None:
    seller, address = await service.seller(CUP=5), mail()
    gone, standing = await place(seller, address), await place(seller, address)
    await end(service.pool, gone)
    refused = await seller.post("/v1/privacy/erasures", {"email": address})
    problem = is_problem(refused, 409, "order_under_way")
    assert str(standing) in problem.detail
    assert (await seller.get(f"/v1/orders/{gone}")).json()["ship_to"]["name"] == "Ada Merton"


async def test_another_shop_s_buyer_is_not_touched(service: Service) -> None:
    seller, address = await service.seller(CUP=5), mail()
    thief = await service.seller(MUG=1)
    order_id = await place(seller, address)
    await end(service.pool, order_id)
    refused = await thief.post("/v1/privacy/erasures", {"order_id": order_id})
    is_problem(refused, 404, "unknown_order")
    sister = await service.sibling(seller)
    for other in (thief, sister):
        nothing = await other.post("/v1/privacy/erasures", {"email": address})
        assert nothing.json()["orders"] == []
        empty = await other.post("/v1/privacy/exports", {"email": address})
        assert empty.json()["orders"] == []
    view = (await seller.get(f"/v1/orders/{order_id}")).json()
    assert view["customer"]["email"] == address


@pytest.mark.parametrize("body", [{}, {"email": "a@b", "order_id": 1}, {"email": "nobody"}])
async def test_whose_data_it_is_has_to_be_said(service: Service, body: dict[str, object]) -> None:
    seller = await service.seller(CUP=1)
    answer = await seller.post("/v1/privacy/erasures", body)
    assert answer.status_code == 422
    assert (await seller.post("/v1/privacy/exports", body)).status_code == 422


async def test_a_buyer_is_told_all_that_is_kept(service: Service) -> None:
    seller, address = await service.seller(CUP=5), mail()
    order_id = await place(seller, address)
    found = (await seller.post("/v1/privacy/exports", {"email": address})).json()
    (order,) = found["orders"]
    assert order["id"] == order_id and order["customer"]["email"] == address
    kept = {one["where"]: one for one in found["kept"]}
    assert kept["shop_order.ship_to"]["data"]["lines"] == ["12 Mill Lane"]
    assert kept["command.response"]["order_id"] == order_id


async def test_what_was_kept_long_enough_is_forgotten_by_itself(service: Service) -> None:
    seller, address = await service.seller(CUP=5), mail()
    old, standing, unpaid = [await place(seller, address) for _ in range(3)]
    await end(service.pool, old)
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update shop_order set received_at = received_at - interval '400 days' "
            "where tenant_id = $1",
            seller.shop.tenant_id,
        )
        await connection.execute("update shop_order set paid_at = now() where id = $1", standing)
        await connection.execute(
            "update promise p set state = 'expired', expires_at = null from order_line l "
            "where l.id = p.order_line_id and l.order_id = $1",
            unpaid,
        )
        await connection.execute(
            "update availability set promised = promised - 1 where tenant_id = $1",
            seller.shop.tenant_id,
        )
        now = await connection.fetchval("select now()")
    assert await erase_old(service.pool, timedelta(days=365), now) == 2
    assert await erase_old(service.pool, timedelta(days=365), now) == 0
    names = {
        number: (await seller.get(f"/v1/orders/{number}")).json()["ship_to"]["name"]
        for number in (old, standing, unpaid)
    }
    assert names == {old: "erased", standing: "Ada Merton", unpaid: "erased"}
    ended = (await seller.get(f"/v1/orders/{unpaid}")).json()
    assert ended["state"] == "cancelled" and ended["holds"] == []
    # Whoever pays for it after all gets the money back: nobody knows where it was to go.
    paid = await seller.post(
        f"/v1/orders/{unpaid}/payments",
        {"state": "paid", "amount": ended["total"], "at": "2010-12-01T08:27:00+00:00"},
    )
    assert paid.status_code == 200, paid.text
    told = await rows(
        service.pool, "select type, actor from event where order_id = $1 order by seq", unpaid
    )
    assert ("order.cancelled", "job:privacy") in [tuple(row) for row in told]
    assert "order.refund_advised" in [row["type"] for row in told]
    await checks(service.pool)


async def test_who_opens_an_order_is_written_down(service: Service) -> None:
    seller = await service.seller(CUP=5)
    order_id = await place(seller, mail())
    for _ in range(3):
        assert (await seller.get(f"/v1/orders/{order_id}")).status_code == 200
    house = service.app.state.house
    house.reads.orders("staff:Ann", "list", [order_id, order_id + 1])
    await house.reads.write(house.pool)
    supervisor = await service.sign_in(Role.SUPERVISOR)
    answer = await service.client.get(
        "/v1/audit/reads", params={"order": order_id}, headers=bearer(supervisor)
    )
    assert answer.status_code == 200, answer.text
    seen = {(one["reader"], one["how"]) for one in answer.json()["items"]}
    assert seen == {("staff:Ann", "list"), (f"shop:{seller.shop.name}", "api")}
    # Looking again within minutes is one look.
    assert len(answer.json()["items"]) == 2
    planner = await service.sign_in(Role.PLANNER)
    for path in ("/v1/audit/reads?order=1", "/v1/audit"):
        is_problem(await service.client.get(path, headers=bearer(planner)), 403, "wrong_role")
        is_problem(await service.client.get(path, headers=bearer(seller.key)), 401, "no_session")


async def test_supervisors_read_the_log_page_by_page(service: Service) -> None:
    seller = await service.seller(CUP=5)
    order_id = await place(seller, mail())
    await settle(service.pool)
    await chain_news(service.pool, NOW)
    supervisor = bearer(await service.sign_in(Role.SUPERVISOR))
    asked: dict[str, str | int] = {"order": order_id, "limit": 1}
    told = []
    while True:
        answer = await service.client.get("/v1/audit", params=asked, headers=supervisor)
        assert answer.status_code == 200, answer.text
        told += answer.json()["items"]
        if answer.json()["next"] is None:
            break
        asked["after"] = answer.json()["next"]
    assert [one["action"] for one in told] == ["order", "order.accepted"]
    assert {one["actor"] for one in told} == {f"shop:{seller.shop.name}"}
    assert "Ada" not in str(told)


async def test_a_buyer_is_found_by_an_index_that_says_nothing(service: Service) -> None:
    seller, address = await service.seller(CUP=5), mail()
    order_id = await place(seller, address)
    index = await value(service.pool, "select buyer_index from shop_order where id = $1", order_id)
    assert index == mail_index(KEYSET, f" {address.upper()}")
