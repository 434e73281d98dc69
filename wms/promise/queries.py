"""Promises as others read them."""

from wms.promise import store

expired_orders = store.expired_orders
