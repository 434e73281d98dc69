"""Element strings: application identifier and data, cut and checked as the dictionary says.

biip, which says what they mean (meaning.py), calls a message valid whose check digits are wrong or
that has lost an FNC1, refuses some data that the dictionary allows, and gives no reason.

Source: GS1 General Specifications 24, 3 and 7.8; GS1 Barcode Syntax Dictionary.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devices.gs1.check import CHECKS
from devices.gs1.dictionary import Identifier, identifier_at, identifiers, names
from devices.gs1.fault import Fault, RunTogether

FNC1 = "\x1d"
# Text that ends like a date of this half of the century, alone or before a lot or a serial number.
# Other identifiers are too short, or too free in form, to be told from the data they are lost in.
_DATED = re.compile(
    r".+?(?P<rest>1[157][2-4]\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:(?:10|21).+)?)", re.ASCII
)
_CHARS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Element:
    """One element string: application identifier and its data."""

    ai: str
    value: str

    def __str__(self) -> str:
        return f"({self.ai}) {self.value}"


def read_elements(text: str) -> tuple[Element, ...]:
    """Read a GS1 message, FNC1 between its element strings.

    Raises: Fault, and RunTogether where FNC1 is missing.
    """
    if not text.isascii():
        raise Fault("an element string holds ASCII characters only")
    found: list[Element] = []
    rest = text.strip(FNC1)
    while rest:
        identifier = identifier_at(rest)
        if identifier is None:
            raise _unknown(found, rest)
        element, rest = _first(identifier, rest, found)
        found.append(element)
        rest = rest.lstrip(FNC1)
    return together(found)


def write_elements(elements: Iterable[Element]) -> str:
    """Write element strings as one message, FNC1 only where it is needed."""
    text = ""
    for element in elements:
        text += f"{element.ai}{element.value}"
        text += FNC1 if identifiers()[element.ai].separated else ""
    return text.removesuffix(FNC1)


def element_of(ai: str, value: str) -> Element:
    """Check the data of one identifier that stands alone, as in a Digital Link or in brackets.

    Raises: Fault.
    """
    identifier = identifiers().get(ai)
    if identifier is None:
        raise Fault(f"({ai}) is no application identifier")
    return _checked(identifier, value)


def together(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Take element strings as one message, an identical repeat once.

    Raises: Fault for none, for two that differ under one identifier, for two that exclude another.
    """
    by_ai: dict[str, Element] = {}
    for element in elements:
        if by_ai.setdefault(element.ai, element) != element:
            raise Fault(f"({element.ai}) stands there twice and differs")
    if not by_ai:
        raise Fault("no application identifier")
    for ai in by_ai:
        for pattern in identifiers()[ai].excluded:
            other = next((each for each in by_ai if each != ai and names(pattern, each)), None)
            if other is not None:
                raise Fault(f"({ai}) and ({other}) must not stand together")
    return tuple(by_ai.values())


def lacking(elements: Iterable[Element]) -> tuple[str, ...]:
    """Say what must stand beside these element strings, on this code or another on the same thing.

    Source: GS1 Barcode Syntax Dictionary, `req`: judged over all codes on one physical item.
    """
    there = [element.ai for element in elements]
    missing = []
    for ai in there:
        for group in identifiers()[ai].required:
            if not any(_all_there(alternative, there) for alternative in group):
                wanted = " or ".join(
                    " with ".join(f"({each})" for each in alternative) for alternative in group
                )
                missing.append(f"({ai}) goes with {wanted}")
    return tuple(missing)


def _all_there(alternative: tuple[str, ...], there: list[str]) -> bool:
    return all(any(names(pattern, ai) for ai in there) for pattern in alternative)


def _first(identifier: Identifier, rest: str, found: list[Element]) -> tuple[Element, str]:
    data = rest.partition(FNC1)[0][len(identifier.ai) :]
    if not identifier.separated:
        data = data[: identifier.most]
    elif identifier.pattern.fullmatch(data) is None:
        raise _misread(identifier, data, found)
    element = _checked(identifier, data)
    after = rest[len(identifier.ai) + len(data) :]
    if not after and identifier.separated:
        _refuse_dated(identifier, data, found)
    return element, after


