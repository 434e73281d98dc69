"""Counts: what was found against what the books say."""

from wms.counting import store

note_count = store.insert_count
