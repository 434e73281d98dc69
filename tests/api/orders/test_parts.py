"""Fulfilment orders through the API: held, moved, parted and closed short."""

from typing import Any

import pytest

from api.orders.part_messages import HoldList
from api.orders.view_messages import OrderView
from tests.api.service import Seller, Service, bearer, is_problem, order_body, unique
from tests.builders import LAYOUT, NOW, PLACES
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.entry import OpeningStock
from wms.tenants.staff import Role

Json = dict[str, Any]


@pytest.fixture
async def seller(service: Service) -> Seller:
    """A shop with ten cups here, and five in a warehouse in the far north."""
    seller = await service.seller(CUP=10)
    far: dict[str, object] = {"code": "NORTH", "name": "North", "latitude": 70.0, "longitude": 20.0}
    async with staff_transaction(service.pool) as connection:
        await entry.enter_warehouse(connection, LAYOUT | far)
        await entry.enter_places(connection, "NORTH", list(PLACES))
        stock = [OpeningStock("CUP", "A-01-01-1", 5)]
        await entry.enter_stock(connection, seller.shop, stock, "", "test", NOW, "NORTH")
    return seller


def part(order: Json, number: int = 0) -> Json:
    found: Json = order["fulfilment_orders"][number]
    return found


async def delete(seller: Seller, token: str, path: str) -> int:
    return (await seller.client.delete(path, headers=bearer(token))).status_code


async def test_an_order_says_where_each_part_ships_from_and_why(seller: Seller) -> None:
    order = await seller.order(("CUP", 12))
    view = OrderView.model_validate(order)
    assert [(x.warehouse, x.lines[0].quantity) for x in view.fulfilment_orders] == [
        ("MAIN", 10),
        ("NORTH", 2),
    ]
    why = {x.source for x in view.fulfilment_orders}
    assert why == {"MAIN and NORTH together have all, in the fewest parcels"}
    listed = (await seller.get("/v1/orders")).json()["items"]
    assert [row["id"] for row in listed] == [order["id"]]
    shown = (await seller.get(f"/v1/orders/{order['id']}")).json()
    accepted = next(event for event in shown["timeline"] if event["type"] == "order.accepted")
    assert {source["reason"] for source in accepted["data"]["sources"]} == why


async def test_a_shop_names_who_ships_for_it(seller: Seller) -> None:
    answer = await seller.put("/v1/shops/current", {"channel": "", "warehouses": ["NORTH"]})
    assert answer.json()["warehouses"] == ["NORTH"]
    assert part(await seller.order(("CUP", 1)))["warehouse"] == "NORTH"
    answer = await seller.put("/v1/shops/current", {"channel": ""})
    assert answer.json()["warehouses"] == ["NORTH"]
    answer = await seller.put("/v1/shops/current", {"channel": "", "warehouses": ["X"]})
    is_problem(answer, 422, "unknown_warehouse", "/warehouses/0")


