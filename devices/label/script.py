"""Writing: what of a text is drawn, and which scripts it is written in."""

import unicodedata
from enum import StrEnum


class Script(StrEnum):
    """A script that a printer has a font for, or has not."""

    LATIN = "latin"
    GREEK = "greek"
    CYRILLIC = "cyrillic"
    HAN = "han"
    KANA = "kana"
    HANGUL = "hangul"
    HEBREW = "hebrew"
    ARABIC = "arabic"
    OTHER = "other"


# Printers' font 0 draws the letters of Europe's Latin code pages, and these signs.
_SIGNS = frozenset("–—‘’‚“”„†‡•…‰‹›€™")
_RANGES = (
    (0x0370, 0x03FF, Script.GREEK),
    (0x0400, 0x04FF, Script.CYRILLIC),
    (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x06FF, Script.ARABIC),
    (0x0750, 0x077F, Script.ARABIC),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x3000, 0x303F, Script.HAN),
    (0x3040, 0x30FF, Script.KANA),
    (0x3130, 0x318F, Script.HANGUL),
    (0x31F0, 0x31FF, Script.KANA),
    (0x3400, 0x9FFF, Script.HAN),
    (0xAC00, 0xD7A3, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB1D, 0xFB4F, Script.HEBREW),
    (0xFB50, 0xFDFF, Script.ARABIC),
    (0xFE70, 0xFEFC, Script.ARABIC),
    (0xFF00, 0xFFEF, Script.HAN),
    (0x20000, 0x3FFFD, Script.HAN),
)
# Emoji, their modifiers and tags: decoration, in no address book's alphabet.
_EMOJI = ((0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF), (0xE0000, 0xE0FFF))
_JOINERS = "\u200c\u200d"


def clean(text: str) -> str:
    """Give what of a text is drawn, composed and with single spaces.

    Control characters count as spaces; emoji, variation selectors and invisible marks of direction
    are left out.
    """
    composed = unicodedata.normalize("NFC", text)
    joined = is_right_to_left(composed)
    kept: list[str] = []
    for char in composed:
        category = unicodedata.category(char)
        if category in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif char in _JOINERS:
            kept += [char] if joined else []
        elif category == "Cf" or _is_emoji(char) or "\ufe00" <= char <= "\ufe0f":
            continue
        else:
            kept.append(char)
    return " ".join("".join(kept).split())


def scripts_of(text: str) -> frozenset[Script]:
    """Tell which scripts a text needs; digits and plain signs are Latin."""
    return frozenset(_script(char) for char in text)


def is_right_to_left(text: str) -> bool:
    """Tell whether a text holds letters that are written from right to left."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def needs_shaping(text: str) -> bool:
    """Tell whether a text's letters depend on their neighbours: joined letters, loose accents."""
    return is_right_to_left(text) or any(unicodedata.combining(char) for char in text)


def is_wide(char: str) -> bool:
    """Tell whether a line may break before and after a character, as between Chinese ones."""
    return unicodedata.east_asian_width(char) in ("W", "F")


def _script(char: str) -> Script:
    code = ord(char)
    if 0x20 <= code < 0x7F or 0xA0 <= code < 0x180 or char in _SIGNS:
        return Script.LATIN
    return next((script for low, high, script in _RANGES if low <= code <= high), Script.OTHER)


def _is_emoji(char: str) -> bool:
    return any(low <= ord(char) <= high for low, high in _EMOJI)
