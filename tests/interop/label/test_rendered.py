"""Every label, drawn by a renderer that is not ours, is read as it was meant."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from devices.label import Label, render_zpl
from devices.label.script import Script
from devices.label.sheet import ASCENT, BASELINE, DESCENT
from devices.label.typeface import line_width
from devices.label.zpl import escape_field
from tests.devices.label.sample import LABELS
from tests.devices.label.scanner import facts, meant, scan_image
from tests.interop.label.renderer import render, require_renderer

LATIN = frozenset({Script.LATIN})
SIZE_DOTS = 80
# Every format once, and text of every kind: pictures of 600 dpi take their time.
FORMATS = (
    *("parcel", "parcel in Chinese", "parcel, hostile", "bin", "tote", "item", "item of 8 digits"),
    *("case", "item with lot", "item without GTIN", "pallet", "pallet, compact"),
)
LINES = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789 0123456789",
    "!\"#$%&'()*+,-./:;<=>?@",
    "[\\]^_`{|}~ 12-34-56",
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß",
    "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ",
    "Stowline, 12 Mill Road, Coventry CV1 2AB",
    "WWWWWWWWWW MMMMMMMMMM @@@@@@",
)


@pytest.fixture(scope="module")
def renderer() -> Path:
    return require_renderer()


def quiet(label: Label, image: Image.Image) -> str:
    """What is wrong with what was read, nothing where all is as meant."""
    read = facts(scan_image(image))
    return "" if read == meant(label) else f"read {sorted(read)}, meant {sorted(meant(label))}"


@pytest.mark.parametrize(("dpi", "names"), [(203, LABELS), (300, LABELS), (600, FORMATS)])
def test_every_label_is_read_as_meant(renderer: Path, dpi: int, names: Iterable[str]) -> None:
    labels = {name: LABELS[name] for name in names}
    images = render(renderer, [render_zpl(label, dpi) for label in labels.values()], dpi)
    wrong = {
        name: fault
        for (name, label), image in zip(labels.items(), images, strict=True)
        if (fault := quiet(label, image))
    }
    assert not wrong


def test_a_line_is_no_wider_than_planned(renderer: Path) -> None:
    fields = [
        f"^XA^CI28^PW4000^LL160^FO0,20^A0N,{SIZE_DOTS},{SIZE_DOTS}^FH_^FD{escape_field(line)}^FS^XZ"
        for line in LINES
    ]
    for line, image in zip(LINES, render(renderer, fields, 203), strict=True):
        ink = image.point(lambda value: 255 if value < 128 else 0).getbbox()
        assert ink is not None
        planned = line_width(line, LATIN) * SIZE_DOTS
        assert ink[2] <= planned + 2, line
        # Half as wide would mean that letters are missing.
        assert ink[2] > planned * 0.7, line
        assert ink[1] >= 20 - SIZE_DOTS * ASCENT, line
        assert ink[3] <= 20 + SIZE_DOTS * (BASELINE + DESCENT) + 1, line


def test_the_reader_reads_what_it_is_shown_and_not_what_is_meant(renderer: Path) -> None:
    """A label of another parcel is found to be one."""
    (image,) = render(renderer, [render_zpl(LABELS["parcel"])], 203)
    assert "meant" in quiet(LABELS["pallet"], image)
    assert quiet(LABELS["parcel"], Image.new("L", image.size, 255))
