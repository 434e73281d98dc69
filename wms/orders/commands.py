"""What changes orders and fulfilment orders."""

from collections.abc import Collection
from datetime import datetime, timedelta

import asyncpg

from wms.error import NotFound
from wms.orders import (
    acceptance,
    address_store,
    edit_store,
    insert_store,
    payment_store,
    schedule_store,
    split_store,
    store,
    usual_store,
    watch_store,
)
from wms.orders.fulfilment import CLOCK, Event, State, after, sources, target
from wms.orders.hold import care_of
from wms.outbox import commands as outbox


async def apply_fulfilment_event(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    event: Event,
    actor: str,
    now: datetime,
    data: dict[str, object] | None = None,
    told: str | None = None,
) -> State:
    """Moves a fulfilment order on by its table of states, and tells of it.

    Raises:
        NotFound: there is no such fulfilment order.
        Conflict: `wrong_state`.
    """
    return await apply_to_fulfilments(
        connection, [fulfilment_order_id], event, actor, now, data, told
    )


async def apply_to_fulfilments(
    connection: asyncpg.Connection,
    fulfilment_order_ids: Collection[int],
    event: Event,
    actor: str,
    now: datetime,
    data: dict[str, object] | None = None,
    told: str | None = None,
) -> State:
    """Moves fulfilment orders on by their table of states, and tells of each; their new state.

    `told` is the event's type where it is not that of the state.

    Raises:
        NotFound: one of them is none.
        Conflict: `wrong_state`, one of them is elsewhere. Nothing is changed then.
    """
    numbers, state = sorted(set(fulfilment_order_ids)), target(event)
    moved = await store.move_fulfilments(
        connection,
        numbers,
        sources(event),
        state,
        told or f"order.{state}",
        CLOCK.get(state),
        data or {},
        actor,
        now,
    )
    if moved < len(numbers):
        states = await store.fulfilment_states(connection, numbers)
        for number in numbers:
            if number not in states:
                raise NotFound("unknown_fulfilment_order", f"No fulfilment order {number}.")
            after(State(states[number]), event)
        raise AssertionError(f"{event}: the table of states has all of {states}")
    return state


async def hold_and_tell(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    kind: str,
    reason: str,
    actor: str,
    now: datetime,
    *,
    owned_by: str | None = None,
    lasts: timedelta | None = None,
) -> int:
    """Keeps a fulfilment order back until its owner has looked, tells the shop; its number.

    Owner and time are those of its kind, where nothing else is said.
    """
    care = care_of(kind)
    owner, until = owned_by or care.owned_by, now + (lasts or care.lasts)
    order = await store.fulfilment_summary(connection, fulfilment_order_id)
    hold_id = await store.insert_hold(
        connection,
        order["tenant_id"],
        fulfilment_order_id,
        kind,
        reason,
        owner,
        until,
        actor,
    )
    await outbox.emit(
        connection,
        order["tenant_id"],
        "order.held",
        f"order/{order['order_id']}",
        order["order_id"],
        {
            "order_id": order["order_id"],
            "external_order_id": order["external_order_id"],
            "fulfilment_order_id": fulfilment_order_id,
            "hold_id": hold_id,
            "kind": kind,
            "reason": reason,
            "owned_by": owner,
            "until": until.isoformat(),
        },
        actor,
        now,
    )
    return hold_id


Facts = acceptance.Facts
Accepted = acceptance.Accepted
look_up = acceptance.look_up
claim_and_look_up = acceptance.claim_and_look_up
look_around = acceptance.look_around
missing = acceptance.missing
whole = acceptance.whole
plan_of_sandbox = acceptance.plan_of_sandbox
is_plain = acceptance.is_plain
accept = acceptance.accept
refuse_twin = acceptance.refuse_twin
lock_stock = acceptance.lock_stock
set_sources = acceptance.set_sources
insert_like = split_store.insert_like
give_line = split_store.give_line
copy_holds = split_store.copy_holds
set_warehouse = split_store.set_warehouse
begin_anew = split_store.begin_anew
add_cancelled = split_store.add_cancelled
add_short = split_store.add_short
lift_holds = split_store.lift_holds
lift_hold = store.lift_hold
set_edited = edit_store.set_edited
insert_edit = edit_store.insert_edit
set_price = edit_store.set_price
insert_line = edit_store.insert_line
grow_line = edit_store.grow_line
put_line = edit_store.put_line
insert_part = edit_store.insert_part
set_balance = edit_store.set_balance
add_paid = edit_store.add_paid
set_address = address_store.set_address
clear_waybill = address_store.clear_waybill
set_delivery = address_store.set_delivery
set_buyer_note = address_store.set_buyer_note
put_insert_rule = insert_store.put_insert_rule
set_gift_messages = insert_store.set_gift_messages
add_inserts = insert_store.add_inserts
leave_out_inserts = insert_store.leave_out_inserts
leave_out_missing = insert_store.leave_out_missing
set_due = schedule_store.set_due
order_for_update = store.order_for_update
add_payment = payment_store.insert_payment
set_payment = payment_store.set_payment
set_order_state = store.set_order_state
make_firm = store.make_firm
lock_fulfilments = store.lock_fulfilments
fulfilment_for_update = store.fulfilment_for_update
set_waybill_ready = store.set_waybill_ready
set_pickup_requested = store.set_pickup_requested
set_packing_places = store.set_packing_places
add_picked = store.add_picked
add_packed = store.add_packed
set_rule = usual_store.set_rule
refresh_usual = usual_store.refresh_usual
mark_overdue = watch_store.mark_overdue
mark_at_risk = watch_store.mark_at_risk
