"""CSV files are taken whole or not at all, and what is wrong is told by line."""

import io
from pathlib import Path

import pytest

from api.row.carton import CARTONS, carton_from
from api.row.item import ITEMS, item_from
from api.row.place import PLACES, place_from
from api.row.stock import STOCK, stock_from
from api.table import ERRORS_SHOWN, TableError, read_table, write_table
from wms.bins.place import PlaceKind

HEAD = "sku,name,width_mm,depth_mm,height_mm,mass_g,barcode,usual_price_minor\n"
GOOD = "85123A,WHITE HOLDER,100,100,120,300,4006381333931;96385074,255\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def errors_of(path: Path, text: str | bytes) -> list[str]:
    """What is said about an items file of this text, line by line, after the first sentence."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TableError) as caught:
        read_table(path, ITEMS, item_from)
    first, *rest = str(caught.value).splitlines()
    assert first == f"{path}: nothing was taken."
    return rest


def test_an_item_may_have_several_barcodes_and_no_price(path: Path) -> None:
    path.write_text(HEAD + GOOD + "71053,LANTERN,90,90,150,400,,\n", encoding="utf-8")
    holder, lantern = read_table(path, ITEMS, item_from)
    assert holder.barcodes == ("4006381333931", "96385074")
    assert (holder.usual_price_minor, lantern.usual_price_minor) == (255, None)
    assert lantern.barcodes == ()


def test_columns_that_need_not_be_there_may_be_missing_and_stand_anywhere(path: Path) -> None:
    path.write_text("mass_g,name,sku,height_mm,depth_mm,width_mm\n7,CUP,C1,3,2,1\n")
    (cup,) = read_table(path, ITEMS, item_from)
    assert (cup.sku, cup.width_mm, cup.depth_mm, cup.height_mm, cup.mass_g) == ("C1", 1, 2, 3, 7)


def test_a_spreadsheet_s_mark_and_line_ends_are_no_fault(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + GOOD).replace("\n", "\r\n").encode())
    assert len(read_table(path, ITEMS, item_from)) == 1


def test_every_wrong_line_is_named_by_its_number(path: Path) -> None:
    text = (
        HEAD
        + GOOD
        + "A1,FLAT,0,100,120,300,,\n"
        + "A2,WORDS,wide,100,120,300,,\n"
        + "A3,SHORT,100\n"
        + "A4,LONG,1,1,1,1,,,,,\n"
        + ",NAMELESS,1,1,1,1,,\n"
        + '"A5","TWO\nLINES",1,1,1,heavy,,\n'
    )
    said = errors_of(path, text)
    assert [line.split(":")[0] for line in said] == [
        "line 3",
        "line 4",
        "line 5",
        "line 6",
        "line 7",
        "line 9",
    ]
    assert "width_mm" in said[0]
    assert "'wide'" in said[1]
    assert "number of fields" in said[2]
    assert "mass_g" in said[5]


def test_wrong_columns_are_named(path: Path) -> None:
    said = errors_of(path, "sku,name,width_mm,depth_mm,height_mm,weight\nA,B,1,1,1,1\n")
    assert said == [
        "line 1: the column mass_g is missing",
        "line 1: the column weight is not known",
    ]


@pytest.mark.parametrize("text", ["", HEAD, b"\xff\xfe\x00", "sku\x00\n"])
def test_a_file_with_nothing_to_read_is_refused(path: Path, text: str | bytes) -> None:
    assert errors_of(path, text)


def test_a_number_has_a_bound_and_a_field_too(path: Path) -> None:
    (said,) = errors_of(path, HEAD + f"A,B,1,1,1,1,,{10**30}\n")
    assert "usual_price_minor is at most" in said
    (said,) = errors_of(path, HEAD + "A,B,1,1,1,1,,\n" + f'C,"{"x" * 200_000}",1,1,1,1,,\n')
    assert "field" in said


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        read_table(path, ITEMS, item_from)


def test_a_long_list_of_faults_is_cut(path: Path) -> None:
    said = errors_of(path, HEAD + "A,B,0,1,1,1,,\n" * 50)
    assert len(said) == ERRORS_SHOWN + 1
    assert said[-1] == f"… and {50 - ERRORS_SHOWN} more"


def test_a_place_has_one_of_the_kinds(path: Path) -> None:
    path.write_text("code,kind,aisle,y_mm,x_mm\nA-01,bin,0,600,0\nDOCK-1,departure,,,\n")
    bin_place, dock = read_table(path, PLACES, place_from)
    assert (bin_place.kind, bin_place.aisle, bin_place.y_mm) == (PlaceKind.BIN, 0, 600)
    assert (dock.kind, dock.aisle) == (PlaceKind.DEPARTURE, None)
    path.write_text("code,kind\nA-01,shelf\n")
    with pytest.raises(TableError, match="line 2: 'shelf'"):
        read_table(path, PLACES, place_from)


def test_stock_is_one_or_more_and_may_expire(path: Path) -> None:
    path.write_text("sku,place,quantity,lot,expires_on\nC,A-01,3,L7,2027-01-31\nC,A-02,1,,\n")
    first, second = read_table(path, STOCK, stock_from)
    assert (first.lot, str(first.expires_on)) == ("L7", "2027-01-31")
    assert (second.lot, second.expires_on) == ("", None)
    for quantity in ("0", "-2", "1e3", "0.00", "1.2345678", "9" * 13, ""):
        path.write_text(f"sku,place,quantity\nC,A-01,{quantity}\n")
        with pytest.raises(TableError, match="line 2: quantity"):
            read_table(path, STOCK, stock_from)
    path.write_text("sku,place,quantity,expires_on\nC,A-01,1,31.1.2027\n")
    with pytest.raises(TableError, match="line 2"):
        read_table(path, STOCK, stock_from)


def test_a_carton_is_read_with_its_limits(path: Path) -> None:
    head = ",".join(CARTONS.needs)
    path.write_text(f"{head}\nC-S,250,180,120,110,5000\n")
    (carton,) = read_table(path, CARTONS, carton_from)
    assert (carton.code, carton.tare_g, carton.mass_g_max) == ("C-S", 110, 5_000)


@pytest.mark.parametrize("name", ["=cmd()", "@SUM(1)", "+1-2", "-HOLDER", "'=1", "'tis", "''x"])
def test_what_a_spreadsheet_takes_for_a_formula_is_written_as_text_and_read_as_it_was(
    path: Path, name: str
) -> None:
    row = dict(zip(HEAD.strip().split(","), ["A", name, *["100"] * 4, "", ""], strict=True))
    out = io.StringIO()
    write_table(out, ITEMS, [row])
    assert out.getvalue().splitlines()[1].startswith(f"A,'{name},100")
    path.write_text(out.getvalue(), "utf-8")
    [item] = read_table(path, ITEMS, item_from)
    assert item.name == name


def test_a_number_below_0_is_no_formula(path: Path) -> None:
    out = io.StringIO()
    write_table(out, ITEMS, [{"sku": "A", "name": "-5.25"}])
    assert "A,-5.25," in out.getvalue()
