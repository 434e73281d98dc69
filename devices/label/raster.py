"""Dots: a sheet's lines of text and shapes as one-bit pictures, and as graphic fields of ZPL.

Source: Zebra ZPL II Programming Guide, ^GF and its Z64 encoding.
"""

import zlib
from base64 import b64encode
from binascii import crc_hqx
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from devices.label.script import is_right_to_left
from devices.label.sheet import ASCENT, BASELINE, DESCENT, Bars, Shape, Text
from devices.label.symbol import MM_PER_INCH, module_dots, module_rows
from devices.label.typeface import font, runs_of

if TYPE_CHECKING:
    from PIL.Image import Image

_BLACK = 128


@dataclass(frozen=True, slots=True)
class Ink:
    """A picture in which 255 is black, and where its top left dot is."""

    image: "Image"
    x: int
    y: int


def text_ink(mark: Text, dots_per_mm: float) -> Ink | None:
    """Draw a line of text; None where nothing of it is to be seen."""
    from PIL import Image, ImageDraw

    size = mark.size * dots_per_mm
    faces = [
        (run, font(run.typeface, max(1, round(run.typeface.em(size)))))
        for run in runs_of(mark.text)
    ]
    lengths = [face.getlength(run.text) for run, face in faces]
    over = ceil(size * 0.2)
    above = ceil(size * (ASCENT + BASELINE))
    drawn = Image.new("L", (ceil(sum(lengths)) + 2 * over, above + ceil(size * DESCENT * 1.4)))
    pen = ImageDraw.Draw(drawn)
    x = float(over)
    for (run, face), length in zip(faces, lengths, strict=True):
        # Pillow refuses a direction where it was built without Raqm, and none is needed.
        way = "rtl" if is_right_to_left(run.text) else None
        # Rounded down, or small letters would fill up.
        stroke = int(face.size * run.typeface.stroke)
        at = (x, above)
        pen.text(at, run.text, 255, face, "ls", direction=way, stroke_width=stroke)
        x += length
    squeeze = min(1.0, mark.width * dots_per_mm / max(1.0, sum(lengths)))
    if squeeze < 1:
        drawn = drawn.resize((max(1, round(drawn.width * squeeze)), drawn.height))
    left = round(mark.x * dots_per_mm - over * squeeze)
    top = round((mark.y + mark.size * BASELINE) * dots_per_mm) - above
    return _cropped(drawn, left, top)


def shape_ink(mark: Shape, dots_per_mm: float) -> Ink | None:
    """Draw a polygon."""
    from PIL import Image, ImageDraw

    width, height = round(mark.width * dots_per_mm), round(mark.height * dots_per_mm)
    drawn = Image.new("L", (width, height))
    points = [(x * (width - 1), y * (height - 1)) for x, y in mark.points]
    ImageDraw.Draw(drawn).polygon(points, fill=255)
    return _cropped(drawn, round(mark.x * dots_per_mm), round(mark.y * dots_per_mm))


def matrix_ink(mark: Bars, dpi: float) -> Ink:
    """Draw a matrix symbol in the middle of its box."""
    from PIL import Image

    rows = module_rows(mark.symbol)
    dots = module_dots(mark.symbol, mark.width, mark.span, dpi)
    assert dots is not None, f"{mark.symbol.readable} is wider than its place"
    small = Image.new("L", (len(rows[0]), len(rows)))
    small.putdata([255 * dark for row in rows for dark in row])
    drawn = small.resize((small.width * dots, small.height * dots), Image.Resampling.NEAREST)
    per_mm = dpi / MM_PER_INCH
    x = round(mark.x * per_mm + (mark.width * per_mm - drawn.width) / 2)
    return Ink(drawn, x, round(mark.y * per_mm + (mark.height * per_mm - drawn.height) / 2))


def graphic_field(ink: Ink) -> str:
    """Write a picture as a compressed graphic field, where it belongs on the label."""
    image = ink.image.point(lambda value: 255 if value >= _BLACK else 0).convert("1")
    packed = image.tobytes()
    row_bytes = (image.width + 7) // 8
    data = b64encode(zlib.compress(packed, 9))
    check = crc_hqx(data, 0)
    size = len(packed)
    body = f":Z64:{data.decode()}:{check:04X}"
    return f"^FO{ink.x},{ink.y}^GFA,{size},{size},{row_bytes},{body}^FS"


def _cropped(drawn: "Image", left: int, top: int) -> Ink | None:
    drawn = drawn.point(lambda value: 255 if value >= _BLACK else 0)
    box = drawn.getbbox()
    if box is None:
        return None
    # What would stand outside of the label is cut off: a printer knows no negative places.
    box = (max(box[0], -left), max(box[1], -top), box[2], box[3])
    return Ink(drawn.crop(box), left + box[0], top + box[1])
