"""What element strings mean, for people: title, amount, day and whose number it is.

Source: GS1 General Specifications 24, 3; GS1 prefixes as biip knows them.
"""

from dataclasses import dataclass

from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString
from biip.symbology import SymbologyIdentifier

from devices.gs1.dictionary import identifiers
from devices.gs1.element import Element

# biip places a year in a century by today's date; what is asked of it here needs no clock.
_PARSING = ParseConfig(gs1_element_strings_verify_date=False)
_DAY_CHECKS = frozenset({"yymmdd", "yymmd0"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """One element string in words; `says` is empty where its data speak for themselves."""

    ai: str
    title: str
    value: str
    says: str = ""


def meaning_of(element: Element) -> Meaning:
    """Say what a checked element string means."""
    identifier = identifiers()[element.ai]
    said = [*_biip_says(element), *_days(element)]
    return Meaning(element.ai, identifier.title, element.value, ", ".join(said))


def _biip_says(element: Element) -> list[str]:
    try:
        read = GS1ElementString.parse(f"{element.ai}{element.value}", config=_PARSING)
    except (ParseError, ValueError, ArithmeticError):
        # biip's form of a few identifiers is narrower than the dictionary's.
        return []
    said = [] if read.decimal is None else [f"{read.decimal:f}"]
    key = read.gtin or read.sscc or read.gln
    if key is None:
        return said
    if key.prefix is not None:
        said.append(f"prefix {key.prefix.value} of {key.prefix.usage}")
    if key.company_prefix is not None:
        said.append(f"company {key.company_prefix.value}")
    return said


def _days(element: Element) -> list[str]:
    first = identifiers()[element.ai].components[0]
    if not _DAY_CHECKS & set(first.checks):
        return []
    year, month, day = element.value[:2], element.value[2:4], element.value[4:6]
    if day == "00":
        return [f"the last day of month {month} of year ..{year}"]
    return [f"day {day} of month {month} of year ..{year}"]


def symbology_of(aim: str) -> str:
    """Name a symbology by its identifier, e.g. `GS1 128` for ]C1; empty for one that is none."""
    try:
        identifier = SymbologyIdentifier.extract(aim)
    except (ParseError, ValueError):
        return ""
    known = identifier.gs1_symbology or identifier.iso_symbology
    return known.name.replace("_", " ")
