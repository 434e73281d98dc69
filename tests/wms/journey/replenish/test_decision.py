"""A planner decides on proposals: as they are, changed, together, or not at all."""

import asyncpg
import pytest

from tests.builders import NOW, differences, rows, value
from tests.wms.journey.replenish.season import (
    DAYS,
    bought_from,
    leave,
    planner,
    run,
    sell,
    seller,
)
from wms.error import Conflict, NotFound, Refused
from wms.journey.replenish.decision import Wish, approve_proposals, reject_proposal
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

WEEKS = (4, 6, 5, 5, 7, 4, 5) * (DAYS // 7)


async def proposed(
    house: asyncpg.Pool, *skus: str, minimum: int = 1, multiple: int = 1
) -> tuple[Shop, list[int]]:
    """A shop whose items run out, and the proposals of a run, by SKU."""
    shop = await seller(house, *skus)
    for sku in skus:
        await sell(house, shop, sku, *WEEKS)
        await bought_from(house, shop, sku, minimum=minimum, multiple=multiple)
        await leave(house, shop, sku, 0)
    await run(house)
    found = await rows(
        house,
        "select r.id from replenishment_proposal r join item i on i.id = r.item_id order by i.sku",
    )
    return shop, [row["id"] for row in found]


async def approve(house: asyncpg.Pool, *wishes: Wish, key: str = "approve") -> Answer:
    return await approve_proposals(house, await planner(house, key), wishes, NOW)


async def test_what_is_approved_is_ordered_and_announced_at_once(house: asyncpg.Pool) -> None:
    shop, [proposal_id] = await proposed(house, "MUG")
    quantity = await value(house, "select quantity from replenishment_proposal")
    answer = await approve(house, Wish(proposal_id))
    items = answer.body["items"]
    assert isinstance(items, list)
    [view] = items
    assert view["state"] == "approved"
    assert view["approved_quantity"] == quantity
    assert str(view["decided_by"]).startswith("staff:Petra")
    [order] = await rows(house, "select * from purchase_order")
    assert (order["state"], order["id"]) == ("sent", view["purchase_order_id"])
    assert (order["shop_id"], order["made_by"]) == (shop.shop_id, view["decided_by"])
    [shipment] = await rows(house, "select * from inbound_shipment")
    assert shipment["purchase_order_id"] == order["id"]
    assert await value(house, "select inbound from availability") == quantity
    # What is on its way is not proposed again.
    await run(house)
    assert await value(house, "select count(*) from replenishment_proposal") == 1
    assert not await differences(house)


async def test_what_one_supplier_brings_is_one_order(house: asyncpg.Pool) -> None:
    _, ids = await proposed(house, "CUP", "MUG", "POT")
    await approve(house, Wish(ids[2]), Wish(ids[0], 77))
    [order] = await rows(house, "select * from purchase_order")
    lines = await rows(house, "select * from purchase_line order by line")
    assert [line["purchase_order_id"] for line in lines] == [order["id"]] * 2
    assert 77 in [line["quantity"] for line in lines]
    states = await rows(house, "select state from replenishment_proposal order by id")
    assert sorted(row["state"] for row in states) == ["approved", "approved", "proposed"]


async def test_a_quantity_that_is_not_sold_is_refused_with_the_nearest(
    house: asyncpg.Pool,
) -> None:
    _, [other_id, proposal_id] = await proposed(house, "CUP", "MUG", multiple=12, minimum=24)
    with pytest.raises(Refused, match="The nearest is 36") as refused:
        await approve(house, Wish(proposal_id, 35), Wish(other_id))
    # It points into what the planner asked for, not into the order that it was to become.
    assert refused.value.pointer == "/proposals/0/quantity"
    assert await value(house, "select count(*) from purchase_order") == 0
    states = await rows(house, "select distinct state from replenishment_proposal")
    assert [row["state"] for row in states] == ["proposed"]
    await approve(house, Wish(proposal_id, 36), key="again")
    assert (
        await value(
            house, "select approved_quantity from replenishment_proposal where state = 'approved'"
        )
        == 36
    )


async def test_all_are_approved_or_none(house: asyncpg.Pool) -> None:
    _, ids = await proposed(house, "CUP", "MUG")
    with pytest.raises(NotFound):
        await approve(house, Wish(ids[0]), Wish(99_999))
    with pytest.raises(Refused, match="twice"):
        await approve(house, Wish(ids[0]), Wish(ids[0], 3), key="twice")
    assert await value(house, "select count(*) from purchase_order") == 0


async def test_a_repeat_gets_the_first_answer_and_a_second_wish_is_refused(
    house: asyncpg.Pool,
) -> None:
    _, [proposal_id] = await proposed(house, "MUG")
    request = await planner(house, "approve")
    first = await approve_proposals(house, request, [Wish(proposal_id)], NOW)
    again = await approve_proposals(house, request, [Wish(proposal_id)], NOW)
    assert again == Answer(200, first.body, replayed=True)
    assert await value(house, "select count(*) from purchase_order") == 1
    with pytest.raises(Conflict, match="approved"):
        await approve(house, Wish(proposal_id), key="other")


async def test_without_a_supplier_nothing_can_be_approved(house: asyncpg.Pool) -> None:
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await leave(house, shop, "MUG", 0)
    await run(house)
    proposal_id = await value(house, "select id from replenishment_proposal")
    assert isinstance(proposal_id, int)
    with pytest.raises(Refused, match="enter a supplier") as refused:
        await approve(house, Wish(proposal_id))
    assert refused.value.pointer == "/proposals/0/id"


async def test_what_is_turned_down_keeps_its_note_and_is_proposed_anew(
    house: asyncpg.Pool,
) -> None:
    _, [proposal_id] = await proposed(house, "MUG")
    await reject_proposal(house, await planner(house, "no"), proposal_id, "next season", NOW)
    [row] = await rows(house, "select * from replenishment_proposal")
    assert (row["state"], row["note"]) == ("rejected", "next season")
    with pytest.raises(Conflict, match="rejected"):
        await approve(house, Wish(proposal_id))
    await run(house)
    assert await value(house, "select count(*) from replenishment_proposal") == 2
