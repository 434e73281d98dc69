"""The ledger over HTTP: read by filters and pages, and undone once."""

import pytest

from api.movements.messages import MovementList, MovementView
from tests.api.service import Seller, Service, bearer, is_problem, unique
from tests.builders import BINS, add_stock
from wms.tenants.staff import Role

PATH = "/v1/movements"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def _list(
    service: Service, planner: dict[str, str], **filters: str | int
) -> list[MovementView]:
    answer = await service.client.get(PATH, params=filters, headers=planner)
    assert answer.status_code == 200, answer.text
    return MovementList.model_validate(answer.json()).items


async def _of_cups(service: Service, planner: dict[str, str], seller: Seller) -> list[MovementView]:
    return await _list(service, planner, shop=seller.shop.name, item="cup")


async def _reverse(
    service: Service, planner: dict[str, str], number: int, key: str | None = None
) -> dict[str, object]:
    answer = await service.client.post(
        f"{PATH}/{number}/reversal",
        json={"reason": "booked twice"},
        headers=planner | {"Idempotency-Key": key or unique("key")},
    )
    assert answer.status_code == 201, answer.text
    body: dict[str, object] = answer.json()
    return body


async def test_a_movement_says_who_why_when_and_what(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=10)
    [opening] = await _of_cups(service, planner, seller)
    assert (opening.kind, opening.actor, opening.reason) == ("opening", "test", "opening stock")
    assert opening.occurred_at < opening.recorded_at
    assert (opening.reverses, opening.reversed_by) == (None, None)
    [line] = opening.lines
    assert (line.sku, line.quantity, line.from_place, line.to_place) == (
        "CUP",
        10,
        "SUPPLIER",
        BINS[0],
    )
    assert (line.status, line.to_status) == ("available", "available")


async def test_the_newest_come_first_and_pages_join(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=1)
    for quantity in (2, 3, 4):
        await add_stock(service.pool, seller.shop, "CUP", bin1=quantity)
    found = await _of_cups(service, planner, seller)
    assert [one.lines[0].quantity for one in found] == [4, 3, 2, 1]
    parameters: dict[str, str | int] = {"shop": seller.shop.name, "item": "CUP", "limit": 3}
    first = (await service.client.get(PATH, params=parameters, headers=planner)).json()
    rest = await _list(service, planner, **parameters, after=first["next"])
    assert [one["id"] for one in first["items"]] + [one.id for one in rest] == [
        one.id for one in found
    ]
    at_bin = await _list(
        service, planner, shop=seller.shop.name, item="CUP", place=BINS[0], kind="opening"
    )
    assert [one.lines[0].quantity for one in at_bin] == [1]
    assert await _list(service, planner, kind="no such kind") == []
    later = await _list(service, planner, since="2999-01-01T00:00:00Z")
    assert later == []


async def test_undo_points_back_and_is_answered_again_and_done_once(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=10)
    [opening] = await _of_cups(service, planner, seller)
    undone = await _reverse(service, planner, opening.id, "undo")
    assert undone["reverses"] == opening.id
    assert await _reverse(service, planner, opening.id, "undo") == undone
    newest, first = await _of_cups(service, planner, seller)
    assert (newest.id, newest.reverses) == (undone["movement_id"], opening.id)
    assert first.reversed_by == newest.id
    again = await service.client.post(
        f"{PATH}/{opening.id}/reversal",
        json={"reason": "once more"},
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    is_problem(again, 409, "reversed_before")
    of_itself = await service.client.post(
        f"{PATH}/{newest.id}/reversal",
        json={"reason": "back again"},
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    is_problem(of_itself, 422, "not_reversible")


@pytest.mark.parametrize(
    ("filters", "status", "code"),
    [
        ({"item": "CUP"}, 422, "shop_missing"),
        ({"item": "CUP", "shop": "nobody"}, 404, "unknown_shop"),
        ({"place": "NOWHERE"}, 404, "unknown_place"),
        ({"place": "DOCK-1", "warehouse": "NONE"}, 404, "unknown_warehouse"),
        ({"after": "?"}, 400, "bad_cursor"),
        ({"since": "yesterday"}, 422, "invalid_parameter"),
        ({"limit": "0"}, 422, "invalid_parameter"),
    ],
)
async def test_what_is_not_known_is_said(
    service: Service, planner: dict[str, str], filters: dict[str, str], status: int, code: str
) -> None:
    answer = await service.client.get(PATH, params=filters, headers=planner)
    is_problem(answer, status, code)


async def test_a_movement_that_is_not_there_and_a_stranger_are_refused(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=1)
    is_problem(await seller.get(PATH), 401, "no_session")
    key = {"Idempotency-Key": unique("key")}
    for number, status, code in (
        (2**62, 404, "unknown_movement"),
        (0, 422, "invalid_parameter"),
    ):
        answer = await service.client.post(
            f"{PATH}/{number}/reversal", json={"reason": "x"}, headers=planner | key
        )
        is_problem(answer, status, code)
