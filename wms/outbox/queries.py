"""Events, endpoints and deliveries as shops and screens read them."""

from wms.outbox import delivery_store, endpoint_store, event_store, given_up_store

Chosen = event_store.Chosen
Page = event_store.Page
events_after = event_store.events_after
events_of_order = event_store.events_of_order
endpoints_after = endpoint_store.endpoints_after
find_endpoint = endpoint_store.find_endpoint
STATES = delivery_store.STATES
deliveries_before = delivery_store.deliveries_before
find_delivery = delivery_store.find_delivery
given_up = given_up_store.given_up
