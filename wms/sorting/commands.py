"""What changes the ways that totes take over the sorter."""

from wms.sorting import store

expect_tote = store.insert_route
route_for_update = store.route_for_update
set_read = store.set_read
set_diverted = store.set_diverted
set_missorted = store.set_missorted
set_expected_again = store.set_expected_again
forget_routes = store.delete_routes
forget_tracks = store.forget_tracks
