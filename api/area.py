"""The parts of the API as its document shows them, and the scope that a key needs for each."""

from dataclasses import dataclass
from typing import Any

from wms.tenants.scope import READ, WRITE, Area

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Tag:
    """What is under a tag; `area` is what a shop's key needs for it, None where it opens none."""

    about: str
    area: Area | None = None


TAGS: dict[str, Tag] = {
    "orders": Tag("Orders from the shop to the parcel that is handed over.", Area.ORDERS),
    "quotes": Tag("When could a buyer have it, and how: dated answers.", Area.QUOTES),
    "addresses": Tag("Addresses, looked at before anything is promised.", Area.QUOTES),
    "items": Tag("What is sold: sizes, barcodes, rules.", Area.ITEMS),
    "inventory": Tag("How much there is, and for whom it is kept.", Area.INVENTORY),
    "movements": Tag("The ledger: every change of stock.", Area.INVENTORY),
    "promotions": Tag("Stock kept for a sale, for a time.", Area.INVENTORY),
    "inbound": Tag("Goods that come: announced, received, inspected, taken back.", Area.INBOUND),
    "purchases": Tag("Suppliers, and what is ordered from them.", Area.INBOUND),
    "replenishment": Tag("What to get before it runs out.", Area.INBOUND),
    "digital goods": Tag("Codes, links and vouchers, sold and sent.", Area.DIGITAL),
    "notices": Tag("What buyers are told by mail, and what came of it.", Area.ORDERS),
    "admissions": Tag("Places in the queue of a flash sale.", Area.ORDERS),
    "returns": Tag("Goods that come back.", Area.INBOUND),
    "handoffs": Tag("A human is asked for.", Area.HANDOFFS),
    "steps": Tag("How long each step of the house may take, and what takes longer."),
    "events": Tag("What happened, in an order that skips nothing.", Area.EVENTS),
    "webhooks": Tag("Endpoints that events are pushed to.", Area.WEBHOOKS),
    "connectors": Tag("Orders from other shop systems, and from files.", Area.CONNECTORS),
    "shops": Tag("The shop behind the key.", Area.SHOP),
    "keys": Tag("The shop's keys: listed, made and given up.", Area.KEYS),
    "privacy": Tag("What is known of a buyer: given out, and erased.", Area.PRIVACY),
    "audit": Tag("Who did what, and who looked at whose data.", Area.AUDIT),
    "tracking": Tag("Scans of carriers."),
    "labels": Tag("Labels of parcels.", Area.ORDERS),
    "handling units": Tag("Pallets, boxes and totes, by their codes.", Area.INVENTORY),
    "places": Tag("Bins, docks, carts: where goods may be."),
    "waves": Tag("What is picked together, and when."),
    "departures": Tag("Vans, their departures and routes."),
    "moves": Tag("Goods to be moved inside the house."),
    "refill": Tag("When a picking bin is filled up."),
    "pauses": Tag("What is stopped for now, and why."),
    "counts": Tag("Counts of places, and what differed."),
    "kits": Tag("Sets that are put together."),
    "slotting": Tag("Which goods should lie where."),
    "sorters": Tag("Sorters, their lanes and what rides on them."),
    "devices": Tag("Machines, their commands and their faults."),
    "handheld": Tag("The handheld: a scan in, the next screen out."),
    "watch": Tag("Whether the service lives, and how it fares."),
}


def wanted_scope(route: Any, method: str) -> str:
    """The scope that a shop's key needs for a route, by its tag and method."""
    known = [TAGS[tag] for tag in route.tags if tag in TAGS]
    area = next((tag.area for tag in known if tag.area), None)
    assert area is not None, f"the tags {route.tags} of {route.path} are in no area"
    return f"{area}:{READ if method in SAFE else WRITE}"
