"""Dirt in a buyer's words goes through the whole house as text: order, label, console."""

from datetime import UTC
from html import escape

import pytest

from api.console.order import draw_story
from api.console.words import Scene
from tests.api.service import Seller, Service, bearer, order_body, unique
from tests.builders import NOW
from tests.wms.journey.label.printer import add_printer
from wms.database.pool import staff_transaction
from wms.journey.order.waybill import prepare_waybills
from wms.overview import queries as overviews
from wms.tenants.staff import Role

DIRT = {
    "a script": "<script>alert(1)</script>",
    "a formula": "=cmd()",
    "the end of a label": "^XZ",
    "a printer's command": "~JA^XA^FDx^FS",
    "marks from right to left": "\u202ereversed\u202c\u200f",
    "an emoji": "👩‍👧",
    "two hundred characters": "W" * 190,
}


@pytest.fixture(params=list(DIRT.values()), ids=list(DIRT))
def dirt(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


async def dirty_order(seller: Seller, dirt: str) -> int:
    """A paid order whose buyer wrote that wherever one may write."""
    body = order_body(("CUP", 1), buyer_note=f"note {dirt}")
    body["customer"]["name"] = f"A {dirt}"
    body["ship_to"] |= {"name": f"A {dirt}", "lines": [f"1 {dirt}"], "city": f"L {dirt}"}
    answer = await seller.post("/v1/orders", body)
    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert (order["ship_to"]["name"], order["holds"]) == (f"A {dirt}", [])
    await seller.pay(order)
    number: int = order["id"]
    return number


async def test_a_label_prints_dirt_as_text(service: Service, dirt: str) -> None:
    seller = await service.seller(CUP=10)
    order_id = await dirty_order(seller, dirt)
    planner = bearer(await service.sign_in(Role.PLANNER))
    printer = unique("PRN")
    await add_printer(service.pool, printer, site=printer, dpi=203)
    async with staff_transaction(service.pool) as connection:
        fulfilment = await connection.fetchval(
            "select id from fulfilment_order where order_id = $1", order_id
        )
    await prepare_waybills(service.pool, fulfilment, NOW)
    parcel = (await seller.get(f"/v1/orders/{order_id}")).json()["parcels"][0]
    asked = await service.client.post(
        "/v1/labels",
        json={"format": "parcel", "codes": [parcel["sscc"]], "printer": printer},
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    assert asked.status_code == 201, asked.text
    label_id = asked.json()["labels"][0]["id"]
    for suffix in ("zpl", "pdf", "png"):
        drawn = await service.client.get(f"/v1/labels/{label_id}.{suffix}", headers=planner)
        assert drawn.status_code == 200, drawn.text
        if suffix == "zpl":
            text = drawn.text
            assert text.count("^XA") == text.count("^XZ") == 1
            assert text.startswith("^XA") and text.rstrip().endswith("^XZ")
            assert "~JA" not in text


async def test_the_console_shows_dirt_as_text(service: Service, dirt: str) -> None:
    seller = await service.seller(CUP=10)
    order_id = await dirty_order(seller, dirt)
    async with staff_transaction(service.pool) as connection:
        story = await overviews.order_story(connection, order_id)
    drawn = draw_story(story, Scene(NOW, UTC))
    assert "<script" not in drawn
    assert escape(f"1 {dirt}") in drawn
    assert escape(f"note {dirt}") in drawn
