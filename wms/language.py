"""The languages that buyers are written to in, and how each says a country, a day and money.

Source: Unicode CLDR, by Babel.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, get_currency_symbol

from wms.currency import digits_of

# The English of the world: the day stands before the month, and a dollar says whose it is.
_LOCALES = {"en": Locale.parse("en_001"), "zh": Locale.parse("zh_Hans")}
LANGUAGES = tuple(_LOCALES)
# What a page or a mail says of itself, so that it is set in the script's own letters. BCP 47.
TAGS = {"en": "en", "zh": "zh-Hans"}


def language_of(text: str) -> str:
    """The language that a buyer is written to in: theirs, or English."""
    first = text.replace("_", "-").partition("-")[0].lower()
    return first if first in LANGUAGES else "en"


def countries_said(codes: Iterable[str], language: str) -> dict[str, str]:
    """The names of countries by their ISO 3166 codes, in the order of the names."""
    names = _LOCALES[language].territories
    said = {code: names.get(code, code) for code in codes}
    return dict(sorted(said.items(), key=lambda row: _place(row[1], language)))


def _place(name: str, language: str) -> bytes:
    if language == "zh":
        # GB 2312, which begins this code, has the frequent characters in the order of their sound.
        return name.encode("gb18030")
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore")


def said_date(day: date, language: str) -> str:
    """A day as people write it."""
    return format_date(day, "long", _LOCALES[language])


def said_money(amount_minor: int, currency: str, language: str) -> str:
    """An amount in minor units as people write it, to its last digit."""
    amount = Decimal(amount_minor).scaleb(-digits_of(currency))
    locale = _LOCALES[language]
    # CLDR leaves out small change that nobody uses; an amount may have it all the same.
    said = format_currency(amount, currency, locale=locale, decimal_quantization=False)
    symbol = get_currency_symbol(currency, locale)
    # Letters stand apart from digits, which Babel leaves out. Source: CLDR, currencySpacing.
    return said.replace(symbol, f"{symbol}\u00a0") if symbol[-1].isalpha() else said
