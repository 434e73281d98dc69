"""Re-slotting on the real database: judged by carts that were walked, and done as moves."""

import asyncpg
import pytest

from routing.slot.audit import audit_slots
from routing.slot.plan import SlotPlan
from routing.slot.planner import plan_slots
from routing.slot.problem import SlotProblem
from tests.builders import (
    BINS,
    NOW,
    add_items,
    add_shop,
    add_staff,
    add_stock,
    an_item,
    differences,
    enter_house,
    firm_order,
    rows,
    value,
)
from tests.wms.journey.people import picker_at_bin, walk
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.journey.goods.slotting import (
    accept_slotting,
    follow_slotting,
    plan_slotting,
    request_slotting,
)
from wms.journey.request import StaffRequest
from wms.moving import commands as moving
from wms.outbox.command import Answer, body_hash
from wms.slotting.slotting import NO_GAIN, NO_PICKS
from wms.tenants import queries as tenant_rows
from wms.tenants.shop import Shop
from wms.tenants.staff import Role


async def solve(problem: SlotProblem) -> SlotPlan:
    plan = plan_slots(problem)
    assert not audit_slots(problem, plan)
    return plan


async def planner(house: asyncpg.Pool, key: str) -> StaffRequest:
    token = await add_staff(house, f"Petra {key}", Role.PLANNER)
    async with staff_transaction(house) as connection:
        staff = await tenant_rows.staff_of_token(connection, token, NOW)
    assert staff is not None
    return StaffRequest(staff, key, "slotting", body_hash([key]))


async def proposal(house: asyncpg.Pool, moves_max: int = 10) -> int:
    """A proposal that was asked for and planned; its number."""
    key = f"ask {await value(house, 'select count(*) from slotting_proposal')}"
    answer = await request_slotting(house, await planner(house, key), None, moves_max, NOW)
    proposal_id = answer.body["id"]
    assert isinstance(proposal_id, int)
    job = await value(
        house, "select payload ->> 'proposal_id' from job where kind = 'slotting' order by id desc"
    )
    assert job == str(proposal_id)
    await plan_slotting(house, proposal_id, solve, NOW)
    return proposal_id


async def accept(house: asyncpg.Pool, proposal_id: int) -> Answer:
    return await accept_slotting(house, await planner(house, "accept"), proposal_id, NOW)


async def stocked(house: asyncpg.Pool, **bins: int) -> Shop:
    """A shop with 10 of each SKU in the bin of that number."""
    await enter_house(house)
    shop = await add_shop(house)
    await add_items(house, shop, *(an_item(sku) for sku in bins))
    for sku, number in bins.items():
        await add_stock(house, shop, sku, **{f"bin{number}": 10})
    return shop


async def picked(house: asyncpg.Pool, shop: Shop, *skus: str) -> None:
    """One cart that fetched one of each, dropped at the conveyor."""
    order = await firm_order(house, shop, *((sku, 1) for sku in skus))
    picker = await picker_at_bin(house, order)
    await walk(picker)
    await picker.scan_all("CONVEYOR")


async def lies_in(house: asyncpg.Pool) -> dict[str, str]:
    found = await rows(
        house,
        "select i.sku, p.code from balance b join item i on i.id = b.item_id "
        "join place p on p.id = b.place_id and p.kind = 'bin' where b.on_hand > 0",
    )
    return {row["sku"]: row["code"] for row in found}


async def do_moves(house: asyncpg.Pool) -> int:
    """Does every move task that is open; how many."""
    tasks = await rows(house, "select * from move_task where state = 'open' order by id")
    for task in tasks:
        async with staff_transaction(house) as connection:
            await moving.finish_move(
                connection, task["id"], task["quantity"], actor="test", device="",
                command_id=f"move {task['id']}", now=NOW,
            )  # fmt: skip
    return len(tasks)


async def test_without_picks_it_says_so(house: asyncpg.Pool) -> None:
    await stocked(house, MUG=3)
    proposal_id = await proposal(house)
    [row] = await rows(house, "select * from slotting_proposal where id = $1", proposal_id)
    assert (row["state"], row["reason"], row["walks"]) == ("nothing", NO_PICKS, 0)
    with pytest.raises(Conflict, match="nothing"):
        await accept(house, proposal_id)


async def test_what_lies_well_stays(house: asyncpg.Pool) -> None:
    shop = await stocked(house, MUG=0)
    await picked(house, shop, "MUG")
    proposal_id = await proposal(house)
    [row] = await rows(house, "select * from slotting_proposal where id = $1", proposal_id)
    assert (row["state"], row["reason"]) == ("nothing", NO_GAIN)
    assert row["today_mm"] == row["proposed_mm"] == 2_000


async def test_what_is_picked_goes_to_a_nearer_free_bin_as_a_move_task(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked(house, MUG=3)
    await picked(house, shop, "MUG")
    answer = await accept(house, await proposal(house))
    assert answer.body["orders"] == answer.body["carts"] == answer.body["days"] == 1
    assert answer.body["metres_a_day_today"] == 12.0
    assert answer.body["metres_a_day_proposed"] == 2.0
    [task] = await rows(house, "select * from move_task")
    assert (task["kind"], task["state"], task["quantity"]) == ("reslot", "open", 9)
    assert await do_moves(house) == 1
    assert await follow_slotting(house, NOW) == 0
    assert await lies_in(house) == {"MUG": BINS[0]}
    assert await value(house, "select state from slotting_proposal") == "done"
    assert not await differences(house)


async def test_a_chain_goes_on_when_the_move_before_it_is_done(house: asyncpg.Pool) -> None:
    shop = await stocked(house, SLOW=0, MUG=3)
    async with staff_transaction(house) as connection:
        await connection.execute("update place set mixing = 'item' where kind = 'bin'")
    for _ in range(3):
        await picked(house, shop, "MUG")
    await accept(house, await proposal(house))
    done = 0
    while await do_moves(house):
        done += 1
        await follow_slotting(house, NOW)
        assert done < 10
    assert (await lies_in(house))["MUG"] == BINS[0]
    assert await value(house, "select state from slotting_proposal") == "done"
    assert await value(house, "select count(*) from slotting_move where state <> 'done'") == 0
    assert not await differences(house)


async def test_reserved_goods_are_moved_when_they_are_free_again(house: asyncpg.Pool) -> None:
    shop = await stocked(house, MUG=3)
    await picked(house, shop, "MUG")
    proposal_id = await proposal(house)
    order = await firm_order(house, shop, ("MUG", 2))
    picker = await picker_at_bin(house, order)
    await accept(house, proposal_id)
    [move] = await rows(house, "select * from slotting_move")
    assert (move["state"], move["move_task_id"]) == ("waiting", None)
    assert move["note"]
    await walk(picker)
    assert await follow_slotting(house, NOW) == 1
    assert await value(house, "select quantity from move_task") == 7


async def test_a_repeat_accepts_once_and_a_second_is_refused(house: asyncpg.Pool) -> None:
    shop = await stocked(house, MUG=3)
    await picked(house, shop, "MUG")
    proposal_id = await proposal(house)
    request = await planner(house, "accept")
    first = await accept_slotting(house, request, proposal_id, NOW)
    again = await accept_slotting(house, request, proposal_id, NOW)
    assert again == Answer(200, first.body, replayed=True)
    assert await value(house, "select count(*) from move_task") == 1
    with pytest.raises(Conflict, match="accepted"):
        await accept_slotting(house, await planner(house, "other"), proposal_id, NOW)
    with pytest.raises(NotFound):
        await accept_slotting(house, await planner(house, "third"), 99_999, NOW)
