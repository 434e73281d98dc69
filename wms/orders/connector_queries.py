"""What is known of connectors, of their orders and of their messages."""

from wms.orders import connector_store

connectors_of = connector_store.connectors_of
connector_of_id = connector_store.connector_of_id
delivery_of_name = connector_store.delivery_of_name
delivery_of_id = connector_store.delivery_of_id
deliveries_after = connector_store.deliveries_after
open_deliveries = connector_store.open_deliveries
their_order = connector_store.their_order
