"""Kits over HTTP: put together and taken apart, each once."""

import pytest

from tests.api.service import Seller, Service, bearer, is_problem, unique
from tests.builders import BINS
from wms.database.pool import staff_transaction
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def seller_of_sets(service: Service) -> Seller:
    """A shop whose SET takes two mugs."""
    seller = await service.seller(MUG=10, SET=0)
    async with staff_transaction(service.pool) as connection:
        owner_id = seller.shop.owner_id
        await connection.execute(
            "update item set kind = 'kit' where sku = 'SET' and owner_id = $1", owner_id
        )
        await connection.execute(
            "insert into item_component (tenant_id, item_id, component_id, quantity) "
            "select k.tenant_id, k.id, c.id, 2 from item k join item c "
            "on c.owner_id = k.owner_id and c.sku = 'MUG' where k.sku = 'SET' and k.owner_id = $1",
            owner_id,
        )
    return seller


async def test_kits_are_put_together_and_taken_apart_once_each(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await seller_of_sets(service)
    body = {"shop": seller.shop.name, "quantity": 2, "place": BINS[1]}
    for kind, mugs in (("assemblies", 6), ("disassemblies", 10)):
        headers = planner | {"Idempotency-Key": unique("key")}
        answers = [
            await service.client.post(f"/v1/kits/set/{kind}", json=body, headers=headers)
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
        assert answers[0].json() == answers[1].json()
        [piece] = answers[0].json()["components"]
        assert (piece["sku"], piece["quantity"]) == ("MUG", 4)
        levels = (await seller.get("/v1/inventory/levels")).json()["items"]
        assert {level["sku"]: level["on_hand"] for level in levels}["MUG"] == mugs


@pytest.mark.parametrize(
    ("sku", "change", "status", "code"),
    [
        ("MUG", {}, 422, "not_a_kit"),
        ("SET", {"quantity": 99}, 409, "not_enough_stock"),
        ("SET", {"quantity": 0}, 422, "invalid_body"),
        ("SET", {"quantity": 1.5}, 422, "invalid_body"),
        ("SET", {"place": "NOWHERE"}, 422, "unknown_place"),
        ("SET", {"shop": "nobody"}, 422, "unknown_shop"),
    ],
)
async def test_nonsense_is_refused(
    service: Service,
    planner: dict[str, str],
    sku: str,
    change: dict[str, object],
    status: int,
    code: str,
) -> None:
    seller = await seller_of_sets(service)
    body = {"shop": seller.shop.name, "quantity": 1, "place": BINS[1]} | change
    answer = await service.client.post(
        f"/v1/kits/{sku}/assemblies",
        json=body,
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    is_problem(answer, status, code)
