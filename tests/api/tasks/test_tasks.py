"""Moves over HTTP: what waits, what has no place, and what a planner moves."""

import httpx
import pytest

from api.tasks.messages import MoveView, TaskList
from tests import builders
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.builders import BINS, differences, rows
from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.goods.putaway import plan_putaway
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=10)


async def move(
    service: Service, planner: dict[str, str], body: Json, key: str | None = None
) -> httpx.Response:
    headers = {**planner, "Idempotency-Key": key or unique("key")}
    return await service.client.post("/v1/inventory/moves", json=body, headers=headers)


def a_move(seller: Seller, **changed: object) -> Json:
    body: Json = {
        "shop": seller.shop.name, "sku": "CUP", "from": BINS[0], "to": BINS[1], "quantity": 4,
    }  # fmt: skip
    return body | changed


async def held(service: Service, seller: Seller) -> dict[str, int]:
    """What the bins hold of the seller's goods."""
    found = await rows(
        service.pool,
        "select p.code, b.on_hand from balance b join place p on p.id = b.place_id "
        "where b.owner_id = $1 and b.on_hand > 0",
        seller.shop.owner_id,
    )
    return {row["code"]: row["on_hand"] for row in found}


async def test_a_planner_moves_goods_once(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    key = unique("key")
    for number in range(3):
        answer = await move(service, planner, a_move(seller), key)
        assert answer.status_code == 201, answer.text
        assert ("Idempotent-Replayed" in answer.headers) is (number > 0)
        MoveView.model_validate(answer.json())
    assert await held(service, seller) == {BINS[0]: 6, BINS[1]: 4}
    is_problem(
        await move(service, planner, a_move(seller, quantity=1), key),
        422,
        "idempotency_key_reused",
    )
    rest = await move(service, planner, a_move(seller, quantity=None))
    assert rest.json()["quantity"] == 6
    assert await held(service, seller) == {BINS[1]: 10}
    kinds = await rows(
        service.pool,
        "select kind from movement where tenant_id = $1 order by id",
        seller.shop.tenant_id,
    )
    assert [row["kind"] for row in kinds][-2:] == ["move", "move"]
    assert await differences(service.pool) == []


@pytest.mark.parametrize(
    ("changed", "status", "code", "pointer"),
    [
        ({"sku": "NONE"}, 422, "unknown_item", "/sku"),
        ({"shop": "nobody"}, 422, "unknown_shop", "/shop"),
        ({"from": "NOWHERE"}, 422, "unknown_place", "/from"),
        ({"to": "NOWHERE"}, 422, "unknown_place", "/to"),
        ({"to": "CUSTOMER"}, 422, "no_storage", "/to"),
        ({"from": "CONVEYOR"}, 422, "no_storage", "/from"),
        ({"to": BINS[0]}, 422, "same_place", "/to"),
        ({"warehouse": "ELSEWHERE"}, 404, "unknown_warehouse", None),
        ({"quantity": 11}, 409, "not_enough_stock", None),
        ({"quantity": -1}, 422, "invalid_body", None),
        ({"quantity": 0}, 422, "invalid_body", None),
        ({"quantity": 10**13}, 422, "invalid_body", None),
        ({"quantity": "1.5"}, 422, "wrong_unit", "/quantity"),
        ({"unit": "case"}, 422, "wrong_unit", "/unit"),
        ({"lot": "L1"}, 409, "not_enough_stock", None),
        ({"from": BINS[2]}, 409, "not_enough_stock", None),
    ],
)
async def test_a_bad_move_is_refused_and_changes_nothing(
    service: Service,
    seller: Seller,
    planner: dict[str, str],
    changed: Json,
    status: int,
    code: str,
    pointer: str | None,
) -> None:
    is_problem(await move(service, planner, a_move(seller, **changed)), status, code, pointer)
    assert await held(service, seller) == {BINS[0]: 10}


async def test_a_foreign_owner_s_goods_are_not_moved(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    other = await service.seller(BOWL=1)
    is_problem(await move(service, planner, a_move(other)), 422, "unknown_item", "/sku")
    assert await held(service, seller) == {BINS[0]: 10}


async def test_a_full_bin_takes_no_move(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    code = unique("FULL")
    async with staff_transaction(service.pool) as connection:
        await entry.enter_places(
            connection,
            "MAIN",
            [Place(code, PlaceKind.BIN, aisle=0, y_mm=100, units_max=3)],
        )
    is_problem(await move(service, planner, a_move(seller, to=code)), 409, "no_room")
    assert (await move(service, planner, a_move(seller, to=code, quantity=3))).status_code == 201


async def test_reserved_goods_stay(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    await rows(
        service.pool,
        "update balance set reserved = 7 where owner_id = $1 returning id",
        seller.shop.owner_id,
    )
    for quantity in (None, 4):
        body = a_move(seller, quantity=quantity)
        is_problem(await move(service, planner, body), 409, "not_enough_stock")
    await rows(
        service.pool,
        "update balance set reserved = 0 where owner_id = $1 returning id",
        seller.shop.owner_id,
    )


async def test_moves_are_for_planners(service: Service, seller: Seller) -> None:
    operator = bearer(await service.sign_in(Role.OPERATOR))
    is_problem(await move(service, operator, a_move(seller)), 403, "wrong_role")
    is_problem(await service.client.get("/v1/tasks", headers=operator), 403, "wrong_role")


async def test_planners_see_what_waits_and_what_has_no_place(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    dock, bin = unique("DOCK"), unique("BIN")
    async with staff_transaction(service.pool) as connection:
        await entry.enter_places(
            connection,
            "MAIN",
            [
                Place(dock, PlaceKind.RECEIVING),
                Place(bin, PlaceKind.BIN, aisle=0, y_mm=100, storage_classes=("hold",)),
            ],
        )
        places = await builders.place_ids(connection)
        house = await connection.fetchval("select id from warehouse where code = 'MAIN'")
        [cup] = await connection.fetch(
            "select * from item where owner_id = $1", seller.shop.owner_id
        )
        for status in ("hold", "damaged"):
            goods = Goods(seller.shop.owner_id, cup["id"], status=status)
            await stock.post(
                connection, seller.shop.tenant_id, "receipt",
                [Line(goods, 2, places["SUPPLIER"], places[dock])],
                command_id=unique("receipt"), actor="test", now=builders.NOW,
            )  # fmt: skip
            await plan_putaway(
                connection, tenant_id=seller.shop.tenant_id, owner_id=seller.shop.owner_id,
                warehouse_id=house, item_id=cup["id"], lot="", serial="",
                status=status, from_place_id=places[dock], from_unit_id=0, quantity=2,
                now=builders.NOW,
            )  # fmt: skip
    waiting = await service.client.get("/v1/tasks", headers=planner)
    [task] = [
        task for task in TaskList.model_validate(waiting.json()).items if task.from_place == dock
    ]
    assert (task.kind, task.to_place, task.quantity, task.state) == ("putaway", bin, 2, "open")
    unplaced = await service.client.get("/v1/tasks?state=unplaced", headers=planner)
    [goods_left] = [
        task for task in TaskList.model_validate(unplaced.json()).items if task.from_place == dock
    ]
    assert (goods_left.status, goods_left.quantity, goods_left.id) == ("damaged", 2, None)
    first = await service.client.get("/v1/tasks?state=all&limit=1", headers=planner)
    assert len(first.json()["items"]) == 1
    assert first.json()["next"] is not None
