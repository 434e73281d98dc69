"""Data that fit an application identifier, made by its own entry in the dictionary."""

from collections.abc import Callable
from random import Random

from devices.gs1 import Element, Identifier, check_digit, identifiers
from devices.gs1.check import check_pair
from devices.gs1.code_list import COUNTRIES, COUNTRY_LETTERS, CURRENCIES, MEDIA
from devices.gs1.dictionary import Component, names

CHARS = {
    "N": "0123456789",
    "X": "!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz",
    "Y": "#-/0123456789ABCXYZ",
    "Z": "-_0123456789ABCXYZabcxyz",
}
AIS = tuple(identifiers())
Maker = Callable[[Random, Component], str]


def element_by(rng: Random, ai: str) -> Element:
    """An element string of this identifier, by chance."""
    return Element(ai, data_by(rng, identifiers()[ai]))


def elements_by(rng: Random, count: int) -> list[Element]:
    """Element strings that may stand together, by chance."""
    chosen: list[str] = []
    for ai in rng.sample(AIS, len(AIS)):
        clash = any(
            any(names(pattern, one) for pattern in identifiers()[other].excluded)
            for mine in chosen
            for one, other in ((ai, mine), (mine, ai))
        )
        if not clash:
            chosen.append(ai)
        if len(chosen) == count:
            break
    return [element_by(rng, ai) for ai in chosen]


def data_by(rng: Random, identifier: Identifier) -> str:
    """Data that fit, of any length allowed."""
    data = ""
    for component in identifier.components:
        if component.optional and rng.random() < 0.5:
            break
        data += _component_by(rng, component)
    return data


def _component_by(rng: Random, component: Component) -> str:
    for check in component.checks:
        if check in _FITTING:
            return _FITTING[check](rng, component)
    return _text(rng, component)


def _text(rng: Random, component: Component) -> str:
    return _chars(rng, component.kind, rng.randint(component.least, component.most))


def _chars(rng: Random, kind: str, size: int) -> str:
    return "".join(rng.choices(CHARS[kind], k=size))


def _checked(rng: Random, component: Component) -> str:
    digits = _chars(rng, "N", component.most - 1)
    return f"{digits}{check_digit(digits)}"


def _paired(rng: Random, component: Component) -> str:
    text = _chars(rng, "N", 4) + "A" + _chars(rng, "X", rng.randint(0, component.most - 7))
    return text + check_pair(text)


def _company(rng: Random, component: Component) -> str:
    size = rng.randint(0, component.most - 4)
    return _chars(rng, "N", 4) + _chars(rng, component.kind, size)


def _day(rng: Random, component: Component) -> str:
    year = f"{rng.randint(0, 99):02}" if component.most == 6 else f"{rng.randint(1900, 2030)}"
    return f"{year}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def _packed(rng: Random, component: Component) -> str:
    return "".join(rng.choices(("a", "Z", "9", "+", "%20", "%C3%A9"), k=component.most // 6))


def _iban(rng: Random, _: Component) -> str:
    account = _chars(rng, "N", 18)
    # 131400 is DE00 in digits; what is missing to 98 makes the remainder 1.
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def _one_of(*words: str) -> Maker:
    return lambda rng, component: rng.choice(words)


def _number(least: int, most: int) -> Maker:
    return lambda rng, component: f"{rng.randint(least, most):0{component.most}}"


_FITTING: dict[str, Maker] = {
    "csum": _checked,
    "csumalpha": _paired,
    "gcppos1": _company,
    "yymmdd": _day,
    "yymmd0": _day,
    "yyyymmdd": _day,
    "hhmi": _one_of("0000", "1259", "2359", "9999"),
    "hh": _number(0, 23),
    "mi": _number(0, 59),
    "ss": _number(0, 59),
    "iso3166": _one_of(*sorted(COUNTRIES)),
    "iso3166999": _one_of("999", *sorted(COUNTRIES)),
    "iso3166alpha2": _one_of(*sorted(COUNTRY_LETTERS)),
    "iso4217": _one_of(*sorted(CURRENCIES)),
    "iso5218": _one_of("0", "1", "2", "9"),
    "mediatype": _one_of(*sorted(MEDIA)),
    "packagetype": _one_of("1A", "X", "PAE", "201"),
    "importeridx": _one_of("-", "_", "a", "Z", "7"),
    "couponcode": _one_of("0123456123456", "99"),
    "couponposoffer": _one_of("001234561234560123456"),
    "iban": _iban,
    "latitude": _number(0, 1_800_000_000),
    "longitude": _number(0, 3_600_000_000),
    "pcenc": _packed,
    "pieceoftotal": _one_of("0101", "0102", "9999"),
    "posinseqslash": _one_of("1/1", "2/3", "9/9"),
    "hyphen": _one_of("-"),
    "yesno": _one_of("0", "1"),
    "winding": _one_of("0", "1", "9"),
    "zero": lambda _, component: "0" * component.most,
    "nonzero": _number(1, 999),
    "nozeroprefix": _one_of("0", "1", "907"),
}
