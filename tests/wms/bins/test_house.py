"""Warehouses with their virtual places, what places may hold, and units that stand in units."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from tests.builders import BINS, NOW, PLACES, enter_house, place_ids, rows
from wms.bins import commands as bins
from wms.bins import queries as bin_rows
from wms.bins.place import VIRTUAL, Place, PlaceKind
from wms.bins.warehouse import Warehouse
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.journey import entry


async def entered(pool: asyncpg.Pool, *places: Place, warehouse: str = "MAIN") -> None:
    async with staff_transaction(pool) as connection:
        await entry.enter_places(connection, warehouse, list(places))


@pytest.mark.both_servers
async def test_a_warehouse_has_a_place_of_every_virtual_kind(pool: asyncpg.Pool) -> None:
    async with staff_transaction(pool) as connection:
        number = await entry.enter_warehouse(connection, {"code": "EAST", "name": "East"})
        for kind in VIRTUAL:
            assert (await bin_rows.place_of_kind(connection, number, kind))["virtual"]
        again = await entry.enter_warehouse(connection, {"code": "EAST", "pickers": 4})
        row = await bin_rows.the_warehouse(connection, "EAST")
    assert again == number
    assert (row["name"], row["pickers"], row["time_zone"]) == ("East", 4, "UTC")
    places = await rows(pool, "select 1 from place where warehouse_id = $1", number)
    assert len(places) == len(VIRTUAL)


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "Europe", "../etc/passwd", "Europe/Berlin ", "x" * 300, "A\0B"]
)
def test_a_warehouse_keeps_a_calendar_that_is_one(zone: str) -> None:
    with pytest.raises(Refused) as refusal:
        Warehouse("EAST", "East", time_zone=zone)
    assert (refusal.value.code, refusal.value.pointer) == ("bad_time_zone", "/time_zone")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"name": " "},
        {"pickers": -1},
        {"lines_per_picker_hour": 0},
        {"count_review_minor": 10**10},
        {"depot_aisle": 1},
        {"drop_aisle": 1},
        {"drop_aisle": -1},
        {"aisle_width_mm": -1},
        {"cross_aisles_mm": [1_000]},
        {"cross_aisles_mm": [0]},
        {"cross_aisles_mm": [500, 500]},
        {"latitude": float("nan")},
    ],
)
def test_a_warehouse_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    told: dict[str, Any] = {"code": "EAST", "name": "East"}
    with pytest.raises(Refused) as refusal:
        Warehouse(**told | wrong)
    assert refusal.value.code == "bad_warehouse"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "x" * 41),
        ("code", "A\n"),
        ("aisle", -1),
        ("aisle", None),
        ("y_mm", None),
        ("y_mm", 10**12),
        ("volume_ml", 0),
        ("mass_g_max", -5),
        ("units_max", 0),
        ("lane", 65),
        ("storage_classes", ("a;b",)),
        ("storage_classes", ("",)),
        ("zone", "z" * 21),
    ],
)
def test_a_place_that_makes_no_sense_is_not_made(field: str, value: Any) -> None:
    with pytest.raises(Refused) as refusal:
        replace(PLACES[0], **{field: value})
    assert refusal.value.code == "bad_place"


@pytest.mark.both_servers
async def test_a_place_keeps_its_kind_and_may_come_to_hold_less(pool: asyncpg.Pool) -> None:
    await enter_house(pool)
    with pytest.raises(Conflict) as refusal:
        await entered(pool, Place("CART-01", PlaceKind.CART), Place(BINS[0], PlaceKind.CART))
    assert (refusal.value.code, refusal.value.pointer) == ("kind_fixed", "/1/kind")
    small = replace(
        PLACES[0], volume_ml=1, mass_g_max=1, units_max=1, storage_classes=("cold",),
        blocked_in=True,
    )  # fmt: skip
    await entered(pool, small)
    async with staff_transaction(pool) as connection:
        (row,) = await bin_rows.places_of_codes(
            connection, (await bin_rows.the_warehouse(connection, "MAIN"))["id"], [BINS[0]]
        )
    assert (row["units_max"], row["storage_classes"], row["blocked_in"]) == (1, ["cold"], True)


async def test_lanes_can_be_swapped_and_belong_to_one_place(pool: asyncpg.Pool) -> None:
    await enter_house(pool)
    first, second = (place for place in PLACES if place.kind is PlaceKind.PACKING)
    await entered(pool, replace(first, lane=2), replace(second, lane=1))
    with pytest.raises(Conflict) as refusal:
        await entered(pool, Place("PACK-03", PlaceKind.PACKING, lane=2))
    assert refusal.value.code == "lane_taken"
    with pytest.raises(Refused):
        await entered(pool, replace(first, lane=7), replace(second, lane=7))
    await entered(pool, first, second)


async def test_a_warehouse_that_was_not_measured_grows_to_its_bins(pool: asyncpg.Pool) -> None:
    async with staff_transaction(pool) as connection:
        await entry.enter_warehouse(connection, {"code": "WEST", "name": "West"})
    await entered(pool, *PLACES[:4], warehouse="WEST")
    far = Place("A-09-01-1", PlaceKind.BIN, aisle=8, x_mm=24_000, y_mm=90_000)
    await entered(pool, far, warehouse="WEST")
    async with staff_transaction(pool) as connection:
        row = await bin_rows.the_warehouse(connection, "WEST")
    assert (row["aisles"], row["aisle_length_mm"], row["aisle_pitch_mm"]) == (9, 91_000, 3_000)


async def test_a_pause_names_its_zone_while_it_lasts(pool: asyncpg.Pool) -> None:
    warehouse_id = await enter_house(pool)
    async with staff_transaction(pool) as connection:
        for zone in ("A", ""):
            await connection.execute(
                "insert into floor_pause (warehouse_id, zone, reason, started_by, started_at)"
                " values ($1, $2, 'test', 'test', $3)",
                warehouse_id, zone, NOW,
            )  # fmt: skip
        assert await bin_rows.paused_zones(connection, warehouse_id) == {"A", ""}
        await connection.execute("update floor_pause set ended_at = $1 where zone = ''", NOW)
        assert await bin_rows.paused_zones(connection, warehouse_id) == {"A"}


@pytest.mark.both_servers
async def test_units_stand_in_units_and_never_in_a_ring(pool: asyncpg.Pool) -> None:
    warehouse_id = await enter_house(pool)
    async with staff_transaction(pool) as connection:
        places = await place_ids(connection)
        units = [
            await bins.enter_unit(
                connection, warehouse_id, f"LPN-{n}", "pallet", places["DOCK-1"], None
            )
            for n in range(4)
        ]
        for inner, outer in ((2, 1), (1, 0)):
            await bins.nest_unit(connection, units[inner], units[outer])
        assert await bin_rows.units_within(connection, [units[0]]) == units[:3]
        assert await bin_rows.units_within(connection, [units[3]]) == [units[3]]
        for inner, outer in ((0, 2), (0, 0)):
            with pytest.raises(Refused, match="LPN") as ring:
                await bins.nest_unit(connection, units[inner], units[outer])
            assert ring.value.code == "unit_ring"
        await bins.place_units(connection, {units[3]: places["PACK-01"]})
        for unit, parent, code in (
            (units[3], units[0], "unit_elsewhere"),
            (10**12, units[0], "unknown_unit"),
            (units[3], 10**12, "unknown_unit"),
        ):
            with pytest.raises(WmsError) as refusal:
                await bins.nest_unit(connection, unit, parent)
            assert refusal.value.code == code
        await bins.nest_unit(connection, units[1], None)
        assert await bin_rows.units_within(connection, [units[0]]) == [units[0]]
        with pytest.raises(NotFound):
            await bin_rows.the_warehouse(connection, "NOWHERE")
