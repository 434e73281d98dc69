"""Waves and walks as others read them."""

from wms.picking import (
    cancel_store,
    lock_store,
    release_store,
    replan_store,
    task_store,
    walk_store,
    wave_store,
)

wave_in_planning = wave_store.wave_in_planning
orders_of_wave = wave_store.orders_of_wave
totes_of_orders = wave_store.units_of_wave_orders
busy_packing_places = wave_store.busy_packing_places
begun = wave_store.begun
slots_standing = replan_store.slots_standing
last_replan = replan_store.last_replan
idle_carts = replan_store.idle_carts
wave_with_carts = wave_store.wave_with_carts
releasable = release_store.releasable
waiting_for_release = release_store.waiting_for_release
demand_of = release_store.demand_of
want_of_line = release_store.want_of_line
in_the_house = release_store.in_the_house
lines_open = release_store.lines_open
batch_of_picker = walk_store.batch_of_picker
cart_taken = walk_store.cart_taken
slots_of_batch = walk_store.slots_of_batch
next_task = task_store.next_task
task_of_id = task_store.task_of_id
pauses_of_batch = task_store.pauses_of_batch
holds_goods = walk_store.holds_goods
finished_orders = walk_store.finished_orders
ended_orders = walk_store.ended_orders
orders_of_batch = walk_store.orders_of_batch
cancellation_of_id = cancel_store.request_of_id
cancellation_done = cancel_store.request_done
totes_at_rest = cancel_store.totes_at_rest
waves_of_orders = lock_store.waves_of_orders
