"""The vault and what left it, as others read them."""

from wms.digital import store, vault_store

find_item = vault_store.find_item
count_codes = vault_store.count_codes
expired_items = vault_store.expired_items
deliveries_of_order = store.deliveries_of_order
delivery_of_id = store.delivery_of_id
is_live = store.is_live
codes_to_send = store.codes_to_send
fulfilments_of = store.fulfilments_of
generation_of = store.generation_of
