"""A preview and a PDF say what the label says, and cost nothing to those who draw neither."""

import subprocess
import sys
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image

from devices.label import Label, render_image, render_pdf
from tests.devices.label.sample import ENGLISH, LABELS, parcel
from tests.devices.label.scanner import facts, meant, scan_image


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_preview_is_read_as_meant(label: Label, dpi: int) -> None:
    image = Image.open(BytesIO(render_image(label, dpi)))
    assert image.format == "PNG" and image.mode == "1"
    assert facts(scan_image(image)) == meant(label)


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_pdf_is_read_as_meant(label: Label) -> None:
    document = pypdfium2.PdfDocument(render_pdf(label))
    assert len(document) == 1
    image = document[0].render(scale=300 / 72).to_pil()
    assert facts(scan_image(image)) == meant(label)


def test_a_pdf_has_the_labels_size_and_its_text() -> None:
    page = pypdfium2.PdfDocument(render_pdf(parcel()))[0]
    width, height = page.get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (100, 150)
    text = page.get_textpage().get_text_range()
    assert all(line in text for line in ENGLISH)


def test_the_same_label_gives_the_same_bytes() -> None:
    assert render_pdf(parcel()) == render_pdf(parcel())
    assert render_image(parcel()) == render_image(parcel())


def test_a_label_in_latin_letters_loads_no_picture_library() -> None:
    code = (
        "import sys; from tests.devices.label.sample import parcel;"
        "from devices.label import render_zpl; render_zpl(parcel());"
        "print([name for name in ('PIL', 'reportlab', 'zxingcpp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
