"""ZPL prints one label, holds no command from outside, and asks for nothing outside the label."""

import re
import zlib
from base64 import b64decode
from binascii import crc_hqx

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from devices.label import BinLabel, ItemLabel, Label, LabelRefused, render_zpl
from devices.label.raster import Ink, graphic_field
from devices.label.symbol import LOGISTIC, MM_PER_INCH, RESOLUTIONS
from devices.label.zpl import escape_field
from tests.devices.label.sample import HOSTILE, LABELS, SSCC, pallet, parcel

OURS = frozenset(re.findall("..", "XAXZCIPWLLLHFWPOPQFOFHFDFSA0BYBCGBGF"))
FIELD = re.compile(r"\^FO(\d+),(\d+)((?:(?!\^FS).)*)\^FS")
GRAPHIC = re.compile(r"\^GFA,(\d+),(\d+),(\d+),:Z64:([A-Za-z0-9+/=]+):([0-9A-F]{4})")
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def assert_harmless(zpl: str) -> None:
    assert zpl.count("^XA") == zpl.count("^XZ") == zpl.count("^PQ1") == 1
    assert zpl.startswith("^XA^CI28") and zpl.endswith("^XZ\n")
    assert "~" not in zpl and zpl.isascii() and zpl.replace("\n", "").isprintable()
    assert {found[1:3] for found in re.findall(r"\^..", zpl)} <= OURS
    for data in re.findall(r"\^FD(.*?)\^FS", zpl):
        assert re.fullmatch(r"([A-Za-z0-9>;]|_[0-9A-F]{2})*", data)


@given(st.lists(ANY, min_size=1, max_size=5), ANY, ANY)
def test_outside_text_cannot_add_a_command(lines: list[str], one: str, other: str) -> None:
    for make in (
        lambda: parcel((HOSTILE, *lines), sender=one, reference=other, service=f"X{one[:9]}"),
        lambda: pallet(name=one, sender=other, recipient=tuple(lines)),
        lambda: BinLabel("A-01-02-3", one, other[:4]),
        lambda: ItemLabel(one, sku="".join(filter(str.isascii, f"A{other}".split()[0]))),
    ):
        try:
            zpl = render_zpl(make())
        except LabelRefused:
            continue
        assert_harmless(zpl)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_every_field_lies_on_the_label(label: Label, dpi: int) -> None:
    zpl = render_zpl(label, dpi)
    assert_harmless(zpl)
    size = re.search(r"\^PW(\d+)\^LL(\d+)", zpl)
    assert size is not None
    width, height = int(size[1]), int(size[2])
    fields = FIELD.findall(zpl)
    assert len(fields) == zpl.count("^FO") == zpl.count("^FS")
    for x, y, body in fields:
        right, lower = int(x), int(y)
        if box := re.match(r"\^GB(\d+),(\d+),(\d+)", body):
            right, lower = right + int(box[1]), lower + int(box[2])
        elif graphic := GRAPHIC.match(body):
            row_bytes = int(graphic[3])
            right, lower = right + row_bytes * 8 - 7, lower + int(graphic[1]) // row_bytes
        elif bars := re.match(r"\^BY(\d+)\^BCN,(\d+)", body):
            assert int(bars[1]) <= 10
            lower += int(bars[2])
        else:
            assert body.startswith("^A0N,")
        assert right <= width and lower <= height


@pytest.mark.parametrize(("dpi", "true_dpi"), RESOLUTIONS.items())
def test_an_sscc_has_modules_as_wide_as_the_standard_asks_for(dpi: int, true_dpi: float) -> None:
    zpl = render_zpl(parcel(), dpi)
    found = re.search(r"\^BY(\d+)\^BCN,(\d+),N,N,N,N\^FH_\^FD>;>800", zpl)
    if found is None:
        # Above ten dots a module the bars are boxes, and the narrowest is one module.
        widths = [int(width) for width in re.findall(r"\^GB(\d+),756,", zpl)]
        module, height = min(widths), 756
    else:
        module, height = int(found[1]), int(found[2])
    assert LOGISTIC.least - 1e-3 <= module * MM_PER_INCH / true_dpi <= LOGISTIC.most
    assert height * MM_PER_INCH / true_dpi >= 31.75


def test_a_backslash_reaches_no_printer_that_may_take_it_for_a_new_line() -> None:
    zpl = render_zpl(parcel(("Ada", "12\\&3 High Street")))
    assert "_5C" not in zpl and zpl.count("^GFA") == 1


def test_the_sscc_is_a_gs1_128_with_application_identifier_00() -> None:
    zpl = render_zpl(parcel())
    assert f"^FD>;>800{SSCC}^FS" in zpl
    assert escape_field(f"(00) {SSCC}") in zpl


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_field_holds_letters_digits_and_hex_only(text: str) -> None:
    field = escape_field(text)
    assert re.fullmatch(r"([A-Za-z0-9]|_[0-9A-F]{2})*", field)
    parts = re.sub(r"_([0-9A-F]{2})", lambda hit: chr(int(hit[1], 16)), field)
    printable = "".join(char if char.isprintable() else " " for char in text)
    assert parts.encode("latin-1").decode("utf-8") == printable


@given(st.integers(1, 70), st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_picture_comes_out_of_its_field_as_it_went_in(
    width: int, height: int, rng: object
) -> None:
    assert hasattr(rng, "randbytes")
    picture = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    found = GRAPHIC.search(graphic_field(Ink(picture, 3, 4)))
    assert found is not None
    data = zlib.decompress(b64decode(found[4]))
    assert crc_hqx(found[4].encode(), 0) == int(found[5], 16)
    assert int(found[1]) == int(found[2]) == len(data) == int(found[3]) * height
    back = Image.frombytes("1", (int(found[3]) * 8, height), data).crop((0, 0, width, height))
    assert back.tobytes() == picture.point(lambda v: 255 if v >= 128 else 0).convert("1").tobytes()
