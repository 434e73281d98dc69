"""What is written as a row is read as the same thing, and exports are imported to the same rows."""

import io
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.entering import (
    ShopName,
    add_warehouse,
    export_items,
    export_places,
    export_stock,
    import_items,
    import_places,
    import_stock,
    make_key,
)
from api.row.item import ITEMS, item_from, row_of_item
from api.row.place import PLACES, place_from, row_of_place
from api.row.stock import STOCK, row_of_stock, stock_from
from api.settings import Settings
from api.table import Row, Table, TableError, read_table, write_table
from tests.key import DATA_KEYS
from wms.bins.place import Mixing, PlaceKind, Purpose
from wms.error import Conflict, Refused
from wms.items.item import APPROVAL_KINDS, Barcode

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12)
CODES = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1).filter(
    lambda text: ";" not in text and len(text) < 30 and not text.isdecimal()
)
FLAG = st.booleans()
SIZE = st.integers(1, 10_000)
MAYBE = st.none() | SIZE
FACTORS = st.lists(st.integers(2, 9), min_size=3, max_size=3)

PACK = ("level", "factor", "width_mm", "depth_mm", "height_mm", "mass_g")


LIMITS = st.sampled_from([(None, None), (1, None), (3, 30)]).map(
    lambda limit: dict(zip(("limit_per_buyer", "limit_days"), limit, strict=True))
)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """An item as the house describes it."""
    scale = draw(st.integers(0, 3))
    factors = draw(FACTORS)
    sizes = st.fixed_dictionaries(
        dict.fromkeys(("width_mm", "depth_mm", "height_mm", "mass_g"), MAYBE)
    )
    inner, case, pallet = factors[0], factors[0] * factors[1], factors[0] * factors[1] * factors[2]
    levels = draw(st.sets(st.sampled_from([("inner", inner), ("case", case), ("pallet", pallet)])))
    codes = draw(st.lists(CODES, unique=True, max_size=4))
    kept = [f for _, f in levels] + [10**scale]
    approval = draw(st.sampled_from(APPROVAL_KINDS))
    return {
        "sku": draw(CODES).upper(),
        "name": draw(WORDS) or "x",
        **{name: draw(SIZE) for name in ITEMS.needs[2:]},
        "usual_price_minor": draw(st.none() | st.integers(0, 10**12)),
        "kind": "goods",
        "unit": draw(st.sampled_from(["each", "m", "kg"])),
        "scale": scale,
        "storage_class": draw(WORDS),
        **{name: draw(FLAG) for name in ("track_lot", "track_expiry")},
        "needs_approval": approval != "" or draw(FLAG),
        "approval_kind": approval,
        "track_serial": False,
        **{name: draw(FLAG) for name in ("fragile", "liquid", "electronic", "keep_upright")},
        "shelf_life_min_days": draw(st.integers(0, 900)),
        "quality_percent": draw(st.integers(0, 100)),
        "dangerous_class": draw(WORDS),
        "age_min": draw(st.integers(0, 21)),
        "cost_minor": draw(st.none() | st.integers(0, 10**12)),
        "available_from": draw(st.none() | st.datetimes(timezones=st.just(UTC))),
        "made_to_order_days": draw(st.none() | st.integers(1, 365)),
        "digital": "",
        **draw(LIMITS),
        "barcodes": codes[:2],
        "packagings": [
            {"level": level, "factor": factor, **draw(sizes), "barcodes": []}
            for level, factor in sorted(levels, key=lambda pack: pack[1])
        ],
        "other_barcodes": [
            {"barcode": code, "factor": max(kept) + 1} for code in codes[2:]
        ],
        "components": [],
        "substitutes": draw(st.lists(CODES.map(lambda code: f"S{code}".upper()), unique=True,
                                     max_size=3)),
    }  # fmt: skip


@st.composite
def places(draw: st.DrawFn) -> dict[str, Any]:
    """A place as the house describes it."""
    number = st.none() | st.integers(1, 1_000)
    names = ("bay", "level", "x_mm", "walk_seq", "volume_ml", "mass_g_max", "units_max")
    return {
        "code": draw(CODES),
        "warehouse": draw(st.sampled_from(["", "MAIN"])),
        "kind": draw(st.sampled_from([PlaceKind.BIN, PlaceKind.RECEIVING])).value,
        "zone": draw(WORDS),
        "aisle": draw(st.integers(0, 50)),
        "y_mm": draw(st.integers(0, 99_999)),
        **{name: draw(number) for name in names},
        "lane": draw(st.none() | st.integers(1, 64)),
        "purpose": draw(st.sampled_from(Purpose)).value,
        "mixing": draw(st.sampled_from(Mixing)).value,
        "storage_classes": draw(st.lists(st.sampled_from(["cold", "dry, dark", "x=y"]))),
        "blocked_in": draw(FLAG),
        "blocked_out": draw(FLAG),
    }


