"""Items as others read them."""

from wms.items import store

items_of_skus = store.items_of_skus
items_after = store.items_after
barcode_names = store.barcode_names
