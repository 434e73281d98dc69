"""Whether a database is a demo's, and so may be emptied."""

from wms.day import store

lock_demo = store.lock_demo
set_purpose = store.set_purpose
empty = store.empty