def through_a_file(path: Path, table: Table, row: Row) -> Row:
    """A row as it is after it was written and read."""
    out = io.StringIO(newline="")
    assert write_table(out, table, [row]) == 1
    path.write_bytes(out.getvalue().encode())
    (found,) = read_table(path, table, dict)
    return found


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(items())
def test_an_item_is_read_as_it_was_written(tmp_path: Path, item: dict[str, Any]) -> None:
    row = through_a_file(tmp_path / "items.csv", ITEMS, row_of_item(item))
    assert row == row_of_item(item)
    try:
        read = item_from(row)
    except Refused:
        # It replaces itself, say; a row of the database never does.
        return
    for name in (*ITEMS.needs, *ITEMS.may_have):
        if name not in ("barcode", "packagings", "components", "substitutes"):
            assert getattr(read, name) == item[name], name
    plain = [b for b in read.barcodes if isinstance(b, str)]
    factors = [b.factor for b in read.barcodes if isinstance(b, Barcode)]
    assert len(plain) + len(factors) == len(item["barcodes"]) + len(item["other_barcodes"])
    assert list(read.substitutes) == item["substitutes"]
    packs = [
        (p.level, p.factor, p.width_mm, p.depth_mm, p.height_mm, p.mass_g) for p in read.packagings
    ]
    assert packs == [tuple(p[key] for key in PACK) for p in item["packagings"]]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(places())
def test_a_place_is_read_as_it_was_written(tmp_path: Path, place: dict[str, Any]) -> None:
    row = through_a_file(tmp_path / "places.csv", PLACES, row_of_place(place))
    read = place_from(row)
    for name in (*PLACES.needs, *PLACES.may_have[1:]):
        value = getattr(read, name)
        assert (list(value) if name == "storage_classes" else value) == place[name], name


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 10**12), st.integers(0, 6), CODES, CODES, st.none() | st.dates())
def test_stock_is_read_as_it_was_written(
    tmp_path: Path, quantity: int, scale: int, sku: str, lot: str, expires_on: object
) -> None:
    stock = {
        "sku": sku, "place": "A", "quantity": quantity, "scale": scale, "lot": lot,
        "expires_on": expires_on, "serial": "", "status": "hold", "unit": "each",
    }  # fmt: skip
    read = stock_from(through_a_file(tmp_path / "stock.csv", STOCK, row_of_stock(stock)))
    assert (read.sku, read.lot, read.expires_on, read.status) == (sku, lot, expires_on, "hold")
    assert row_of_stock(stock)["quantity"] == str(read.quantity)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("packagings", "case"),
        ("packagings", "case=x"),
        ("packagings", "crate=6"),
        ("packagings", "case=6;inner=12"),
        ("components", "CUP"),
        ("components", "CUP=-1"),
        ("fragile", "maybe"),
        ("kind", "thing"),
        ("scale", "9"),
        ("cost_minor", "1.50"),
        ("barcode", "4006381333932"),
    ],
)
def test_a_wrong_field_is_told_by_its_line(tmp_path: Path, column: str, text: str) -> None:
    path = tmp_path / "items.csv"
    head = f"sku,name,width_mm,depth_mm,height_mm,mass_g,{column}\n"
    path.write_text(f'{head}A,A,1,1,1,1,\nB,B,1,1,1,1,"{text}"\n')
    with pytest.raises(TableError, match="line 3"):
        read_table(path, ITEMS, item_from)


@pytest.fixture
def served(database: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database, data_keys=DATA_KEYS, home=tmp_path / "home", log_level="error"
    )


