"""Devices as others read them."""

from wms.equipment import store

devices_of_site = store.devices_of_site
last_telegram = store.last_telegram
was_heard = store.was_heard
