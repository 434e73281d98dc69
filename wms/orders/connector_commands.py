"""What changes connectors, and what is known of their orders and messages."""

from wms.orders import connector_store

add_connector = connector_store.insert_connector
set_secret = connector_store.set_secret
remove_connector = connector_store.remove_connector
keep_delivery = connector_store.insert_delivery
begin_delivery = connector_store.begin_delivery
end_delivery = connector_store.end_delivery
delete_deliveries = connector_store.delete_deliveries
put_their_order = connector_store.put_their_order
restore_their_order = connector_store.restore_their_order
add_dropped = connector_store.add_dropped
