"""`stowline label preview` as someone runs it who designs a label."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from devices.label import render_image, render_pdf, render_zpl
from tests.devices.label.sample import CHINESE, GTIN, SSCC, parcel

PARCEL = {
    "recipient": CHINESE,
    "service": "Express",
    "routing_code": "GB-SW1",
    "tracking_number": "ST0000000017",
    "sscc": SSCC,
    "sender": "Stowline, 12 Mill Road, Coventry",
    "reference": "Order 536365",
}


def preview(tmp_path: Path, kind: str, description: Any, out: str, *more: str) -> Result:
    file = tmp_path / "label.json"
    text = description if isinstance(description, str) else json.dumps(description)
    file.write_text(text, "utf-8")
    words = ["label", "preview", "--format", kind, str(file), "--out", str(tmp_path / out), *more]
    return CliRunner().invoke(app, words)


def test_the_same_label_is_written_as_picture_pdf_and_zpl(tmp_path: Path) -> None:
    label = parcel(CHINESE)
    for name, drawn in (
        ("label.png", render_image(label, 300)),
        ("label.pdf", render_pdf(label)),
        ("LABEL.ZPL", render_zpl(label, 300).encode()),
    ):
        done = preview(tmp_path, "parcel", PARCEL, name, "--dpi", "300")
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).read_bytes() == drawn


@pytest.mark.parametrize(
    ("kind", "description"),
    [
        ("bin", {"code": "A-01-02-3", "direction": "up"}),
        ("tote", {"code": "T-00001"}),
        ("item", {"name": "Milk chocolate", "gtin": GTIN, "lot": "L1", "expiry": "2027-03-31"}),
        ("pallet", {"sscc": SSCC, "gtin": GTIN, "count": 48, "compact": True}),
    ],
)
def test_every_format_is_previewed(tmp_path: Path, kind: str, description: object) -> None:
    done = preview(tmp_path, kind, description, "label.png")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "label.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("kind", "description", "told"),
    [
        ("parcel", PARCEL | {"sscc": "340123450000000179"}, "/sscc: '340123450000000179' is no"),
        ("parcel", PARCEL | {"recipient": ["Ada", 7]}, "/recipient/1: Input should be a valid"),
        ("parcel", PARCEL | {"recipient": ["ก"]}, "/recipient: no font here draws U+0E01"),
        ("parcel", PARCEL | {"reference": "W" * 200}, "/reference: 'WWW"),
        ("parcel", {"service": "Express"}, "/recipient: "),
        ("parcel", PARCEL | {"colour": "red"}, "/colour: is not known here: recipient, "),
        ("bin", {"code": "T-00001"}, "/code: 'T-00001' would not be read as a bin"),
        ("item", {"name": "x", "gtin": GTIN, "expiry": "soon"}, "/expiry: Input should be"),
        ("tote", "[1]", "the file: is no JSON object"),
        ("tote", "{", "the file: is no JSON: "),
        ("tote", " " * 70_000, "the file: longer than 65536 bytes"),
    ],
)
def test_a_wrong_description_is_refused_with_a_pointer(
    tmp_path: Path, kind: str, description: object, told: str
) -> None:
    done = preview(tmp_path, kind, description, "label.png")
    assert done.exit_code == 1
    assert told in done.stderr and "Traceback" not in done.output
    assert not (tmp_path / "label.png").exists()


def test_a_file_that_cannot_be_drawn_into_is_wrong_usage(tmp_path: Path) -> None:
    assert preview(tmp_path, "parcel", PARCEL, "label.gif").exit_code == 2
    assert preview(tmp_path, "sticker", PARCEL, "label.png").exit_code == 2
    assert preview(tmp_path, "parcel", PARCEL, "label.png", "--dpi", "150").exit_code == 2
