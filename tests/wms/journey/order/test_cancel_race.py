"""A cancellation that races the floor: one of them wins, and stock and label agree with who did."""

import asyncio
from random import Random

import asyncpg

from tests.builders import (
    availability,
    firm_order,
    order_id_of,
    rows,
    value,
)
from tests.wms.journey.label.printer import add_printer
from tests.wms.journey.order.editing import edit, order_of, sound
from tests.wms.journey.order.racing import (
    MUGS,
    at_the_tote,
    cancel,
    owned,
    papers_of,
    put_back,
    shop_of,
)
from tests.wms.journey.order.two import an_order, place, shop_of_two
from tests.wms.journey.people import (
    holds_of,
    packer_at_carton,
    person,
    pick_one,
    sort_all,
    sorted_order,
    state_of,
    told_of,
)
from wms.outbox.command import Answer

ROUNDS = 12


async def test_a_cancel_racing_a_pick_scan_has_one_winner(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    for number in range(ROUNDS):
        fulfilment = await firm_order(house, shop, ("MUG", 2))
        await at_the_tote(house, fulfilment, picker)
        tote = picker.screen["target"]
        order = await order_of(house, fulfilment)
        race = [picker.scan(tote), cancel(house, shop, order)]
        first, second = await asyncio.gather(*(race if number % 2 else reversed(race)))
        screen, answer = (first, second) if isinstance(first, dict) else (second, first)
        assert isinstance(screen, dict)
        assert isinstance(answer, Answer)
        assert answer.body["state"] == "done"
        assert await state_of(house, fulfilment) == "cancelled"
        picked = await value(
            house, "select sum(picked)::bigint from fulfilment_line where fulfilment_order_id = $1",
            fulfilment,
        )  # fmt: skip
        # Booked before the order was cancelled, or not at all.
        assert picked in (0, 2)
        assert await papers_of(house, fulfilment) == {("void", False)}
        assert await availability(house, shop, "MUG") == (MUGS, 0)
        assert await owned(house) == MUGS
        if picked:
            assert picker.screen["step"] == "drop"
            await picker.scan_all("CONVEYOR")
            await sort_all(house)
            assert await put_back(house, fulfilment) == 2
        else:
            await picker.do("refresh")
            assert picker.screen["step"] == "wait"
        await sound(house)


async def test_a_cancel_racing_the_sorter_is_done_or_refused(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    for number in range(ROUNDS // 2):
        fulfilment = await firm_order(house, shop, ("MUG", 2))
        await at_the_tote(house, fulfilment, picker)
        await picker.scan_all(picker.screen["target"], "CONVEYOR")
        order = await order_of(house, fulfilment)
        before = await availability(house, shop, "MUG")
        race = [sort_all(house), cancel(house, shop, order)]
        came = await asyncio.gather(*(race if number % 2 else reversed(race)))
        [answer] = [each for each in came if each is not None]
        state = await state_of(house, fulfilment)
        if answer.body["state"] == "done":
            assert state == "cancelled"
            assert await papers_of(house, fulfilment) == {("void", False)}
            assert await availability(house, shop, "MUG") == (before[0], before[1] - 2)
            await sort_all(house)
            assert await put_back(house, fulfilment) == 2
        else:
            assert (answer.body["code"], state) == ("packing", "sorted")
            assert await papers_of(house, fulfilment) == {("made", False)}
            assert await availability(house, shop, "MUG") == before
        assert await owned(house) == MUGS
        await sound(house)


async def test_edits_cancels_and_picks_at_once_leave_sound_books(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    picker = await person(house, "Pia")
    rng = Random(7)
    for _ in range(ROUNDS // 2):
        fulfilment = await firm_order(house, shop, ("MUG", 2), ("CUP", 2))
        await at_the_tote(house, fulfilment, picker)
        order = await order_of(house, fulfilment)
        race = [
            picker.scan(picker.screen["target"]),
            edit(house, shop, order, (1, 1)),
            edit(house, shop, order, (2, 3)),
            cancel(house, shop, order),
        ]
        rng.shuffle(race)
        for came in await asyncio.gather(*race, return_exceptions=True):
            assert not isinstance(came, asyncpg.PostgresError | AssertionError), came
        assert await value(house, "select state from shop_order where id = $1", order) == (
            "cancelled"
        )
        assert await owned(house) == MUGS
        assert await availability(house, shop, "MUG") == (MUGS, 0)
        await sound(house)
        await picker.do("refresh")
        while picker.screen["step"] != "wait":
            if picker.screen["step"] == "drop":
                await picker.scan_all("CONVEYOR")
            else:
                await pick_one(picker)
        await sort_all(house)


async def test_a_cancelled_label_job_is_void_wherever_it_was(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    await add_printer(house, "PRN-01", place="PACK-01")
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await sorted_order(house, fulfilment)
    packer = await packer_at_carton(house, fulfilment)
    await packer.scan_all("C-S", "MUG")
    answer = await cancel(house, shop, await order_of(house, fulfilment))
    assert (answer.body["state"], answer.body["code"]) == ("refused", "packing")
    assert answer.body["way_back"]["how"] == "handoff"  # type: ignore[index]
    # What is refused leaves the label where it was.
    assert await value(house, "select state from label_job") == "queued"


async def test_all_parts_are_cancelled_or_it_is_said_which_could_not_be(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(2, 0), CUP=(0, 2))
    order = await place(house, shop, an_order("1", ("MUG", 1), ("CUP", 1)))
    parts = await rows(
        house,
        "select f.id, w.code from fulfilment_order f join warehouse w on w.id = f.warehouse_id "
        "order by w.code",
    )
    assert [part["code"] for part in parts] == ["MAIN", "SOUTH"]
    packed = parts[0]["id"]
    # However far one part is, the other is not cancelled without it.
    for state in ("released", "picking", "picked", "sorted"):
        await value(house, "update fulfilment_order set state = $2 where id = $1", packed, state)
    answer = await cancel(house, shop, order_id_of(order))
    assert answer.body["state"] == "refused"
    assert answer.body["blocked"] == [{"fulfilment_order_id": packed, "state": "sorted"}]
    assert await state_of(house, parts[1]["id"]) == "open"
    await sound(house)


async def test_a_paid_order_that_is_cancelled_says_what_to_give_back(house: asyncpg.Pool) -> None:
    shop = await shop_of(house)
    fulfilment = await firm_order(house, shop, ("MUG", 2))
    await cancel(house, shop, await order_of(house, fulfilment))
    [event] = await rows(house, "select data from event where type = 'order.refund_advised'")
    assert event["data"]["amount"] == {"amount_minor": 510, "currency": "GBP"}
    assert event["data"]["reason"] == "cancelled"
    assert "order.cancelled" in await told_of(house, fulfilment)
    assert await holds_of(house, fulfilment) == []
