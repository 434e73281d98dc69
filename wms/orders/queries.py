"""Orders as others read them."""

from wms.orders import (
    address_store,
    edit_store,
    insert_store,
    intake_store,
    payment_store,
    schedule_store,
    split_store,
    store,
    usual_store,
)

sources_of = intake_store.sources_of
insert_rules_after = insert_store.insert_rules_after
inserts_unmet = insert_store.inserts_unmet
unfetched = insert_store.unfetched
gift_words = insert_store.gift_words
any_order = store.any_order
order_of_id = store.order_of_id
lines_of_order = store.lines_of_order
parts_of_fulfilment = store.parts_of_fulfilment
fulfilments_of_order = store.fulfilments_of_order
fulfilment_states = store.fulfilment_states
portions_of_order = store.portions_of_order
fulfilment_of_id = split_store.fulfilment_of_id
claims_of_fulfilment = split_store.claims_of_fulfilment
holds_of_order = store.holds_of_order
is_live = store.is_live
orders_after = store.orders_after
lines_of_fulfilment = store.lines_of_fulfilment
fulfilment_summary = store.fulfilment_summary
shop_name = address_store.shop_name
buyer_note = address_store.buyer_note
due_fulfilments = schedule_store.due_fulfilments
expected_of = schedule_store.expected_of
made_for_nobody = schedule_store.made_for_nobody
edits_of_order = edit_store.edits_of_order
lines_to_edit = edit_store.lines_to_edit
payments_of_order = payment_store.payments_of_order
touches_of_order = payment_store.touches_of_order
rules_of = usual_store.rules_of
last_refresh = usual_store.last_refresh
