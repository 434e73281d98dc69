"""Labels and their printers, as others read them."""

from wms.labelling import store

next_label = store.next_label
label_begun = store.label_begun
label_of_id = store.label_of_id
labels_of_ids = store.labels_of_ids
labels_after = store.labels_after
label_of_parcel = store.label_of_parcel
printer_named = store.printer_named
