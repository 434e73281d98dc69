"""The checks that the syntax dictionary names: what is wrong with a part of an element's data.

Source: GS1 General Specifications 24, 3 and 7.9; GS1 Barcode Syntax Dictionary, linters.
"""

from calendar import monthrange
from collections.abc import Callable

from devices.gs1.code_list import COUNTRIES, COUNTRY_LETTERS, CURRENCIES, MEDIA
from devices.gs1.key import is_checked, is_digits

# A year of two digits is taken as 20YY; only 00 would have another February in 1900 or 2100.
_CENTURY = 2000
_WEIGHTS = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_COMPANY_PREFIX_DIGITS_MIN = 4
_HEX = frozenset("0123456789ABCDEFabcdef")


def _rule(holds: Callable[[str], bool], sentence: str) -> Callable[[str], str]:
    return lambda data: "" if holds(data) else sentence


def _is_date(data: str, *, any_day: bool = False) -> bool:
    year = _CENTURY + int(data[:2]) if len(data) == 6 else int(data[:4])
    month, day = int(data[-4:-2]), int(data[-2:])
    if not 1 <= month <= 12 or year == 0:
        return False
    return day <= monthrange(year, month)[1] and (day > 0 or any_day)


def _is_company(data: str) -> bool:
    prefix = data[:_COMPANY_PREFIX_DIGITS_MIN]
    return len(prefix) == _COMPANY_PREFIX_DIGITS_MIN and is_digits(prefix)


def check_pair(data: str) -> str:
    """Compute the two check characters that follow alphanumeric data of CSET 82, at most 23.

    Raises: ValueError for other characters or more of them.
    """
    if len(data) > len(_WEIGHTS):
        raise ValueError(f"{len(data)} characters, {len(_WEIGHTS)} at most")
    weighted = zip(reversed(data), _WEIGHTS, strict=False)
    total = sum(_CSET82.index(char) * weight for char, weight in weighted) % 1021
    return _CSET32[total >> 5] + _CSET32[total & 31]


def _has_check_pair(data: str) -> bool:
    return len(data) > 2 and check_pair(data[:-2]) == data[-2:]


def _is_iban(data: str) -> bool:
    if len(data) <= 4 or not (data.isascii() and data.isalnum() and data == data.upper()):
        return False
    digits = "".join(str(int(char, 36)) for char in data[4:] + data[:4])
    return data[:2].isalpha() and is_digits(data[2:4]) and int(digits) % 97 == 1


def _is_encoded(data: str) -> bool:
    return all(len(part) >= 2 and set(part[:2]) <= _HEX for part in data.split("%")[1:])


def _is_piece(data: str) -> bool:
    return 0 < int(data[:2]) <= int(data[2:])


def _is_birth(data: str) -> bool:
    piece, _, total = data.partition("/")
    return is_digits(piece) and is_digits(total) and 0 < int(piece) <= int(total)


def _is_time(data: str) -> bool:
    # Delivery days, (4324) and (4325), have 9999 where no time is asked for.
    return data == "9999" or (int(data[:2]) <= 23 and int(data[2:]) <= 59)


def _is_coupon(data: str) -> bool:
    # Only tills read what a coupon offers; that it is digits is enough to tell it from others.
    return is_digits(data)


def _is_package(data: str) -> bool:
    # The list of UN/ECE Recommendation 21 grows each year, and nothing here depends on it.
    return len(data) <= 3 and data.isalnum() and data == data.upper()


CHECKS: dict[str, Callable[[str], str]] = {
    "csum": _rule(is_checked, "wrong check digit"),
    "csumalpha": _rule(_has_check_pair, "wrong check characters"),
    "gcppos1": _rule(_is_company, "it does not begin with a company prefix"),
    "gcppos2": _rule(lambda data: _is_company(data[1:]), "no company prefix after its first digit"),
    "yymmdd": _rule(_is_date, "no date YYMMDD"),
    "yymmd0": _rule(lambda data: _is_date(data, any_day=True), "no date YYMMDD"),
    "yyyymmdd": _rule(_is_date, "no date YYYYMMDD"),
    "hhmi": _rule(_is_time, "no time of day HHMM"),
    "hh": _rule(lambda data: int(data) <= 23, "no hour of the day"),
    "mi": _rule(lambda data: int(data) <= 59, "no minute"),
    "ss": _rule(lambda data: int(data) <= 59, "no second"),
    "iso3166": _rule(COUNTRIES.__contains__, "no country's number"),
    "iso3166999": _rule(lambda data: data == "999" or data in COUNTRIES, "no country's number"),
    "iso3166alpha2": _rule(COUNTRY_LETTERS.__contains__, "no country's two letters"),
    "iso4217": _rule(CURRENCIES.__contains__, "no currency's number"),
    "iso5218": _rule(lambda data: data in "0129", "0, 1, 2 or 9 is wanted"),
    "mediatype": _rule(MEDIA.__contains__, "no kind of medium"),
    "packagetype": _rule(_is_package, "no kind of package"),
    "importeridx": _rule(lambda data: data.isalnum() or data in "-_", "no importer's index"),
    "couponcode": _rule(_is_coupon, "a coupon is digits only"),
    "couponposoffer": _rule(_is_coupon, "a coupon is digits only"),
    "iban": _rule(_is_iban, "no IBAN: wrong form or check digits"),
    "latitude": _rule(lambda data: int(data) <= 1_800_000_000, "no latitude"),
    "longitude": _rule(lambda data: int(data) <= 3_600_000_000, "no longitude"),
    "pcenc": _rule(_is_encoded, "after % two hexadecimal digits are wanted"),
    "pieceoftotal": _rule(_is_piece, "no piece of a total"),
    "posinseqslash": _rule(_is_birth, "no place in a sequence such as 1/2"),
    "hyphen": _rule(lambda data: set(data) == {"-"}, "a hyphen is wanted"),
    "yesno": _rule(lambda data: data in "01", "0 or 1 is wanted"),
    "winding": _rule(lambda data: data in "019", "0, 1 or 9 is wanted"),
    "zero": _rule(lambda data: set(data) == {"0"}, "0 is wanted"),
    "nonzero": _rule(lambda data: set(data) != {"0"}, "0 is not wanted"),
    "nozeroprefix": _rule(lambda data: data == "0" or data[0] != "0", "it begins with 0"),
    "hasnondigit": _rule(lambda data: not is_digits(data), "something but digits is wanted"),
}
