"""A shop's promotions: kept for forecasts, and never rewritten by being taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.service import Seller, Service, bearer, is_problem

START = datetime(2030, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1, MUG=1)


def advent(**changed: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": "Advent",
        "starts_at": START.isoformat(),
        "ends_at": (START + 24 * DAY).isoformat(),
        "items": [
            {"sku": "cup", "price": {"amount_minor": 199, "currency": "GBP"}},
            {"sku": "MUG"},
        ],
    }
    return body | changed


async def _delete(seller: Seller, code: str) -> Any:
    return await seller.client.delete(f"/v1/promotions/{code}", headers=bearer(seller.key))


async def test_a_promotion_has_exactly_the_items_last_sent(seller: Seller) -> None:
    entered = await seller.put("/v1/promotions/ADVENT", advent())
    assert entered.status_code == 200, entered.text
    assert entered.json()["items"] == [
        {"sku": "CUP", "price": {"amount_minor": 199, "currency": "GBP"}},
        {"sku": "MUG", "price": None},
    ]
    changed = await seller.put("/v1/promotions/ADVENT", advent(name="Xmas", items=[]))
    assert (changed.json()["name"], changed.json()["items"]) == ("Xmas", [])
    assert (await seller.get("/v1/promotions/ADVENT")).json() == changed.json()


async def test_promotions_are_listed_by_time(seller: Seller) -> None:
    for number in range(3):
        period = {
            "starts_at": (START + number * DAY).isoformat(),
            "ends_at": (START + (number + 1) * DAY).isoformat(),
        }
        await seller.put(f"/v1/promotions/P{number}", advent(**period))
    page = (await seller.get("/v1/promotions", limit=2)).json()
    rest = (await seller.get("/v1/promotions", limit=2, after=page["next"])).json()
    assert [one["code"] for one in page["items"] + rest["items"]] == ["P0", "P1", "P2"]
    since, until = (START + DAY).isoformat(), (START + 2 * DAY).isoformat()
    found = (await seller.get("/v1/promotions", since=since, until=until)).json()["items"]
    assert [one["code"] for one in found] == ["P1"]


async def test_one_that_has_not_begun_is_gone(seller: Seller) -> None:
    await seller.put("/v1/promotions/ADVENT", advent())
    assert (await _delete(seller, "ADVENT")).status_code == 204
    is_problem(await seller.get("/v1/promotions/ADVENT"), 404, "unknown_promotion")
    is_problem(await _delete(seller, "ADVENT"), 404, "unknown_promotion")


async def test_one_that_runs_ends_now_and_what_has_been_stays(seller: Seller) -> None:
    began = datetime(2010, 12, 1, tzinfo=UTC)
    await seller.put("/v1/promotions/ADVENT", advent(starts_at=began.isoformat()))
    assert (await _delete(seller, "ADVENT")).status_code == 204
    ended = (await seller.get("/v1/promotions/ADVENT")).json()
    assert ended["starts_at"] < ended["ends_at"] < START.isoformat()
    is_problem(await _delete(seller, "ADVENT"), 409, "promotion_over")


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"items": [{"sku": "PAN"}]}, "unknown_item", "/items/0/sku"),
        ({"items": [{"sku": "CUP"}, {"sku": "cup"}]}, "doubled_item", "/items/1/sku"),
        ({"ends_at": START.isoformat()}, "bad_period", "/ends_at"),
        ({"ends_at": "2030-12-24T00:00:00"}, "invalid_body", "/ends_at"),
        ({"items": [{"sku": "CUP", "price": -1}]}, "invalid_body", "/items/0/price"),
        ({"colour": "red"}, "invalid_body", "/colour"),
    ],
)
async def test_nonsense_is_refused_and_kept_nowhere(
    seller: Seller, changed: dict[str, Any], code: str, pointer: str
) -> None:
    is_problem(await seller.put("/v1/promotions/P", advent(**changed)), 422, code, pointer)
    assert (await seller.get("/v1/promotions")).json()["items"] == []


async def test_promotions_are_a_shop_s_own(service: Service, seller: Seller) -> None:
    await seller.put("/v1/promotions/ADVENT", advent())
    for other in (await service.seller(), await service.sibling(seller)):
        assert (await other.get("/v1/promotions")).json()["items"] == []
        is_problem(await other.get("/v1/promotions/ADVENT"), 404, "unknown_promotion")
        is_problem(await _delete(other, "ADVENT"), 404, "unknown_promotion")
