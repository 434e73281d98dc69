"""Waves and walks as others read them."""

from wms.picking import store

wave_in_planning = store.wave_in_planning
orders_of_wave = store.orders_of_wave
totes_of_orders = store.units_of_wave_orders
busy_packing_places = store.busy_packing_places
begun = store.begun
wave_with_carts = store.wave_with_carts
batch_of_picker = store.batch_of_picker
cart_taken = store.cart_taken
slots_of_batch = store.slots_of_batch
current_task = store.current_task
finished_orders = store.finished_orders