def _checked(identifier: Identifier, value: str) -> Element:
    matched = identifier.pattern.fullmatch(value)
    if matched is None:
        raise Fault(_misfit(identifier, value))
    for component, data in zip(identifier.components, matched.groups(), strict=True):
        for check in component.checks if data is not None else ():
            wrong = CHECKS[check](data)
            if wrong:
                raise Fault(f"({identifier.ai}) {value}: {wrong}")
    return Element(identifier.ai, value)


def _unknown(found: list[Element], rest: str) -> Fault:
    shown = rest[:4]
    if not found:
        return Fault(f"no application identifier begins with {shown!r}")
    return Fault(f"after {_shown(found[-1])} comes {shown!r}, which is no application identifier")


def _misfit(identifier: Identifier, data: str) -> str:
    if not data:
        return f"({identifier.ai}) has no data, it should be {identifier.wanted}"
    fits = identifier.least <= len(data) <= identifier.most
    but = "" if fits else f", but has {len(data)} characters"
    return f"({identifier.ai}) {data[:_CHARS_SHOWN]}: it should be {identifier.wanted}{but}"


def _misread(identifier: Identifier, data: str, found: list[Element]) -> Fault:
    """Why an element string's data do not fit: too many of them mean that FNC1 is missing."""
    if not identifier.separated or len(data) <= identifier.least:
        return Fault(_misfit(identifier, data))
    sizes = range(identifier.least, min(len(data) - 2, identifier.most) + 1)
    splits = [split for size in sizes if (split := _split(identifier, data, size, found))]
    if splits:
        # What a check digit or a date bears out is likelier than what only looks like data.
        likely = max(splits, key=_borne_out)
        return RunTogether(_told(identifier, data, likely))
    if len(data) > identifier.most:
        return RunTogether(
            f"({identifier.ai}) {data[:_CHARS_SHOWN]}: longer than {identifier.most} characters, "
            f"FNC1 is missing after it"
        )
    return Fault(_misfit(identifier, data))


def _refuse_dated(identifier: Identifier, data: str, found: list[Element]) -> None:
    """Refuse data at a message's end that hold a whole date element string which nobody gave.

    Raises: RunTogether.
    """
    dated = _DATED.fullmatch(data)
    if dated is None or any(element.ai in ("11", "13", "15", "16", "17") for element in found):
        return
    parts = _split(identifier, data, dated.start("rest"), found)
    if parts is not None:
        raise RunTogether(_told(identifier, data, parts))


def _split(
    identifier: Identifier, data: str, size: int, found: list[Element]
) -> list[Element] | None:
    """The element strings that data would be if FNC1 stood after `size` characters."""
    try:
        parts = [_checked(identifier, data[:size])]
        rest = data[size:]
        while rest:
            after = identifier_at(rest)
            if after is None:
                return None
            body = rest[len(after.ai) :]
            width = len(body) if after.separated else after.most
            parts.append(_checked(after, body[:width]))
            rest = body[width:]
        together([*found, *parts])
    except Fault:
        return None
    new = {part.ai for part in parts} - {element.ai for element in found}
    return parts if len(new) == len(parts) else None


def _borne_out(parts: list[Element]) -> int:
    checks = [part.checks for element in parts[1:] for part in identifiers()[element.ai].components]
    return sum(1 for named in checks if {"csum", "yymmd0"} & set(named))


def _told(identifier: Identifier, data: str, parts: list[Element]) -> str:
    named = " and ".join(_shown(part) for part in parts)
    return (
        f"({identifier.ai}) {data[:_CHARS_SHOWN]}: FNC1 is missing, it looks like {named} "
        "run together"
    )


def _shown(element: Element) -> str:
    return str(element)[:_CHARS_SHOWN]
