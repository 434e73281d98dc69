"""Counts as others read them."""

from wms.counting import line_store, store
from wms.counting.cycle import store as cycle

count_of_id = store.find_task
counts_after = store.tasks_after
lines_of_count = line_store.lines_of
books_of_count = line_store.books_of
counted_so_far = line_store.counted_so_far
items_scanned = line_store.items_scanned
expiry_of_lot = line_store.expiry_of_lot
serial_elsewhere = line_store.serial_elsewhere
drift_since = cycle.drift_since
planned_on = cycle.planned_on
picks_since = cycle.picks_since
shelves_of = cycle.shelves_of
