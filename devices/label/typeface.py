"""The typefaces that labels are drawn in, and how wide their lines are.

Printers draw Latin in their own font 0, whose widths stand here. Everything else is drawn from the
fonts in `font/`: Roboto Condensed Bold (SIL Open Font Licence), Droid Sans Fallback (Apache 2.0)
and DejaVu Sans Condensed Bold (Bitstream Vera's licence).
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from devices.label.script import Script, is_right_to_left, needs_shaping, scripts_of
from devices.label.sheet import BASELINE

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FOLDER = Path(__file__).parent / "font"
_MEASURE_PX = 256

# Thousandths of the letter height.
_WIDTHS = {
    **dict.fromkeys("ijl:;/ftI", 278),
    **dict.fromkeys("!\"'(),.[]`r{|}", 333),
    " ": 250,
    "z": 389,
    **dict.fromkeys("Jcksvxy", 444),
    **dict.fromkeys("EFLTZ", 500),
    **dict.fromkeys("ABCKPSVXY", 556),
    **dict.fromkeys("DGHNOQRU", 611),
    **dict.fromkeys("&w", 667),
    **dict.fromkeys("Mm", 778),
    "-": 800,
    **dict.fromkeys("%@W", 833),
    **dict.fromkeys("ÆŒæœ—…‰™", 1000),
}
_OTHER_WIDTH = 500
_ACCENTED_WIDTH = 667


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file, and how high its capitals are in proportion to its em.

    `stroke` is how much is drawn around its letters, in ems, to make them as bold as the others.
    """

    name: str
    capitals: float
    stroke: float = 0.0

    @property
    def path(self) -> Path:
        """Where the font lies."""
        return FOLDER / f"{self.name}.ttf"

    def em(self, size: float) -> float:
        """The size at which its capitals are as high as those of a printer's letters."""
        return size * BASELINE / self.capitals


LATIN = Typeface("RobotoCondensed-Bold", 0.711)
ASIAN = Typeface("DroidSansFallback", 0.80, 0.016)
MIDDLE_EASTERN = Typeface("DejaVuSansCondensed-Bold", 0.729)
TYPEFACES = (LATIN, ASIAN, MIDDLE_EASTERN)


class NoGlyph(ValueError):
    """No typeface here draws a text."""


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one typeface."""

    typeface: Typeface
    text: str


def line_width(text: str, printed: frozenset[Script]) -> float:
    """Measure a line at letter height 1; a script in `printed` is the printer's own.

    Raises: NoGlyph.
    """
    needed = scripts_of(text)
    if needed <= {Script.LATIN}:
        return sum(_latin_width(char) for char in text) / 1000
    return sum(_run_width(run) for run in runs_of(text))


def runs_of(text: str) -> tuple[Run, ...]:
    """Split a line into parts of one typeface each.

    Raises: NoGlyph, it needs a letter that no typeface here has, or shaping that is not installed.
    """
    if needs_shaping(text) and not can_shape():
        raise NoGlyph("joined letters cannot be drawn: Pillow here was built without Raqm")
    if is_right_to_left(text):
        # The order of parts is the bidirectional algorithm's, so one typeface draws them all.
        return (Run(_sole(text, (MIDDLE_EASTERN,)), text),)
    parts: list[Run] = []
    for char in text:
        joins = unicodedata.combining(char) or char == " "
        if joins and parts and ord(char) in _letters(parts[-1].typeface):
            face = parts[-1].typeface
        else:
            face = _sole(char, TYPEFACES)
        if parts and parts[-1].typeface == face:
            parts[-1] = Run(face, parts[-1].text + char)
        else:
            parts.append(Run(face, char))
    return tuple(parts)


@lru_cache(maxsize=64)
def font(typeface: Typeface, size_px: int) -> "FreeTypeFont":
    """Open a typeface at an em of so many pixels."""
    from PIL import ImageFont

    layout = ImageFont.Layout.RAQM if can_shape() else ImageFont.Layout.BASIC
    return ImageFont.truetype(typeface.path, size_px, layout_engine=layout)


@lru_cache(maxsize=1)
def can_shape() -> bool:
    """Tell whether joined letters and right-to-left lines can be set here."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


def _latin_width(char: str) -> int:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if char.isascii():
        return _OTHER_WIDTH
    base = unicodedata.normalize("NFD", char)[0]
    if base.isascii():
        return max(_WIDTHS.get(base, _OTHER_WIDTH), _WIDTHS["!"])
    return _ACCENTED_WIDTH


def _run_width(run: Run) -> float:
    return font(run.typeface, _MEASURE_PX).getlength(run.text) / _MEASURE_PX * run.typeface.em(1)


def _sole(text: str, faces: tuple[Typeface, ...]) -> Typeface:
    for face in faces:
        if all(ord(char) in _letters(face) for char in text):
            return face
    missing = next(char for char in text if all(ord(char) not in _letters(f) for f in faces))
    name = unicodedata.name(missing, "a character without a name")
    raise NoGlyph(f"no font here draws U+{ord(missing):04X} ({name.lower()})")


@lru_cache(maxsize=8)
def _letters(typeface: Typeface) -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFile

    return frozenset(TTFontFile(str(typeface.path)).charToGlyph)
