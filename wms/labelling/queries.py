"""The labels that printers work off, as others read them."""

from wms.labelling import store

next_label = store.next_label
label_begun = store.label_begun
