"""An address that its buyer put right: which holds end, and what is promised afterwards."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests import builders
from tests.api.buyer.held import GOOD, doubtful, send, view_of
from tests.api.service import Seller, Service, bearer
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.buyer.address import mend_address
from wms.tenants.staff import Role


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


async def quoted_and_doubtful(service: Service, seller: Seller) -> tuple[dict[str, Any], str]:
    """An order with a quote's days, held for its address; the quote was for its country only."""
    option = {
        "name": "Standard",
        "kind": "standard",
        "cut_off": "23:59:00",
        "pickup_time": "23:59:30",
        "pickup_days": [1, 2, 3, 4, 5, 6, 7],
        "delivery_days": [1, 2, 3, 4, 5, 6, 7],
        "transit_days_low": 1,
        "transit_days_high": 1,
        "packing_minutes": 0,
        "packing_minutes_high": 0,
        "works_holidays": True,
        "countries": ["GB"],
        "fee": {"amount_minor": 395, "currency": "GBP"},
    }
    planner = bearer(await service.sign_in(Role.PLANNER))
    put = await service.client.put("/v1/delivery-options/mended", json=option, headers=planner)
    assert put.status_code == 200, put.text
    asked = {"lines": [{"sku": "CUP", "quantity": 1}], "ship_to": {"country": "GB"}}
    quote = (await seller.post("/v1/quotes", asked | {"options": ["mended"]})).json()
    return await doubtful(seller, {"quote_id": quote["id"], "delivery_option": "mended"})


async def test_days_that_can_still_be_kept_stay_as_they_were_told(
    service: Service, seller: Seller
) -> None:
    order, path = await quoted_and_doubtful(service, seller)
    assert (await send(service, path)).status_code == 303
    after = await view_of(seller, order)
    assert after["delivery"] == order["delivery"]
    assert after["delivery"]["redated_at"] is None
    [told] = [one for one in after["timeline"] if one["type"] == "order.address_fixed"]
    assert told["data"]["delivery"]["latest"] == order["delivery"]["latest"]


async def test_days_that_are_missed_while_the_buyer_thinks_are_reckoned_anew(
    service: Service, seller: Seller
) -> None:
    order, path = await quoted_and_doubtful(service, seller)
    later = datetime.fromisoformat(order["received_at"]) + timedelta(days=2)
    changed = GOOD | {"lines": ["12 Mill Lane"], "region": None, "district": None}
    await mend_address(service.pool, path.rpartition("/")[2], changed, False, later)
    after = (await view_of(seller, order))["delivery"]
    told = order["delivery"]
    assert (after["quote_id"], after["fee"]) == (told["quote_id"], told["fee"])
    assert after["redated_at"] == later.isoformat()
    moved = date.fromisoformat(after["latest"]) - date.fromisoformat(told["latest"])
    assert moved == timedelta(days=2)
    assert [one["latest"] for one in after["shipments"]] == [after["latest"]]


async def test_nothing_is_promised_where_the_option_does_not_go(
    service: Service, seller: Seller
) -> None:
    order, path = await quoted_and_doubtful(service, seller)
    answer = await send(service, path, country="IE", postal_code="D02 XY45", city="Dublin")
    assert answer.status_code == 303
    assert (await view_of(seller, order))["delivery"] is None


async def test_a_link_mends_all_parts_though_one_of_them_was_let_go(
    service: Service, seller: Seller
) -> None:
    toy = replace(builders.an_item("TOY"), available_from=datetime(2100, 1, 1, tzinfo=UTC))
    async with staff_transaction(service.pool) as connection:
        await entry.enter_items(connection, seller.shop, [toy])
    await builders.add_stock(service.pool, seller.shop, "TOY", bin0=5)
    price = {"amount_minor": 255, "currency": "GBP"}
    lines = [{"sku": sku, "quantity": 1, "unit_price": price} for sku in ("CUP", "TOY")]
    order, path = await doubtful(seller, {"lines": lines, "fulfilment": "fill_available"})
    first, _ = order["holds"]
    url = f"/v1/orders/{order['id']}/holds/{first['id']}"
    lifted = await service.client.delete(url, headers=bearer(seller.key))
    assert lifted.status_code in (200, 204), lifted.text
    assert (await send(service, path)).status_code == 303
    after = await view_of(seller, order)
    assert [hold["lifted_at"] is not None for hold in after["holds"]] == [True, True]
    assert after["ship_to"]["postal_code"] == "LU1 2AB"


async def test_only_the_hold_for_the_address_is_lifted_and_the_goods_stay_promised(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    asked = {"reason": "The buyer called."}
    held = await seller.post(f"/v1/orders/{order['id']}/holds", asked)
    assert held.status_code == 201, held.text
    before = await builders.availability(service.pool, seller.shop, "CUP")
    await send(service, path)
    after = await view_of(seller, order)
    standing = [hold["kind"] for hold in after["holds"] if hold["lifted_at"] is None]
    assert len(standing) == 1 and standing != ["address"]
    assert await builders.availability(service.pool, seller.shop, "CUP") == before
    assert [line["promise"] for line in after["lines"]] == ["open"]


async def test_two_answers_at_once_have_one_winner(service: Service, seller: Seller) -> None:
    order, path = await doubtful(seller)
    streets = [f"{number} Mill Lane" for number in range(6)]
    answers = await asyncio.gather(*(send(service, path, lines=street) for street in streets))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [303]
    won = [street for street, a in zip(streets, answers, strict=True) if a.status_code == 303]
    after = await view_of(seller, order)
    assert after["ship_to"]["lines"] == won
    fixed = [event for event in after["timeline"] if event["type"] == "order.address_fixed"]
    assert len(fixed) == 1
