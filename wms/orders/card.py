"""Card numbers, which nobody is to send: where a text holds one, and where it only looks so."""

import re
import unicodedata
from enum import StrEnum

from devices.gs1 import check_digit

# Digits of a card are parted by at most two such characters.
_RUN = re.compile(r"\+?\d+(?:[\s.\u2010-\u2015_-]{1,2}\d+)*")
SHORTEST, _LONGEST = 13, 19
# Nearly all texts are told from a card by this at once.
_MANY = re.compile(r"\d(?:\D{0,4}\d){12}")
_PHONE_DIGITS_MAX = 15
# How issuers print their numbers in groups.
_GROUPS = frozenset(
    {
        (4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (6, 13), (4, 4, 5), (4, 5, 6),
        (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 3, 3, 3), (8, 8), (6, 4, 6), (6, 6, 4),
    }
)  # fmt: skip
# First digits from and to, and the lengths. Source: ISO/IEC 7812-1; the issuers' own ranges.
_ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),
    ("3095", "3095", (14, 16)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("3528", "3589", (16, 17, 18, 19)),
    ("6011", "6011", (16, 19)),
    ("644", "659", (16, 19)),
    ("60", "60", (16,)),
    ("62", "62", (16, 17, 18, 19)),
    ("81", "81", (16, 17, 18, 19)),
    ("2200", "2204", (16, 17, 18, 19)),
    ("5018", "5018", (16, 19)),
    ("5020", "5020", (16, 19)),
    ("5038", "5038", (16, 19)),
    ("5893", "5893", (16, 19)),
    ("6304", "6304", (16, 19)),
    ("6759", "6763", (16, 19)),
)


class Context(StrEnum):
    """What a text is for: numbers of a shop's or a house's own often pass a card's check digit.

    A `text` is a person's words or a gateway's reference. An `identifier` is an order's, an item's
    or a buyer's number: only what is written in a card's groups is one there. A `phone` may begin
    with its country.
    """

    TEXT = "text"
    IDENTIFIER = "identifier"
    PHONE = "phone"


def holds_card(text: str, context: Context = Context.TEXT) -> bool:
    """Whether a text holds a card number: an issuer's first digits, its length, its check digit.

    GTINs of 13 digits and SSCCs are none, although each tenth passes a card's check digit: cards
    of their lengths are all but gone. Telephone numbers that begin with + are none.
    """
    if len(text) < SHORTEST or _MANY.search(text) is None:
        return False
    return any(_run_holds(run.group(), context) for run in _RUN.finditer(_plain(text)))


def _plain(text: str) -> str:
    """The text with digits of any script as plain ones, and without what cannot be seen."""
    shown = (one for one in text if unicodedata.category(one) != "Cf")
    return "".join(
        str(unicodedata.digit(one)) if unicodedata.digit(one, None) is not None else one
        for one in shown
    )


def _run_holds(run: str, context: Context) -> bool:
    groups = re.findall(r"\d+", run)
    if run.startswith("+") and sum(map(len, groups)) <= _PHONE_DIGITS_MAX:
        return False
    for first in range(len(groups)):
        for after in range(first + 1, len(groups) + 1):
            part = groups[first:after]
            grouped = tuple(map(len, part)) in _GROUPS
            if context is Context.IDENTIFIER and not grouped:
                continue
            if (len(part) == 1 or grouped) and _is_card("".join(part), bare=len(part) == 1):
                return True
    return False


def _is_card(digits: str, *, bare: bool) -> bool:
    if not SHORTEST <= len(digits) <= _LONGEST or not _passes(digits) or not _issued(digits):
        return False
    return not (bare and len(digits) in (13, 18) and check_digit(digits[:-1]) == int(digits[-1]))


def _issued(digits: str) -> bool:
    return any(
        len(digits) in lengths and first <= digits[: len(first)] <= last
        for first, last, lengths in _ISSUERS
    )


def _passes(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
