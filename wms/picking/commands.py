"""What changes waves, carts and pick tasks."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict
from wms.picking import (
    cancel_store,
    lock_store,
    replan_store,
    task_store,
    walk_store,
    wave_store,
)
from wms.picking.wave import WavePlan

CLAIM_LASTS = timedelta(minutes=30)


async def save_plan(
    connection: asyncpg.Connection, wave_id: int, plan: WavePlan, now: datetime
) -> None:
    """Writes a wave's plan: its orders, carts, slots and tasks; nothing is reserved yet.

    Raises:
        Conflict: `plan_stale`, an order of the plan is in another wave or not as it was planned.
    """
    orders = sorted({order_id for cart in plan.carts for order_id in cart.slots})
    picks = [task.pick for cart in plan.carts for task in cart.tasks]
    entered = await wave_store.insert_wave_orders(
        connection,
        wave_id,
        orders,
        [pick.want.line_id for pick in picks],
        [pick.quantity for pick in picks],
    )
    if entered != len(orders):
        raise Conflict("plan_stale", "An order of the plan has been taken meanwhile.")
    for cart in plan.carts:
        slots: list[dict[str, object]] = [
            {"slot": slot, "fulfilment_order_id": order_id}
            for slot, order_id in enumerate(cart.slots, start=1)
        ]
        tasks: list[dict[str, object]] = [
            {
                "slot": task.slot,
                "seq": task.seq,
                "tenant_id": task.pick.want.tenant_id,
                "line_id": task.pick.want.line_id,
                "balance_id": task.pick.bin.balance_id,
                "place_id": task.pick.bin.place_id,
                "item_id": task.pick.want.item_id,
                "quantity": task.pick.quantity,
            }
            for task in cart.tasks
        ]
        path = [list(point) for point in cart.path]
        await wave_store.insert_cart(
            connection,
            wave_id,
            cart.number,
            cart.distance_mm,
            path,
            cart.walk_s,
            cart.due_at,
            slots,
            tasks,
        )
    await wave_store.save_plan(connection, wave_id, plan, left_out_rows(plan.left_out), now)


def left_out_rows(left_out: tuple[tuple[int, str], ...]) -> list[dict[str, object]]:
    """Left-out orders with their reasons, as a wave keeps them."""
    return [{"order": order_id, "reason": reason} for order_id, reason in left_out]


async def claim_batch(
    connection: asyncpg.Connection, staff_id: int, warehouse_id: int, now: datetime
) -> asyncpg.Record | None:
    """The cart this picker is at, or a warehouse's next one; None where none is left of its waves.

    A cart elsewhere that they have not begun is given back; one that is begun stays theirs, and
    they get no other.
    """
    own = await walk_store.batch_of_picker(connection, staff_id)
    if own is not None and own["warehouse_id"] != warehouse_id and own["state"] == "claimed":
        await walk_store.let_go(connection, own["id"])
    elif own is not None:
        return own
    return await walk_store.claim_batch(connection, staff_id, warehouse_id, now + CLAIM_LASTS, now)


request_wave = wave_store.insert_wave
wave_for_update = wave_store.wave_for_update
set_wave_state = wave_store.set_wave_state
refuse_wave = wave_store.refuse_wave
void_wave = wave_store.void_wave
release_waits = wave_store.release_waits
released_waves = replan_store.released_waves
free_carts = replan_store.free_carts
void_carts = replan_store.void_carts
shrink_wave = replan_store.shrink_wave
finish_wave = wave_store.finish_wave
set_cart = walk_store.set_cart
bind_tote = walk_store.bind_tote
empty_slots = walk_store.empty_slots
start_batch = walk_store.start_batch
drop_batch = walk_store.drop_batch
void_batch = walk_store.void_batch
walks_without_work = walk_store.walks_without_work
leave_wave = walk_store.leave_wave
void_open_tasks = task_store.void_open_tasks
current_task = task_store.current_task
set_step = task_store.set_step
go_on_here = task_store.go_on_here
put_last = task_store.put_last
part_task = task_store.part_task
finish_task = task_store.finish_task
insert_task_like = task_store.insert_task_like
shrink_task = task_store.shrink_task
open_tasks_of_line = task_store.open_tasks_of_line
task_of_reservation = task_store.task_of_reservation
note_cancellation = cancel_store.insert_request
lock_waves = lock_store.lock_waves
lock_walk = lock_store.lock_walk
lock_picks = lock_store.lock_picks
lock_goods = lock_store.lock_goods
lock_loaded = lock_store.lock_loaded
lock_loaded_goods = lock_store.lock_loaded_goods
