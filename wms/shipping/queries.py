"""Waybills and departures as others read them."""

from wms.shipping import store

waybill_of_parcel = store.waybill_of_parcel
waybills_of_order = store.waybills_of_order
tracking_of_fulfilment = store.tracking_of_fulfilment
printer_of_place = store.printer_of_place
parcel_of_sscc = store.parcel_of_sscc
departure_at = store.departure_at
stops_of_departure = store.stops_of_departure
