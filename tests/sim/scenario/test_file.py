"""The scenario of a seed: what the warehouse and the shop are given."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from biip import parse as parse_barcode
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.file import Scenario, make_scenario, read_scenario, write_scenario
from sim.scenario.item import check_digit, demo_gtin, make_item
from sim.scenario.order import body_units, count_demand
from sim.scenario.place import BIN_VOLUME_ML, CARTONS, LATITUDE, LONGITUDE

PORT = 40_000


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return make_scenario(300, seed=7, first_port=PORT)


def test_as_many_clean_orders_as_asked_for(scenario: Scenario) -> None:
    assert sum(posting.clean for posting in scenario.postings) == 300


def test_more_orders_than_the_data_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="orders, not 5000"):
        make_scenario(5_000, seed=1)


def test_every_clean_order_is_covered_by_what_physically_lies_there(scenario: Scenario) -> None:
    physical: Counter[str] = Counter()
    for record in scenario.stock:
        physical[record.sku] += record.physical
    for sku, quantity in count_demand(scenario.postings).items():
        assert physical[sku] >= quantity, sku


def test_some_bins_hold_less_than_the_books_say_and_none_holds_more(scenario: Scenario) -> None:
    short = [record for record in scenario.stock if record.physical < record.booked]
    assert len(short) >= 10
    assert any(record.physical == 0 for record in short)
    assert any(record.physical > 0 for record in short)
    assert all(0 <= record.physical <= record.booked for record in scenario.stock)
    bins_of = Counter(record.sku for record in scenario.stock)
    assert all(bins_of[record.sku] > 1 for record in short)


def test_no_bin_holds_more_than_fits(scenario: Scenario) -> None:
    filled_ml: Counter[str] = Counter()
    for record in scenario.stock:
        filled_ml[record.place] += record.booked * scenario.items[record.sku].volume_ml
    bins = {place.code for place in scenario.places if place.kind == "bin"}
    assert set(filled_ml) <= bins
    assert max(filled_ml.values()) <= BIN_VOLUME_ML


def test_every_kind_of_dirt_is_there(scenario: Scenario) -> None:
    dirty = {posting.why for posting in scenario.postings if not posting.clean}
    odd = {
        part for posting in scenario.postings if posting.clean for part in posting.why.split(",")
    }
    assert dirty >= {"cancellation", "negative_quantity", "charge_lines"}
    assert odd >= {"corrected", "guest", "gift", "same_code_twice"}


def test_lower_case_codes_and_charges_alone_come_with_more_orders() -> None:
    many = make_scenario(1_000, seed=7, first_port=PORT)
    whys = {part for posting in many.postings for part in posting.why.split(",")}
    assert whys >= {"lower_case", "charges_only"}
    codes = {str(sku) for posting in many.postings for sku, _ in body_units(posting.body)}
    assert any(code != code.upper() for code in codes)


def test_a_clean_order_names_known_items_and_positive_quantities(scenario: Scenario) -> None:
    for posting in scenario.postings:
        if posting.clean:
            for sku, quantity in body_units(posting.body):
                assert sku.upper() in scenario.items
                assert quantity > 0


def test_a_dirty_posting_breaks_a_rule(scenario: Scenario) -> None:
    for posting in scenario.postings:
        if not posting.clean:
            lines = list(body_units(posting.body))
            unknown = any(not re.fullmatch(r"[0-9]{5}[A-Za-z]{0,2}", sku) for sku, _ in lines)
            assert unknown or any(quantity <= 0 for _, quantity in lines)


def test_a_corrected_order_has_the_charges_as_shipping(scenario: Scenario) -> None:
    pairs = pairwise(scenario.postings)
    corrected = [(raw, right) for raw, right in pairs if right.why.startswith("corrected")]
    assert corrected
    for raw, right in corrected:
        assert raw.body["external_order_id"] == right.body["external_order_id"]
        assert not raw.clean
        assert "shipping" in right.body
        assert "shipping" not in raw.body


def test_every_barcode_is_a_valid_gtin_of_its_own(scenario: Scenario) -> None:
    barcodes = [item.barcode for item in scenario.items.values()]
    assert len(set(barcodes)) == len(barcodes)
    for barcode in barcodes:
        gtin = parse_barcode(barcode).gtin
        assert gtin is not None and gtin.value == barcode


@given(
    st.from_regex(r"[0-9]{5}[A-Z]{0,2}", fullmatch=True),
    st.from_regex(r"[0-9]{5}[A-Z]{0,2}", fullmatch=True),
)
def test_two_items_never_share_a_barcode(one: str, other: str) -> None:
    assert (demo_gtin(one) == demo_gtin(other)) == (one == other)
    assert check_digit(demo_gtin(one)[:-1]) == int(demo_gtin(one)[-1])


@given(st.from_regex(r"[0-9]{5}[A-Z]{0,2}", fullmatch=True), st.integers(0, 100_000))
def test_every_item_fits_the_largest_carton_and_a_tote(sku: str, price_minor: int) -> None:
    item = make_item(sku, "", price_minor)
    sides = sorted((item.width_mm, item.depth_mm, item.height_mm))
    carton = CARTONS[-1]
    inner = (carton.inner_width_mm, carton.inner_depth_mm, carton.inner_height_mm)
    assert all(side <= room for side, room in zip(sides, sorted(inner), strict=True))
    assert 50 <= item.volume_ml <= 1_700
    assert 1 <= item.mass_g <= carton.mass_g_max


def test_dearer_items_are_bigger_on_the_whole() -> None:
    def mean_ml(price_minor: int) -> float:
        items = [make_item(f"{number:05d}", "", price_minor) for number in range(200)]
        return sum(item.volume_ml for item in items) / len(items)

    assert mean_ml(42) < mean_ml(295) < mean_ml(1_275)


def test_every_address_can_be_driven_to_within_a_day(scenario: Scenario) -> None:
    for posting in scenario.postings:
        ship_to = posting.body["ship_to"]
        assert isinstance(ship_to, dict)
        assert abs(ship_to["latitude"] - LATITUDE) < 0.5
        assert abs(ship_to["longitude"] - LONGITUDE) < 0.75
        assert len(ship_to["country"]) == 2


def test_a_customer_has_one_address(scenario: Scenario) -> None:
    seen: dict[str, object] = {}
    for posting in scenario.postings:
        customer = posting.body["customer"]
        if isinstance(customer, dict):
            reference, ship_to = str(customer["reference"]), posting.body["ship_to"]
            assert seen.setdefault(reference, ship_to) == ship_to


def test_the_same_seed_writes_the_same_files(scenario: Scenario, tmp_path: Path) -> None:
    again = make_scenario(300, seed=7, first_port=PORT)
    other = make_scenario(300, seed=8, first_port=PORT)
    for name, one in (("a", scenario), ("b", again), ("c", other)):
        write_scenario(one, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert {"items.csv", "places.csv", "stock.csv", "cartons.csv", "truth.json"} < set(files)
    assert {"warehouse.json", "staff.json", "devices.json", "orders.jsonl"} < set(files)
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    for name in ("orders.jsonl", "stock.csv", "staff.json", "truth.json"):
        assert (tmp_path / "a" / name).read_bytes() != (tmp_path / "c" / name).read_bytes()


def test_files_are_read_back_as_they_were_written(scenario: Scenario, tmp_path: Path) -> None:
    write_scenario(scenario, tmp_path)
    assert read_scenario(tmp_path) == scenario


def test_each_packing_place_has_a_lane_a_printer_and_a_packer(scenario: Scenario) -> None:
    packing = {place.code: place.lane for place in scenario.places if place.kind == "packing"}
    assert sorted(lane for lane in packing.values() if lane) == list(range(1, 9))
    printers = [one["config"] for one in scenario.devices if one["class"] == "printer"]
    assert [config["place"] for config in printers if isinstance(config, dict)] == list(packing)
    assert sum(member.task == "pack" for member in scenario.crew) == len(packing)
