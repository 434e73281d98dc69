"""GS1 Digital Link: the element strings in a web address, without asking the web.

Source: GS1 Digital Link Standard: URI Syntax 1.5; the dictionary's `dlpkey` and data attributes.
"""

import re
from urllib.parse import unquote, urlsplit

from devices.gs1.dictionary import identifiers
from devices.gs1.element import Element, element_of, together
from devices.gs1.fault import Fault
from devices.gs1.key import is_digits

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_RESOLVERS = ("id.gs1.org", "dl.gs1.org")
_COMPRESSED = re.compile(r"[0-9A-Za-z_-]{8,}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_GTIN_CHARS = 14


def is_address(text: str) -> bool:
    """Tell whether a text is a web address."""
    return _SCHEME.match(text) is not None


def read_digital_link(text: str) -> tuple[Element, ...] | None:
    """Read a Digital Link; None for a web address that is none.

    Raises: Fault.
    """
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError as error:
        raise Fault("this is no web address") from error
    segments = parts.path.removesuffix("/").split("/")[1:]
    at = _key_at(segments)
    if at is None:
        _refuse_keyless(host, segments)
        return None
    if len(segments[at:]) % 2:
        raise _compressed() if _looks_compressed(segments) else _odd(segments[at])
    path = _path(segments[at:])
    return together([*path, *_attributes(parts.query, path)])


def _key_at(segments: list[str]) -> int | None:
    """Where the key stands: the last one that can be, since a path may go before it."""
    whole = [at for at in _keys(segments) if len(segments[at:]) % 2 == 0]
    partly = [at for at in _keys(segments) if len(segments[at:]) == 3]
    return next(iter((whole or partly)[::-1]), None)


def _keys(segments: list[str]) -> list[int]:
    return [
        at
        for at, segment in enumerate(segments[:-1])
        if (identifier := identifiers().get(segment)) is not None
        and identifier.qualifiers is not None
        and identifier.pattern.fullmatch(_padded(segment, unquote(segments[at + 1])))
    ]


def _padded(ai: str, value: str) -> str:
    return value.zfill(_GTIN_CHARS) if ai == "01" and len(value) in (8, 12, 13) else value


def _refuse_keyless(host: str, segments: list[str]) -> None:
    if not host.endswith(_RESOLVERS):
        return
    if _looks_compressed(segments):
        raise _compressed()
    raise Fault("this Digital Link names no key with data that fit it")


def _looks_compressed(segments: list[str]) -> bool:
    return bool(segments) and _COMPRESSED.fullmatch(segments[-1]) is not None


def _compressed() -> Fault:
    return Fault("this is a compressed Digital Link, which is not read here: print the plain one")


def _odd(ai: str) -> Fault:
    return Fault(f"the Digital Link of ({ai}) has an identifier without data")


def _path(segments: list[str]) -> list[Element]:
    pairs = [(segments[at], _decoded(segments[at + 1])) for at in range(0, len(segments), 2)]
    (key, value), qualifiers = pairs[0], [ai for ai, _ in pairs[1:]]
    allowed = identifiers()[key].qualifiers or ()
    if not any(_in_order(qualifiers, alternative) for alternative in allowed):
        wanted = " or ".join(", ".join(f"({ai})" for ai in each) for each in allowed if each)
        given = ", ".join(f"({ai})" for ai in qualifiers)
        rule = f"only {wanted} in this order" if wanted else "nothing"
        raise Fault(f"after ({key}) may come {rule}, not {given}"[:200])
    return [
        element_of(key, _padded(key, value)),
        *(element_of(ai, data) for ai, data in pairs[1:]),
    ]


def _in_order(given: list[str], allowed: tuple[str, ...]) -> bool:
    left = iter(allowed)
    return all(any(ai == each for each in left) for ai in given)


def _attributes(query: str, path: list[Element]) -> list[Element]:
    found = []
    for pair in re.split("[&;]", query) if query else ():
        ai, _, value = pair.partition("=")
        # Whatever is not all digits is the shop's own; digits are kept for GS1.
        if not is_digits(ai):
            continue
        identifier = identifiers().get(ai)
        if identifier is None:
            raise Fault(f"({ai[:20]}) is no application identifier")
        if not identifier.attribute and ai not in {element.ai for element in path}:
            raise Fault(f"({ai}) may not stand behind the question mark of a Digital Link")
        found.append(element_of(ai, _padded(ai, _decoded(value.replace("+", " ")))))
    return found


def _decoded(text: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise Fault("the Digital Link holds % without two hexadecimal digits")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise Fault("the Digital Link holds bytes that are no UTF-8") from error
