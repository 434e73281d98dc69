"""The ways of totes as others read them."""

from wms.sorting import store

routes_under_way = store.routes_under_way
place_of_lane = store.place_of_lane
stands_complete = store.stands_complete
sorting_totals = store.sorting_totals
