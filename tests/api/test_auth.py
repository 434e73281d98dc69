"""Who may open which path, and what a closed one answers."""

import pytest

from tests.api.service import Service, bearer, is_problem, order_body, unique
from wms.tenants.staff import Role

SHOP_PATHS = ("/v1/orders", "/v1/items", "/v1/inventory/levels", "/v1/events")


@pytest.mark.parametrize("path", SHOP_PATHS)
async def test_a_shop_s_path_wants_a_shop_s_key(service: Service, path: str) -> None:
    nobody = await service.client.get(path)
    is_problem(nobody, 401, "no_key")
    assert nobody.headers["www-authenticate"] == "Bearer"
    for token in ("sk_0123456789ab_guess", "nonsense"):
        is_problem(await service.client.get(path, headers=bearer(token)), 401, "unknown_key")
    basic = {"Authorization": "Basic c2s6c2s="}
    is_problem(await service.client.get(path, headers=basic), 401, "no_key")


async def test_a_revoked_key_opens_nothing(service: Service) -> None:
    seller = await service.seller()
    async with service.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local role stowline_staff")
        await connection.execute(
            "update api_key set revoked_at = now() where shop_id = $1", seller.shop.shop_id
        )
    is_problem(await seller.get("/v1/orders"), 401, "unknown_key")


async def test_a_carrier_s_key_opens_the_carrier_s_paths_only(service: Service) -> None:
    seller = await service.seller(CUP=1)
    carrier = bearer(await service.key_of(seller.shop, "carrier"))
    for path in SHOP_PATHS:
        is_problem(await service.client.get(path, headers=carrier), 403, "wrong_scope")
    headers = carrier | {"Idempotency-Key": unique("key")}
    answer = await service.client.post("/v1/orders", json=order_body(("CUP", 1)), headers=headers)
    is_problem(answer, 403, "wrong_scope")
    scan = {"tracking_number": "X1", "type": "accepted", "at": "2010-12-01T08:26:00Z"}
    is_problem(await seller.post("/v1/tracking-events", scan), 403, "wrong_scope")
    unknown = await service.client.post("/v1/tracking-events", json=scan, headers=carrier)
    is_problem(unknown, 404, "unknown_parcel")


async def test_places_and_waves_are_the_planners_business(service: Service) -> None:
    seller = await service.seller()
    place = {"kind": "packing", "lane": 3}
    for token, status, code in (
        (None, 401, "no_key"),
        (seller.key, 401, "no_session"),
        (await service.sign_in(Role.OPERATOR), 403, "wrong_role"),
    ):
        headers = {} if token is None else bearer(token)
        client = service.client
        is_problem(await client.get("/v1/places", headers=headers), status, code)
        answer = await client.put("/v1/places/PACK-09", json=place, headers=headers)
        is_problem(answer, status, code)
        is_problem(await client.post("/v1/waves", json={}, headers=headers), status, code)
        for path in ("/v1/waves/1", "/v1/waves/1/release", "/v1/waves/1/unrelease"):
            method = "GET" if path.endswith("1") else "POST"
            is_problem(await client.request(method, path, headers=headers), status, code)


async def test_a_planner_enters_a_place_and_finds_it(service: Service) -> None:
    for role in (Role.PLANNER, Role.SUPERVISOR, Role.ADMIN):
        headers = bearer(await service.sign_in(role))
        place = {"kind": "packing", "lane": 3}
        entered = await service.client.put("/v1/places/PACK-09", json=place, headers=headers)
        assert (entered.status_code, entered.json()["code"]) == (200, "PACK-09")
        found: list[str] = []
        after = ""
        while after is not None:
            page = await service.client.get(
                "/v1/places", params={"after": after, "limit": 4}, headers=headers
            )
            found += [place["code"] for place in page.json()["items"]]
            after = page.json()["next"]
        assert len(found) == len(set(found))
        assert "PACK-09" in found


async def test_a_bad_place_is_refused_with_its_reason(service: Service) -> None:
    headers = bearer(await service.sign_in(Role.PLANNER))
    bare = await service.client.put("/v1/places/A-9", json={"kind": "bin"}, headers=headers)
    is_problem(bare, 422, "bad_place")
    kind = await service.client.put("/v1/places/A-9", json={"kind": "attic"}, headers=headers)
    is_problem(kind, 422, "invalid_body", "/kind")
    nul = await service.client.put("/v1/places/A%00", json={"kind": "cart"}, headers=headers)
    is_problem(nul, 422, "invalid_parameter")


async def test_what_does_not_exist_says_so(service: Service) -> None:
    is_problem(await service.client.get("/v1/nothing"), 404, "no_such_path")
    wrong = await service.client.delete("/v1/orders")
    is_problem(wrong, 405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"] or "POST" in wrong.headers["allow"]
