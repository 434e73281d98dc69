"""Cartons and parcels as others read them."""

from wms.packing import store

cartons_of = store.cartons_of
parcels_of_fulfilment = store.parcels_of_fulfilment
empty_parcels = store.empty_parcels
contents_of_parcel = store.contents_of_parcel
order_at_station = store.order_at_station
ready_at_station = store.ready_at_station
packed_elsewhere = store.packed_elsewhere
tote_contents_of = store.tote_contents_of
loaded_contents = store.loaded_contents
