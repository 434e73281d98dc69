"""Lines that fit: text is wrapped, then set smaller, and refused when it still does not fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devices.label.content import LabelRefused
from devices.label.script import Script, clean, is_right_to_left, is_wide
from devices.label.sheet import BASELINE, DESCENT, Text
from devices.label.typeface import NoGlyph, line_width

LEADING = 1.25
# A thermal head's smallest letters that a reader need not guess at: capitals of 1.6 mm.
SIZE_MIN_MM = 2.1


@dataclass(frozen=True, slots=True)
class Setter:
    """Sets text for a printer that has fonts of its own for some scripts."""

    printed: frozenset[Script]

    def line(
        self,
        field: str,
        text: str,
        box: tuple[float, float, float],
        sizes: tuple[float, float],
        align: float = 0.0,
    ) -> list[Text]:
        """Set one line into x, y and width, as large as it fits between two sizes.

        `align` is 0 for left, 0.5 for the middle, 1 for right. An empty text sets nothing.
        Raises: LabelRefused.
        """
        shown = clean(text)
        if not shown:
            return []
        x, y, width = box
        least, most = sizes
        unit = self._width(field, shown)
        size = min(most, width / unit)
        if size < least:
            raise LabelRefused(field, f"{shown!r} is too long for its line on the label")
        taken = unit * size
        return [Text(x + (width - taken) * align, y, taken, size, shown)]

    def block(
        self,
        field: str,
        lines: Iterable[str],
        box: tuple[float, float, float, float],
        sizes: Sequence[float],
    ) -> list[Text]:
        """Set lines into x, y, width and height, wrapped, in the largest of the sizes that fits.

        Raises: LabelRefused.
        """
        shown = [line for line in map(clean, lines) if line]
        x, y, width, height = box
        for size in sizes:
            set_lines = [part for line in shown for part in self._wrap(field, line, width / size)]
            if _height(len(set_lines), size) <= height:
                return [
                    self._placed(field, text, x, y + row * size * LEADING, width, size)
                    for row, text in enumerate(set_lines)
                ]
        raise LabelRefused(field, "too long to fit on the label, even in its smallest letters")

    def _placed(self, field: str, text: str, x: float, y: float, width: float, size: float) -> Text:
        taken = self._width(field, text) * size
        return Text(x + (width - taken) * is_right_to_left(text), y, taken, size, text)

    def _wrap(self, field: str, line: str, room: float) -> list[str]:
        found: list[str] = []
        now = ""
        for word in _words(line):
            if not now or self._width(field, (now + word).rstrip()) <= room:
                now += word
            else:
                found.append(now.rstrip())
                now = word
            while self._width(field, now.rstrip()) > room:
                cut = self._cut(field, now, room)
                found.append(now[:cut])
                now = now[cut:]
        return [*found, now.rstrip()] if now.rstrip() else found

    def _cut(self, field: str, word: str, room: float) -> int:
        """Where a word that is wider than the whole line is broken."""
        if is_right_to_left(word):
            raise LabelRefused(field, f"{word.strip()!r} is too long for a line on the label")
        cut = 1
        while cut < len(word) and self._width(field, word[: cut + 1]) <= room:
            cut += 1
        return cut

    def _width(self, field: str, text: str) -> float:
        try:
            return line_width(text, self.printed)
        except NoGlyph as error:
            raise LabelRefused(field, str(error)) from error


def _height(lines: int, size: float) -> float:
    return ((lines - 1) * LEADING + BASELINE + DESCENT) * size if lines else 0.0


def _words(line: str) -> list[str]:
    """Parts between which a line may break, each with the space after it."""
    words = [""]
    for char in line:
        breaks = words[-1].endswith(" ") or (
            words[-1] and (is_wide(char) or is_wide(words[-1][-1])) and char != " "
        )
        if breaks:
            words.append(char)
        else:
            words[-1] += char
    return [word for word in words if word]
