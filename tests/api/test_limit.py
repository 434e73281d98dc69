"""A key may send so many requests: over all workers, and with an answer that says when to come."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from api.limit import Limiter
from tests.api.service import Service, bearer, is_problem, unique
from tests.builders import NOW, add_shop
from wms.database.pool import staff_transaction
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Limit, Shop


async def keyed(pool: asyncpg.Pool, limit: Limit) -> Shop:
    shop = await add_shop(pool)
    async with staff_transaction(pool) as connection:
        key = await tenants.create_key(connection, shop.name, [], False, limit=limit)
        found = await tenant_rows.shop_of_key(connection, key)
    assert found is not None and found.limit == limit
    return found


async def test_several_workers_together_let_no_more_through_than_one_would(
    pool: asyncpg.Pool,
) -> None:
    limit = Limit(per_s=40, burst=40)
    shop = await keyed(pool, limit)
    workers = [Limiter() for _ in range(4)]
    passed = 0
    for tick in range(31):
        now = NOW + timedelta(milliseconds=100 * tick)
        asked = [worker.take(pool, shop.key_id, limit, now) for worker in workers for _ in "123"]
        passed += sum(not left.wait_s for left in await asyncio.gather(*asked))
    # The burst, and what came in three seconds; a worker may still hold a handful of two.
    assert 40 + 3 * 40 - 4 * 2 <= passed <= 40 + 3 * 40


async def test_the_requests_of_one_worker_that_come_at_once_share_a_handful(
    pool: asyncpg.Pool,
) -> None:
    limit = Limit(per_s=100, burst=100)
    shop = await keyed(pool, limit)
    worker = Limiter()
    left = await asyncio.gather(*(worker.take(pool, shop.key_id, limit, NOW) for _ in range(120)))
    assert sum(not one.wait_s for one in left) == 100
    assert min(one.requests for one in left) == 0
    assert all(0 < one.wait_s <= 0.01 for one in left if one.wait_s)


async def test_a_clock_that_goes_back_fills_no_bucket(pool: asyncpg.Pool) -> None:
    limit = Limit(per_s=1, burst=1)
    shop = await keyed(pool, limit)
    for now in (NOW, NOW - timedelta(minutes=1), NOW):
        left = await Limiter().take(pool, shop.key_id, limit, now)
        assert bool(left.wait_s) == (now != NOW or left.wait_s > 0)
    assert (await Limiter().take(pool, shop.key_id, limit, NOW)).wait_s
    later = NOW + timedelta(seconds=1)
    assert not (await Limiter().take(pool, shop.key_id, limit, later)).wait_s


async def test_who_asks_too_often_is_told_when_to_come_again(service: Service) -> None:
    shop = await add_shop(service.pool)
    limit = Limit(per_s=0.02, burst=2)
    async with staff_transaction(service.pool) as connection:
        slow = await tenants.create_key(connection, shop.name, [], False, limit=limit)
    seen = [await service.client.get("/v1/keys", headers=bearer(slow)) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [200, 200, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in seen] == ["r=1", "r=0", "r=0"]
    assert {answer.headers["ratelimit-policy"] for answer in seen} == {'"key";q=2;w=100'}
    is_problem(seen[2], 429, "too_many_requests")
    assert 1 <= int(seen[2].headers["retry-after"]) <= 50
    # The shop's other key has a bucket of its own.
    other = bearer(await service.key_of(shop))
    assert (await service.client.get("/v1/keys", headers=other)).status_code == 200


@pytest.mark.parametrize("per_s", [0.5, 200.0])
async def test_a_key_without_a_limit_of_its_own_has_the_house_s(
    service: Service, per_s: float
) -> None:
    house = service.app.state.house
    service.app.state.house = replace(
        house, settings=replace(house.settings, key_requests_per_s=per_s, key_burst=1)
    )
    seller = await service.seller()
    answer = await seller.get("/v1/keys")
    assert answer.headers["ratelimit-policy"] == f'"key";q=1;w={2 if per_s < 1 else 1}'


async def test_a_badge_with_too_many_wrong_pins_is_told_when_to_come_again(
    service: Service,
) -> None:
    wrong = {"badge": unique("nobody"), "pin": "1111", "device": "HH-01"}
    answers = [await service.client.post("/handheld/sessions", json=wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    is_problem(answers[5], 429, "sign_in_braked")
    assert 1 <= int(answers[5].headers["retry-after"]) <= 30
