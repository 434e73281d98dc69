"""What a key opens: areas of the API, each to read or to change, or the paths of carriers."""

from collections.abc import Collection
from enum import StrEnum

from wms.error import Refused

READ, WRITE = "read", "write"
CARRIER_SCOPE = "carrier"


class Area(StrEnum):
    """A part of the API that a key of a shop may be confined to."""

    ORDERS = "orders"
    QUOTES = "quotes"
    ITEMS = "items"
    INVENTORY = "inventory"
    INBOUND = "inbound"
    DIGITAL = "digital"
    HANDOFFS = "handoffs"
    EVENTS = "events"
    WEBHOOKS = "webhooks"
    CONNECTORS = "connectors"
    PRIVACY = "privacy"
    AUDIT = "audit"
    SHOP = "shop"
    KEYS = "keys"


SCOPES = tuple(f"{area}:{way}" for area in Area for way in (READ, WRITE))


def opens(scopes: Collection[str], wanted: str) -> bool:
    """Whether a key with these scopes opens a path that wants this one.

    A key without scopes opens all that a shop has. Who may change an area may read it too.
    """
    if wanted == CARRIER_SCOPE or CARRIER_SCOPE in scopes:
        return wanted in scopes
    area, _, way = wanted.partition(":")
    return not scopes or wanted in scopes or (way == READ and f"{area}:{WRITE}" in scopes)


def covers(scopes: Collection[str], others: Collection[str]) -> bool:
    """Whether a key with these scopes opens all that one with the others would."""
    return all(opens(scopes, other) for other in others or SCOPES)


def checked_scopes(scopes: Collection[str]) -> list[str]:
    """The scopes as they are kept: each once, in one order.

    Raises:
        Refused: `unknown_scope`, `carrier_alone`.
    """
    for scope in scopes:
        if scope != CARRIER_SCOPE and scope not in SCOPES:
            known = ", ".join((*SCOPES, CARRIER_SCOPE))
            raise Refused("unknown_scope", f"There is no scope {scope!r}; there are {known}.")
    if CARRIER_SCOPE in scopes and set(scopes) != {CARRIER_SCOPE}:
        raise Refused("carrier_alone", "A carrier's key opens the carrier's paths and no shop's.")
    return [scope for scope in (*SCOPES, CARRIER_SCOPE) if scope in scopes]
