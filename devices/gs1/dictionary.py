"""The GS1 syntax dictionary: every application identifier, its format and its rules.

Source: GS1 Barcode Syntax Dictionary, release 2026-01-27 (data/README.md).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "gs1-syntax-dictionary.txt"
_LINE = re.compile(r"(?P<ais>\d{2,4}(?:-\d{2,4})?)\s+(?P<flags>[*?]*)\s*(?P<rules>.*)")
_COMPONENT = re.compile(
    r"(?P<open>\[)?(?P<kind>[NXYZ])(?P<upto>\.\.)?(?P<most>\d+)\]?(?P<checks>(?:,\w+)*)"
)
_SETS = {
    "N": (r"0-9", "digits"),
    "X": (r"!\"%-?A-Z_a-z", "letters, digits and !\"%&'()*+,-./:;<=>?_"),
    "Y": (r"#\-/0-9A-Z", "capital letters, digits and #-/"),
    "Z": (r"0-9A-Z_a-z\-", "letters, digits, - and _"),
}


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an identifier's data: N digits, X CSET 82, Y CSET 39, Z base64url."""

    kind: str
    least: int
    most: int
    optional: bool
    checks: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The part as a regular expression, one group."""
        return f"([{_SETS[self.kind][0]}]{{{self.least},{self.most}}}){'?' * self.optional}"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One application identifier.

    `separated` data end with FNC1 unless they are the last; `attribute` ones may stand in a
    Digital Link's query. Of each group of `required`, one of the alternatives must be there, each a
    set of identifiers; n stands for any digit there and in `excluded`. `qualifiers` are the ordered
    qualifiers of a Digital Link's key, one tuple an alternative, None for what is no key.
    """

    ai: str
    title: str
    components: tuple[Component, ...]
    separated: bool
    attribute: bool
    required: tuple[tuple[tuple[str, ...], ...], ...]
    excluded: tuple[str, ...]
    qualifiers: tuple[tuple[str, ...], ...] | None
    pattern: re.Pattern[str]

    @property
    def least(self) -> int:
        """Characters of data at least."""
        return sum(part.least for part in self.components if not part.optional)

    @property
    def most(self) -> int:
        """Characters of data at most."""
        return sum(part.most for part in self.components)

    @property
    def wanted(self) -> str:
        """What the data may be made of and how long they are, for people."""
        size = str(self.most) if self.least == self.most else f"{self.least} to {self.most}"
        kinds = {part.kind for part in self.components}
        if kinds == {"N"}:
            return f"{size} digits" if self.most > 1 else "1 digit"
        last = _SETS[self.components[-1].kind][1]
        return f"{size} characters, {last}" if len(kinds) == 1 else f"{size} characters"


@cache
def identifiers() -> Mapping[str, Identifier]:
    """Every application identifier by its digits, read from the dictionary once."""
    found: dict[str, Identifier] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            found.update((each.ai, each) for each in _entry(line))
    return found


def identifier_at(text: str) -> Identifier | None:
    """The application identifier that a text begins with; no identifier begins another."""
    known = identifiers()
    return known.get(text[:2]) or known.get(text[:3]) or known.get(text[:4])


def names(pattern: str, ai: str) -> bool:
    """Tell whether a pattern such as 394n means an identifier."""
    return pattern == ai or (
        len(pattern) == len(ai) and "n" in pattern and ai.startswith(pattern.rstrip("n"))
    )


def _entry(line: str) -> Iterator[Identifier]:
    body, _, title = line.partition("# ")
    matched = _LINE.fullmatch(body.strip())
    assert matched, f"the dictionary has a line that is none: {line}"
    words = matched["rules"].split()
    parts = [part for part in map(_COMPONENT.fullmatch, words) if part]
    components = tuple(_component(part) for part in parts)
    attributes = [word.partition("=") for word in words[len(parts) :]]
    qualifiers = [value for key, _, value in attributes if key == "dlpkey"]
    first, _, last = matched["ais"].partition("-")
    pattern = re.compile("".join(part.pattern for part in components))
    for number in range(int(first), int(last or first) + 1):
        yield Identifier(
            ai=str(number).zfill(len(first)),
            title=title.strip(),
            components=components,
            separated="*" not in matched["flags"],
            attribute="?" in matched["flags"],
            required=tuple(
                tuple(tuple(group.split("+")) for group in value.split(","))
                for key, _, value in attributes
                if key == "req"
            ),
            excluded=tuple(
                ai for key, _, value in attributes if key == "ex" for ai in value.split(",")
            ),
            qualifiers=_alternatives(qualifiers[0]) if qualifiers else None,
            pattern=pattern,
        )


def _component(part: re.Match[str]) -> Component:
    most = int(part["most"])
    return Component(
        kind=part["kind"],
        least=1 if part["upto"] else most,
        most=most,
        optional=part["open"] is not None,
        checks=tuple(part["checks"].split(",")[1:]),
    )


def _alternatives(value: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(ai for ai in each.split(",") if ai) for each in value.split("|"))
