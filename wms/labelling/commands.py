"""What changes the labels that printers work off."""

from wms.labelling import store

begin_label = store.begin_label
set_sent = store.set_sent
set_printed = store.set_printed
set_unsure = store.set_unsure
