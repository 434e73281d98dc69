"""Events as shops and screens read them."""

from wms.outbox import store

events_after = store.events_after
events_of_order = store.events_of_order
