"""Code 128's subsets: how long a message becomes, and how ZPL spells a GS1 message.

Source: ISO/IEC 15417, annex E (shortest symbols); Zebra ZPL II Programming Guide, ^BC.
"""

import re

from devices.gs1 import FNC1

_PAIRS = re.compile(rf"(?:\d\d|{FNC1})*")
_DIGITS = re.compile(r"\d*")


def plain_count(message: str) -> int:
    """Count the symbol characters of a message that a printer packs by itself, without the stop."""
    count = 2
    in_c = _run(message, 0) >= 4 or (len(message) == 2 and _run(message, 0) == 2)
    place = 0
    while place < len(message):
        digits = _run(message, place)
        if in_c and digits < 2:
            in_c, count = False, count + 1
        elif not in_c and digits % 2 == 0 and digits >= 4:
            in_c, count = True, count + 1
        count += 1
        place += 2 if in_c else 1
    return count


def gs1_count(message: str) -> int:
    """Count the symbol characters of a GS1 message as `gs1_field` spells it, without the stop."""
    pairs, rest = _split(message)
    separators = pairs.count(FNC1)
    return 3 + separators + (len(pairs) - separators) // 2 + (len(rest) + 1 if rest else 0)


def gs1_field(message: str) -> str:
    """Spell a GS1 message for ^BC in mode N.

    It starts in subset C with FNC1 and changes to B once at most: what reads ZPL agrees on that,
    and not on the way back. The letters of GS1's set that ZPL reads as a command are not `>`'s.
    """
    pairs, rest = _split(message)
    spelt = ">;>8" + pairs + (f">6{rest.replace('>', '>0')}" if rest else "")
    return spelt.replace(FNC1, ">8")


def _split(message: str) -> tuple[str, str]:
    """Digits in pairs from the beginning, and from the first letter on the rest."""
    found = _PAIRS.match(message)
    assert found is not None
    end = found.end()
    # A last character alone after the change is lost by some readers of ZPL: it takes two along.
    if len(message) - end == 1 and end >= 2 and FNC1 not in message[end - 2 : end]:
        end -= 2
    return message[:end], message[end:]


def _run(message: str, place: int) -> int:
    found = _DIGITS.match(message, place)
    assert found is not None
    return found.end() - place
