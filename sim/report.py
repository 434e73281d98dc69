"""The report: what is physically where, what was counted, and what went wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sim.carrier import Carrier
from sim.floor import Floor
from sim.receiver import HANDED_OVER, Receiver
from sim.scanner import Scanner
from sim.scenario.stock import StockRecord
from sim.shop import Shop
from sim.tally import Tally, summarise


def make_report(
    *,
    floor: Floor,
    shop: Shop,
    receiver: Receiver,
    carrier: Carrier,
    scanner: Scanner,
    strikes: Mapping[str, int],
    stock: Iterable[StockRecord],
    finished: bool,
    wall_s: float,
    tally: Tally,
) -> dict[str, object]:
    """Put together what the command line compares with the books."""
    missing = sorted(set(shop.accepted) - receiver.came_for(HANDED_OVER))
    return {
        "finished": finished,
        "wall_s": round(wall_s, 3),
        "failures": tally.failures,
        "orders_not_handed_over": missing,
        "truth": _truth(floor, stock),
        "counts": {
            **dict(sorted(tally.counts.items())),
            "orders_in": tally.counts["orders_posted"],
            "wrong_scans": sum(tally.wrong.values()),
            "diverts": floor.plc.counts["diverts"],
            "missorts": floor.plc.counts["missorts"],
            "recirculations": floor.plc.counts["recirculations"],
            "scanner_events_unacknowledged": scanner.unacknowledged,
        },
        "refused": dict(sorted(tally.refused.items())),
        "wrong_by_verdict": dict(sorted(tally.wrong.items())),
        "webhooks": dict(sorted(tally.webhooks.items())),
        "devices": {
            "plc": dict(sorted(floor.plc.counts.items())),
            "scanner": dict(sorted(scanner.counts.items())),
            "printers": {
                name: {**printer.counts, "odometer": printer.odometer}
                for name, printer in floor.printers.items()
            },
        },
        "strikes": dict(strikes),
        "labels": _labels(floor),
        "carrier": {
            "pickups": len(carrier.pickups),
            "voided": len(carrier.voided),
            "accepted": len(carrier.accepted),
        },
        "scan_to_decision_ms": summarise(floor.plc.decision_waits_s),
        "scan_to_divert_ms": summarise(floor.plc.divert_waits_s),
        "paid_to_waybill_webhook_ms": _waybill_delays(shop, receiver),
        "handheld_ms": summarise(tally.handheld_waits_s),
        "shop_ms": summarise(tally.shop_waits_s),
    }


def _truth(floor: Floor, stock: Iterable[StockRecord]) -> dict[str, object]:
    world = floor.world
    parcels = world.stock("parcel")
    spots = {sscc: world.whereabouts(sscc) or "" for sscc in parcels}
    vans: dict[str, list[str]] = {}
    for sscc, spot in spots.items():
        if spot.startswith("van "):
            vans.setdefault(spot.removeprefix("van "), []).append(sscc)
    hidden = [
        {"sku": one.sku, "place": one.place, "missing": one.booked - one.physical}
        for one in stock
        if one.physical < one.booked and (one.sku, one.place) not in floor.recounted
    ]
    return {
        "bins": world.stock("bin"),
        "totes": {
            tote: {"at": world.whereabouts(tote), "units": units}
            for tote, units in world.stock("tote").items()
        },
        "hands": world.stock("hand"),
        "open_cartons": world.stock("carton"),
        "parcels": {sscc: {"at": spots[sscc], "units": units} for sscc, units in parcels.items()},
        "vans": vans,
        "shortages_not_met": hidden,
    }


def _labels(floor: Floor) -> dict[str, object]:
    printed = [label for printer in floor.printers.values() for label in printer.printed]
    copies = Counter(label.sscc for label in printed if label.sscc is not None)
    on_parcels = set(floor.world.stock("parcel"))
    return {
        "printed": len(printed),
        "without_sscc": sum(label.sscc is None for label in printed),
        "by_sscc": dict(sorted(copies.items())),
        "doubled": sorted(sscc for sscc, count in copies.items() if count > 1),
        "unused": sorted(sscc for sscc in copies if sscc not in on_parcels),
        "lost": sorted(on_parcels - set(copies)),
    }


def _waybill_delays(shop: Shop, receiver: Receiver) -> dict[str, float | int | None]:
    waits_s = [
        max(receiver.waybill_at_s[number] - paid_s, 0.0)
        for number, paid_s in shop.paid_at_s.items()
        if number in receiver.waybill_at_s
    ]
    return summarise(waits_s)
