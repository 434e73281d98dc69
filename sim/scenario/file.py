"""The scenario as files: what the warehouse imports, what the shop posts, and the hidden truth.

`items.csv`, `places.csv`, `stock.csv`, `cartons.csv`, `warehouse.json`, `staff.json`,
`devices.json` and `carrier.json` are for the warehouse. `orders.jsonl` is the shop's. `truth.json`
is the simulation's own: bins that hold less than `stock.csv` says, and who does which work.
Without a first port given, free ports make the addresses in `devices.json` and `carrier.json`
differ from time to time; everything else depends on the seed alone.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from sim.scenario.crew import Member, make_crew, make_devices, pick_ports
from sim.scenario.invoice import read_invoices, take_orders, usual_names, usual_prices_minor
from sim.scenario.item import Item, make_item
from sim.scenario.order import Posting, count_demand, make_postings
from sim.scenario.place import (
    CARTONS,
    PACKING_PLACES,
    Carton,
    Place,
    make_bins,
    make_places,
    make_warehouse,
)
from sim.scenario.stock import StockRecord, make_stock

_Row = TypeVar("_Row", Item, Place, Carton)
_STAFF = ("name", "role", "badge", "pin")
_STOCK_COLUMNS = ("sku", "place", "quantity", "lot", "expires_on")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that a run needs to know."""

    items: dict[str, Item]
    places: tuple[Place, ...]
    cartons: tuple[Carton, ...]
    stock: tuple[StockRecord, ...]
    crew: tuple[Member, ...]
    devices: tuple[dict[str, object], ...]
    carrier: dict[str, str]
    postings: tuple[Posting, ...]


def make_scenario(orders: int, seed: int, first_port: int = 0) -> Scenario:
    """Make the scenario of a seed.

    Raises: ValueError when the data does not hold as many orders.
    """
    invoices = read_invoices()
    taken = take_orders(invoices, orders)
    names, prices = usual_names(invoices), usual_prices_minor(invoices)
    skus = sorted({line.sku for one in taken for line in one.lines if line.is_item})
    items = {sku: make_item(sku, names.get(sku, ""), prices.get(sku)) for sku in skus}
    postings = tuple(make_postings(taken, seed))
    stock = make_stock(items.values(), count_demand(postings), make_bins(), seed)
    ports = pick_ports(PACKING_PLACES + 2, first_port)
    return Scenario(
        items=items,
        places=tuple(make_places()),
        cartons=CARTONS,
        stock=tuple(stock),
        crew=tuple(make_crew(seed)),
        devices=tuple(make_devices(ports[:-1])),
        carrier={
            "code": "MERIDIAN",
            "name": "Meridian Parcels",
            "url": f"http://127.0.0.1:{ports[-1]}",
        },
        postings=postings,
    )


def write_scenario(scenario: Scenario, folder: Path) -> None:
    """Write all files into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / "items.csv", Item, (asdict(item) for item in scenario.items.values()))
    _write_rows(folder / "places.csv", Place, (asdict(place) for place in scenario.places))
    _write_rows(folder / "cartons.csv", Carton, (asdict(carton) for carton in scenario.cartons))
    with (folder / "stock.csv").open("w", encoding="utf-8", newline="") as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_STOCK_COLUMNS)
        rows.writerows([one.sku, one.place, one.booked, "", ""] for one in scenario.stock)
    _write_json(folder / "warehouse.json", make_warehouse())
    _write_json(folder / "devices.json", scenario.devices)
    _write_json(folder / "carrier.json", scenario.carrier)
    staff = [{key: asdict(one)[key] for key in _STAFF} for one in scenario.crew]
    _write_json(folder / "staff.json", staff)
    _write_json(folder / "truth.json", _truth(scenario))
    with (folder / "orders.jsonl").open("w", encoding="utf-8", newline="") as text:
        for one in scenario.postings:
            kind = "clean" if one.clean else "dirty"
            line = {"kind": kind, "why": one.why, "body": one.body}
            text.write(json.dumps(line, ensure_ascii=False) + "\n")


def _truth(scenario: Scenario) -> dict[str, object]:
    short = [asdict(one) for one in scenario.stock if one.physical != one.booked]
    return {"short": short, "tasks": {one.badge: one.task for one in scenario.crew if one.task}}


def read_scenario(folder: Path) -> Scenario:
    """Read back what `write_scenario` wrote.

    Raises: OSError, ValueError or KeyError when a file is missing or spoilt.
    """
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    staff = json.loads((folder / "staff.json").read_text(encoding="utf-8"))
    crew = tuple(Member(**one, task=truth["tasks"].get(one["badge"], "")) for one in staff)
    items = [_typed(Item, row) for row in _read_rows(folder / "items.csv")]
    orders = (folder / "orders.jsonl").read_text(encoding="utf-8").splitlines()
    return Scenario(
        items={item.sku: item for item in items},
        places=tuple(_typed(Place, row) for row in _read_rows(folder / "places.csv")),
        cartons=tuple(_typed(Carton, row) for row in _read_rows(folder / "cartons.csv")),
        stock=tuple(_read_stock(folder / "stock.csv", truth["short"])),
        crew=crew,
        devices=tuple(json.loads((folder / "devices.json").read_text(encoding="utf-8"))),
        carrier=json.loads((folder / "carrier.json").read_text(encoding="utf-8")),
        postings=tuple(_posting(json.loads(line)) for line in orders),
    )


def _posting(line: dict[str, object]) -> Posting:
    body = line["body"]
    if not isinstance(body, dict):
        raise ValueError("orders.jsonl: a body is no object")
    return Posting(line["kind"] == "clean", str(line["why"]), body)


def _read_stock(path: Path, short: Iterable[Mapping[str, object]]) -> Iterable[StockRecord]:
    physical = {(str(one["sku"]), str(one["place"])): int(str(one["physical"])) for one in short}
    for row in _read_rows(path):
        booked = int(row["quantity"])
        lies_there = physical.get((row["sku"], row["place"]), booked)
        yield StockRecord(row["sku"], row["place"], booked, lies_there)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_rows(path: Path, kind: type[_Row], rows: Iterable[dict[str, object]]) -> None:
    columns = [
        # Places stand in their warehouse, and the file says in which.
        *(["warehouse"] if kind is Place else []),
        *(field.name for field in fields(kind)),
    ]
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns, restval="MAIN", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _typed(kind: type[_Row], row: dict[str, str]) -> _Row:
    values: dict[str, Any] = {}
    for field in fields(kind):
        text = row[field.name]
        if field.type is str:
            values[field.name] = text
        elif field.type is int:
            values[field.name] = int(text)
        else:
            values[field.name] = int(text) if text else None
    return kind(**values)
