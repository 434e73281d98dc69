"""What changes the ways that units take over the sorter, what rides on it, and its lanes."""

from wms.sorting import item_store, lane_store, store

expect_tote = store.insert_route
routes_for_falls = store.routes_for_falls
lock_orders = store.lock_orders
set_read = store.set_read
set_diverted = store.set_diverted
set_missorted = store.set_missorted
set_rejected = store.set_rejected
set_expected_again = store.set_expected_again
forget_routes = store.delete_routes
forget_tracks = store.forget_tracks
riding_item = item_store.riding_item
unit_going_round = item_store.unit_going_round
units_going_round = item_store.units_going_round
track_going_round = item_store.track_going_round
begin_item = item_store.insert_item
induct_items = item_store.insert_inducted
change_items = item_store.update_items
items_on = item_store.items_on
item_told = item_store.item_told
telling_of = item_store.telling_of
reopen_item = item_store.reopen_item
drop_item = item_store.delete_item
lose_riding = item_store.lose_riding
lose_forgotten = item_store.lose_forgotten
close_lane = lane_store.close_lane
open_lane = lane_store.open_lane
ask_lane = lane_store.insert_lane_command
finish_lane_command = lane_store.finish_lane_command
raise_alarms = lane_store.raise_alarms
clear_alarms = lane_store.clear_alarms
