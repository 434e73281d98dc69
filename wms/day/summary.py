"""What a day in the house came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """Waits in ms: the median, the 99th percentile and the longest."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Held:
    """An order that did not go on, and why."""

    external_order_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DaySummary:
    """Counts of all orders in the books, distances in mm."""

    orders_accepted: int
    orders_shipped: int
    orders_held: tuple[Held, ...]
    lines: int
    units_picked: int
    pick_distance_mm: int
    baseline_distance_mm: int
    diverts: int
    missorts: int
    parcels: int
    labels_printed: int
    paid_to_waybill_ms: Latency | None
    oversold_units: int
    webhooks_delivered: int
    webhooks_waiting: int
    human_touches: int
    routes_waiting: int


@dataclass(frozen=True, slots=True)
class Books:
    """Where the books say that units are: by bin and SKU, and by parcel (SSCC) and SKU."""

    bins: dict[str, dict[str, int]]
    parcels: dict[str, dict[str, int]]