async def test_a_part_moves_at_the_version_that_was_seen(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    path = f"/v1/fulfilment-orders/{part(order)['id']}/move"
    headers = {"Idempotency-Key": unique("key"), "If-Match": '"7"'} | bearer(seller.key)
    body = {"warehouse": "NORTH"}
    answer = await seller.client.post(path, json=body, headers=headers)
    is_problem(answer, 412, "version_differs")
    answer = await seller.client.post(path, json=body, headers=headers | {"If-Match": "soon"})
    is_problem(answer, 400, "bad_if_match")
    headers |= {"If-Match": f'"{part(order)["version"]}"', "Idempotency-Key": unique("key")}
    answer = await seller.client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    moved = OrderView.model_validate(answer.json()).fulfilment_orders[0]
    assert moved.warehouse == "NORTH" and moved.version > part(order)["version"]
    again = await seller.client.post(path, json=body, headers=headers)
    assert again.json() == answer.json() and again.headers["idempotent-replayed"] == "true"


async def test_a_part_is_split_and_points_at_what_it_has_not(seller: Seller) -> None:
    order = await seller.order(("CUP", 3))
    path = f"/v1/fulfilment-orders/{part(order)['id']}/split"
    answer = await seller.post(path, {"lines": [{"line": 1, "quantity": 4}]})
    is_problem(answer, 422, "too_much", "/lines/0/quantity")
    answer = await seller.post(path, {"lines": [{"line": 1, "quantity": 1}]})
    assert answer.status_code == 201, answer.text
    view = OrderView.model_validate(answer.json())
    assert [x.lines[0].quantity for x in view.fulfilment_orders] == [2, 1]
    close = f"/v1/orders/{order['id']}/fulfilment-orders/{part(order)['id']}/close-short"
    is_problem(await seller.post(close, None), 409, "nothing_waits")


async def test_a_shop_sets_and_lifts_its_holds_and_planners_the_house_s(
    service: Service, seller: Seller
) -> None:
    order = await seller.order(("CUP", 1))
    path = f"/v1/orders/{order['id']}/holds"
    answer = await seller.post(path, {"reason": "Ask the buyer."})
    assert answer.status_code == 201, answer.text
    [mine] = HoldList.model_validate(answer.json()).holds
    assert (mine.owned_by, mine.kind, mine.reason) == ("shop", "requested", "Ask the buyer.")
    planner = await service.sign_in(Role.PLANNER)
    headers = {"Idempotency-Key": unique("key")} | bearer(planner)
    body = {"reason": "Count first.", "kind": "inspection"}
    answer = await seller.client.post(path, json=body, headers=headers)
    [theirs] = HoldList.model_validate(answer.json()).holds
    assert theirs.owned_by == "planner"
    assert await delete(seller, seller.key, f"{path}/{theirs.id}") == 409
    assert await delete(seller, planner, f"{path}/{mine.id}") == 409
    assert await delete(seller, seller.key, f"{path}/{mine.id}") == 204
    assert await delete(seller, seller.key, f"{path}/{mine.id}") == 404
    assert await delete(seller, planner, f"{path}/{theirs.id}") == 204
    operator = await service.sign_in(Role.OPERATOR)
    assert await delete(seller, operator, f"{path}/{theirs.id}") == 403


async def test_a_hold_of_a_kind_that_only_the_house_sets_is_refused(seller: Seller) -> None:
    order = await seller.order(("CUP", 1))
    path = f"/v1/orders/{order['id']}/holds"
    for wrong, pointer in (
        ({"reason": "x", "kind": "short"}, "/kind"),
        ({"reason": " "}, "/reason"),
        ({"reason": "a\x00b"}, "/reason"),
        ({"reason": "x", "who": "me"}, "/who"),
        ({"reason": "x", "until": "2010-01-01T00:00:00+00:00"}, "/until"),
    ):
        answer = await seller.post(path, wrong)
        assert (answer.status_code, answer.json()["pointer"]) == (422, pointer), wrong


async def test_another_tenant_s_order_is_not_there(service: Service, seller: Seller) -> None:
    order = await seller.order(("CUP", 1))
    other = await service.seller(MUG=1)
    number, order_id = part(order)["id"], order["id"]
    body: Json = {"lines": [{"line": 1, "quantity": 1}]}
    for path, sent in (
        (f"/v1/orders/{order_id}/holds", {"reason": "x"}),
        (f"/v1/fulfilment-orders/{number}/move", {"warehouse": "NORTH"}),
        (f"/v1/fulfilment-orders/{number}/split", body),
        (f"/v1/orders/{order_id}/fulfilment-orders/{number}/close-short", None),
    ):
        assert (await other.post(path, sent)).status_code == 404, path


async def test_what_is_there_ships_and_the_rest_is_told_with_its_amount(seller: Seller) -> None:
    body = order_body(("CUP", 20), fulfilment="fill_available")
    answer = await seller.post("/v1/orders", body)
    assert answer.status_code == 201, answer.text
    view = OrderView.model_validate(answer.json())
    assert (view.lines[0].quantity, view.lines[0].cancelled) == (20, 5)
    shown = (await seller.get(f"/v1/orders/{view.id}")).json()
    [told] = [event for event in shown["timeline"] if event["type"] == "order.lines_cancelled"]
    amount = told["data"]["lines"][0]["amount"]
    assert amount == {"amount_minor": 5 * 255, "currency": "GBP"}
