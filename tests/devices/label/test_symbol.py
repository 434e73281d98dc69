"""A bar code is as wide as planned, and carries what was meant."""

import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from devices.gs1 import Element
from devices.label.code128 import gs1_count, gs1_field
from devices.label.item import item_symbol
from devices.label.pallet import content_symbols
from devices.label.symbol import (
    LOGISTIC,
    RESOLUTIONS,
    Symbol,
    Symbology,
    fits,
    module_dots,
    module_rows,
)
from tests.devices.label.sample import LABELS, SSCC, pallet

LOT = st.from_regex(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}", fullmatch=True)
PLAIN = st.from_regex(r"[A-Z0-9-]{1,30}", fullmatch=True)


def read(symbol: Symbol) -> str:
    """What an independent reader makes of a symbol's modules."""
    rows = module_rows(symbol)
    tall = 1 if symbol.is_matrix else 40
    image = Image.new("L", (len(rows[0]) + 40, len(rows) * tall + 40), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.paste(0, (x + 20, y * tall + 20, x + 21, (y + 1) * tall + 20))
    image = image.resize((image.width * 3, image.height * 3), Image.Resampling.NEAREST)
    (code,) = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    return code.text


@given(PLAIN)
def test_a_plain_code_is_planned_at_least_as_wide_as_it_is_drawn(data: str) -> None:
    symbol = Symbol(Symbology.CODE_128, data)
    assert len(module_rows(symbol)[0]) <= symbol.modules <= symbol.modules_max
    assert read(symbol) == data


@given(LOT)
def test_any_lot_is_carried(lot: str) -> None:
    elements = (Element("15", "270331"), Element("10", lot))
    for symbology in (Symbology.GS1_128, Symbology.GS1_DATA_MATRIX):
        symbol = Symbol(symbology, elements=elements)
        assert read(symbol) == symbol.message == f"1527033110{lot}"


@given(LOT, st.integers(1, 9_999))
def test_zpl_spells_a_gs1_message_without_loss(lot: str, count: int) -> None:
    message = f"37{count}\x1d10{lot}"
    spelt = gs1_field(message)
    assert spelt.startswith(">;>8") and spelt.count(">6") - lot.count(">6") <= 1
    body = spelt.removeprefix(">;>8")
    pairs, _, rest = body.partition(">6")
    symbols = len(re.findall(r">8|\d\d", pairs)) + (
        1 + len(re.findall(r">.|.", rest)) if rest else 0
    )
    assert gs1_count(message) == symbols + 3
    back = pairs.replace(">8", "\x1d") + re.sub(
        r">(.)", lambda h: {"0": ">", "8": "\x1d"}[h[1]], rest
    )
    assert back == message


def test_separators_stand_only_after_an_element_that_needs_one() -> None:
    (counted,), _ = content_symbols(pallet(lot="", best_before=None))
    assert counted.message == "02040063813339313748"
    (dated, matrix) = content_symbols(pallet(compact=True))
    assert matrix is not None and matrix.message == "1527033110L24-07A"
    whole = Symbol(Symbology.GS1_DATA_MATRIX, elements=pallet().elements)
    assert whole.message == "02040063813339313748\x1d1527033110L24-07A"
    assert read(whole) == whole.message
    assert dated


def test_an_sscc_fits_a_label_four_inches_wide_at_every_resolution() -> None:
    symbol = Symbol(Symbology.GS1_128, elements=(Element("00", SSCC),))
    assert symbol.modules == len(module_rows(symbol)[0]) == 156
    assert [module_dots(symbol, 100, LOGISTIC, dpi) for dpi in RESOLUTIONS.values()] == [4, 6, 13]
    assert not fits(symbol, 80, LOGISTIC)


@pytest.mark.parametrize(
    ("name", "symbology"),
    [
        ("item", Symbology.EAN_13),
        ("item of 8 digits", Symbology.EAN_8),
        ("item of 12 digits", Symbology.EAN_13),
        ("case", Symbology.GS1_DATA_MATRIX),
        ("item with lot", Symbology.GS1_DATA_MATRIX),
        ("item without GTIN", Symbology.CODE_128),
        ("item, hostile", Symbology.DATA_MATRIX),
        ("item of a long number", Symbology.DATA_MATRIX),
    ],
)
def test_an_item_gets_the_code_that_carries_all_of_it(name: str, symbology: Symbology) -> None:
    label = LABELS[name]
    assert item_symbol(label).symbology is symbology  # type: ignore[arg-type]  # an item's