HOUSE_PLACES = (
    "code,kind,aisle,y_mm,x_mm,purpose,mixing,storage_classes,units_max,blocked_in,warehouse\n"
    "A-01,bin,0,600,0,forward,item,cold;dry,50,,\n"
    "A-02,bin,1,600,3000,reserve,lot,,,yes,\n"
    "IN-1,receiving,,,,,,,,,\n"
    "E-01,bin,0,600,0,,,,,,EAST\n"
)
HOUSE_ITEMS = (
    "sku,name,width_mm,depth_mm,height_mm,mass_g,barcode,scale,unit,kind,packagings,components,"
    "substitutes,track_lot,track_expiry,track_serial,fragile\n"
    "SET,Set,9,9,9,9,SET=1=1,0,each,kit,,ROPE=0.75;cup=2,,,,,\n"
    'CUP,"Cup, ""red""",8,8,8,200,96385074;TRAY=12;C=24,0,each,goods,'
    "inner=6;case=24@400x300x200@5000;pallet=480,,MUG,,,,yes\n"
    "MUG,Mug,8,8,8,200,,0,each,goods,case=24@@5000,,,yes,yes,,\n"
    "ROPE,Rope,5,5,5,90,,2,m,goods,,,,,,,\n"
    "SAW,Saw,5,5,5,90,,,,,,,,,,yes,\n"
)
HOUSE_STOCK = (
    "sku,place,quantity,lot,expires_on,serial,status,unit\n"
    "cup,A-01,2,,,,,case\n"
    "ROPE,A-02,33.60,,,,,\n"
    "MUG,A-01,3,L1,2090-01-31,,,\n"
    "MUG,IN-1,4,L0,2001-01-31,,hold,\n"
    "SAW,A-01,1,,,S-1,,\n"
)


async def test_a_whole_house_goes_out_and_in_again_as_the_same_rows(
    served: Settings, tmp_path: Path
) -> None:
    one, two = ShopName("Corner", "Ten"), ShopName("Corner", "Eleven")
    files = {name: tmp_path / f"{name}.csv" for name in ("items", "places", "stock")}
    files["items"].write_text(HOUSE_ITEMS.replace("@@5000", "@5000"))
    files["places"].write_text(HOUSE_PLACES)
    files["stock"].write_text(HOUSE_STOCK)
    for shop in (one, two):
        await make_key(served, shop.name, [], False, tenant=shop.tenant)
    await add_warehouse(served, {"code": "MAIN", "name": "Main"})
    await add_warehouse(served, {"code": "EAST", "name": "East"})
    assert await import_places(served, None, files["places"]) == "4 places in MAIN, EAST"
    await import_items(served, one, files["items"])
    assert await import_stock(served, one, files["stock"]) == "5 balances, 89.60 units"
    with pytest.raises(Conflict):
        await import_stock(served, one, files["stock"])
    first: dict[str, str] = {}
    for name, text in (await exported(served, one)).items():
        first[name] = text
        files[name].write_bytes(text.encode())
    await import_items(served, two, files["items"])
    await import_places(served, None, files["places"])
    await import_stock(served, two, files["stock"])
    assert await exported(served, two) == first
    with pytest.raises(Refused, match="say which tenant"):
        await import_items(served, "Corner", files["items"])


async def exported(served: Settings, shop: ShopName) -> dict[str, str]:
    out = {name: io.StringIO(newline="") for name in ("items", "places", "stock")}
    assert await export_items(served, shop, out["items"]) == 5
    assert await export_places(served, None, out["places"]) == 14
    assert await export_stock(served, shop, None, out["stock"]) == 5
    return {name: text.getvalue() for name, text in out.items()}


async def test_what_only_the_house_can_see_is_told_by_line_too(
    served: Settings, tmp_path: Path
) -> None:
    await make_key(served, "Corner", [], False, tenant="Ten")
    shop = ShopName("Corner", "Ten")
    path = tmp_path / "wrong.csv"
    head = "sku,name,width_mm,depth_mm,height_mm,mass_g,kind,components\n"
    path.write_text(f"{head}A,A,1,1,1,1,,\nB,B,1,1,1,1,kit,NOTHING=1\n")
    with pytest.raises(TableError, match="line 3: B: no item has the SKU 'NOTHING'"):
        await import_items(served, shop, path)
    path.write_text("sku,place,quantity\nA,A-01,1\nCUP,A-77,1\nCUP,A-01,0.5\n")
    await add_warehouse(served, {"code": "MAIN", "name": "Main"})
    with pytest.raises(TableError) as told:
        await import_stock(served, shop, path)
    assert [line.split(":")[0] for line in str(told.value).splitlines()[1:]] == [
        "line 2", "line 3", "line 4",
    ]  # fmt: skip
    path.write_text("code,kind,warehouse\nX-1,cart,\nX-2,cart,NOWHERE\n")
    with pytest.raises(TableError, match="line 3: There is no warehouse NOWHERE"):
        await import_places(served, "MAIN", path)
    path.write_text("code,kind\nX-1,cart\nLOSS,cart\n")
    with pytest.raises(TableError, match="line 3: LOSS: a place keeps its kind"):
        await import_places(served, "MAIN", path)
