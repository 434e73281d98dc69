"""Counts as others read them."""

from wms.counting import store
from wms.counting.cycle import store as cycle

count_of_id = store.find_task
counts_after = store.tasks_after
lines_of_count = store.lines_of
books_of_count = store.books_of
counted_so_far = store.counted_so_far
items_scanned = store.items_scanned
expiry_of_lot = store.expiry_of_lot
serial_elsewhere = store.serial_elsewhere
drift_since = cycle.drift_since
planned_on = cycle.planned_on
picks_since = cycle.picks_since
shelves_of = cycle.shelves_of
