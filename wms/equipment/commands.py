"""What changes who speaks with a device."""

from wms.equipment import store

take_lease = store.take_lease
end_lease = store.end_lease
lease_stands = store.lease_stands
