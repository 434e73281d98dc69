"""Orders as others read them."""

from wms.orders import store

order_of_id = store.order_of_id
lines_of_order = store.lines_of_order
parts_of_order = store.parts_of_order
fulfilments_of_order = store.fulfilments_of_order
holds_of_order = store.holds_of_order
orders_after = store.orders_after
lines_of_fulfilment = store.lines_of_fulfilment
fulfilment_summary = store.fulfilment_summary
