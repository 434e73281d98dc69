"""The ways of units, what rides, and lanes as others read them."""

from wms.sorting import item_store, lane_store, sorter_store, store

routes_under_way = store.routes_under_way
place_of_lane = store.place_of_lane
stands_complete = store.stands_complete
sorting_totals = store.sorting_totals
wave_on_the_belt = store.wave_on_the_belt
items_riding = item_store.items_riding
items_before = item_store.items_before
items_of_unit = item_store.items_of_unit
closed_lanes = lane_store.closed_lanes
standing_in_lanes = lane_store.standing_in_lanes
queued_lane_commands = lane_store.queued_lane_commands
lane_command_of_id = lane_store.lane_command_of_id
lane_commands_before = lane_store.lane_commands_before
standing_alarms = lane_store.standing_alarms
recent_alarms = lane_store.recent_alarms
sorters = sorter_store.sorters
sorter_of_name = sorter_store.sorter_of_name
places_with_lanes = sorter_store.places_with_lanes
last_events = sorter_store.last_events
ended_since = sorter_store.ended_since
