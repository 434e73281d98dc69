"""Labels as a picture of what a printer prints, dot by dot."""

from io import BytesIO
from typing import TYPE_CHECKING

from devices.label.content import Label
from devices.label.layout import lay_out
from devices.label.raster import Ink, matrix_ink, shape_ink, text_ink
from devices.label.sheet import Bars, Box, Shape, Sheet, Text
from devices.label.symbol import MM_PER_INCH, dark_runs, module_dots, module_rows, resolution

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw


def render_image(label: Label, dpi: int = 203) -> bytes:
    """Give the label as a PNG in black and white, a pixel a dot.

    Raises: LabelRefused, something does not fit or cannot be drawn; ValueError for a resolution
    other than 203, 300 and 600 dpi.
    """
    true_dpi = resolution(dpi)
    image = draw_sheet(lay_out(label), true_dpi)
    out = BytesIO()
    image.save(out, "PNG", dpi=(true_dpi, true_dpi), optimize=True)
    return out.getvalue()


def draw_sheet(sheet: Sheet, dpi: float) -> "Image":
    """Draw a sheet, white with black marks."""
    from PIL import Image, ImageDraw

    per_mm = dpi / MM_PER_INCH
    image = Image.new("1", (round(sheet.width * per_mm), round(sheet.height * per_mm)), 1)
    pen = ImageDraw.Draw(image)
    for mark in sheet.marks:
        if isinstance(mark, Text):
            _put(image, text_ink(mark, per_mm))
        elif isinstance(mark, Shape):
            _put(image, shape_ink(mark, per_mm))
        elif isinstance(mark, Bars) and mark.symbol.is_matrix:
            _put(image, matrix_ink(mark, dpi))
        elif isinstance(mark, Bars):
            _bars(pen, mark, dpi)
        else:
            _box(pen, mark, per_mm)
    return image


def _put(image: "Image", ink: Ink | None) -> None:
    if ink is not None:
        image.paste(0, (ink.x, ink.y), ink.image.convert("1"))


def _box(pen: "ImageDraw", mark: Box, per_mm: float) -> None:
    left, top = round(mark.x * per_mm), round(mark.y * per_mm)
    right, bottom = left + round(mark.width * per_mm) - 1, top + round(mark.height * per_mm) - 1
    if mark.line:
        line = max(1, round(mark.line * per_mm))
        pen.rectangle((left, top, right, bottom), outline=0, width=line)
    else:
        pen.rectangle((left, top, right, bottom), fill=0)


def _bars(pen: "ImageDraw", mark: Bars, dpi: float) -> None:
    per_mm = dpi / MM_PER_INCH
    dots = module_dots(mark.symbol, mark.width, mark.span, dpi)
    assert dots is not None, f"{mark.symbol.readable} is wider than its place"
    (row,) = module_rows(mark.symbol)
    x = round(mark.x * per_mm + (mark.width * per_mm - len(row) * dots) / 2)
    top = round(mark.y * per_mm)
    bottom = top + round(mark.height * per_mm) - 1
    for begin, end in dark_runs(row):
        pen.rectangle((x + begin * dots, top, x + end * dots - 1, bottom), fill=0)
