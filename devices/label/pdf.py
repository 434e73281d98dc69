"""Labels as a PDF of one page, for office printers."""

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from devices.label.content import Label
from devices.label.layout import lay_out
from devices.label.raster import text_ink
from devices.label.script import needs_shaping
from devices.label.sheet import BASELINE, Bars, Box, Mark, Shape, Text
from devices.label.symbol import MM_PER_INCH, dark_runs, module_dots, module_rows
from devices.label.typeface import Typeface, runs_of

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_POINTS_PER_INCH = 72.0
_PER_MM = _POINTS_PER_INCH / MM_PER_INCH
_DPI = 600.0


def render_pdf(label: Label) -> bytes:
    """Give the label as a PDF of its own size; the same label gives the same bytes.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    from reportlab.pdfgen.canvas import Canvas

    sheet = lay_out(label)
    out = BytesIO()
    size = (sheet.width * _PER_MM, sheet.height * _PER_MM)
    canvas = Canvas(out, pagesize=size, invariant=1)
    canvas.setTitle(type(label).__name__)
    # From here on a millimetre is a millimetre and y grows upwards from the lower edge.
    canvas.scale(_PER_MM, _PER_MM)
    for mark in sheet.marks:
        _draw(canvas, mark, sheet.height)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: "Canvas", mark: Mark, height: float) -> None:
    if isinstance(mark, Text):
        if needs_shaping(mark.text):
            _picture(canvas, mark, height)
        else:
            _text(canvas, mark, height)
    elif isinstance(mark, Bars):
        _bars(canvas, mark, height)
    elif isinstance(mark, Shape):
        path = canvas.beginPath()
        points = [(mark.x + x * mark.width, mark.y + y * mark.height) for x, y in mark.points]
        path.moveTo(points[0][0], height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, height - y)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    else:
        _box(canvas, mark, height)


def _box(canvas: "Canvas", mark: Box, height: float) -> None:
    inset = mark.line / 2
    canvas.setLineWidth(mark.line)
    canvas.rect(
        mark.x + inset,
        height - mark.y - mark.height + inset,
        mark.width - mark.line,
        mark.height - mark.line,
        stroke=int(mark.line > 0),
        fill=int(mark.line == 0),
    )


def _text(canvas: "Canvas", mark: Text, height: float) -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    runs = runs_of(mark.text)
    sizes = [run.typeface.em(mark.size) for run in runs]
    taken = sum(
        stringWidth(run.text, _font(run.typeface), size)
        for run, size in zip(runs, sizes, strict=True)
    )
    line = canvas.beginText(mark.x, height - mark.y - mark.size * BASELINE)
    line.setHorizScale(100 * min(1.0, mark.width / max(taken, 1e-6)))
    for run, size in zip(runs, sizes, strict=True):
        stroke = run.typeface.stroke * size
        line.setTextRenderMode(2 if stroke else 0)
        canvas.setLineWidth(2 * stroke)
        line.setFont(_font(run.typeface), size)
        line.textOut(run.text)
    canvas.drawText(line)


def _picture(canvas: "Canvas", mark: Text, height: float) -> None:
    from PIL import ImageOps
    from reportlab.lib.utils import ImageReader

    per_mm = _DPI / MM_PER_INCH
    ink = text_ink(mark, per_mm)
    if ink is None:
        return
    image = ImageOps.invert(ink.image)
    width, tall = image.width / per_mm, image.height / per_mm
    canvas.drawImage(
        ImageReader(image), ink.x / per_mm, height - ink.y / per_mm - tall, width, tall
    )


def _bars(canvas: "Canvas", mark: Bars, height: float) -> None:
    dots = module_dots(mark.symbol, mark.width, mark.span, _DPI)
    assert dots is not None, f"{mark.symbol.readable} is wider than its place"
    module = dots * MM_PER_INCH / _DPI
    rows = module_rows(mark.symbol)
    x = mark.x + (mark.width - len(rows[0]) * module) / 2
    y, tall = mark.y, mark.height
    if mark.symbol.is_matrix:
        y += (mark.height - len(rows) * module) / 2
        tall = module
    for number, row in enumerate(rows):
        lower = height - y - number * module - tall
        for begin, end in dark_runs(row):
            canvas.rect(x + begin * module, lower, (end - begin) * module, tall, stroke=0, fill=1)


@lru_cache(maxsize=8)
def _font(typeface: Typeface) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(typeface.name, str(typeface.path)))
    return typeface.name
