"""The simulator's own truth of where every unit is, held against the books."""

from dataclasses import dataclass
from typing import Any

from wms.day.summary import Books


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where truth and books differ, in plain sentences; empty is right."""

    differences: tuple[str, ...]
    labels_lost: int
    labels_doubled: int


def compare(report: dict[str, Any], books: Books) -> Comparison:
    """Holds the simulator's report against the books.

    A bin that physically holds less than the books say from the start, and that nobody came to,
    is no difference of ours: the simulator names those.
    """
    truth = report["truth"]
    hidden = {
        (one["place"], one["sku"].upper()): one["missing"] for one in truth["shortages_not_met"]
    }
    differences: list[str] = []
    for place, sku, really, booked in _pairs(truth["bins"], books.bins):
        expected = booked - hidden.get((place, sku), 0)
        if really != expected:
            differences.append(f"{sku} in {place}: {really} are there, the books say {booked}")
    contents = {sscc: parcel["units"] for sscc, parcel in truth["parcels"].items()}
    for sscc, sku, really, booked in _pairs(contents, books.parcels):
        if really != booked:
            differences.append(f"{sku} in parcel {sscc}: {really} are in it, {booked} are booked")
    for tote, row in truth["totes"].items():
        if row["units"]:
            differences.append(f"{tote} still holds {sum(row['units'].values())} units")
    labels = report["labels"]
    return Comparison(tuple(differences), len(labels["lost"]), len(labels["doubled"]))


def _pairs(
    really: dict[str, dict[str, int]], booked: dict[str, dict[str, int]]
) -> list[tuple[str, str, int, int]]:
    there = {(at, sku.upper()): n for at, units in really.items() for sku, n in units.items()}
    said = {(at, sku.upper()): n for at, units in booked.items() for sku, n in units.items()}
    return [
        (at, sku, there.get((at, sku), 0), said.get((at, sku), 0))
        for at, sku in sorted(there.keys() | said.keys())
    ]
