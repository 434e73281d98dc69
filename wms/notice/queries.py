"""Notices as others read them."""

from wms.notice import store

find_choice = store.find_choice
shops_with_notices = store.shops_with_notices
find_notice = store.find_notice
notices_of_order = store.notices_of_order
unsent = store.unsent
