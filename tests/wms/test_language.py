"""What buyers read of countries, days and money, each in their own language."""

from datetime import date

import pytest

from wms.address.country import country_names, country_of
from wms.language import LANGUAGES, TAGS, language_of, said_date, said_money


@pytest.mark.parametrize(
    ("said", "spoken"),
    [("en", "en"), ("zh", "zh"), ("zh-Hans-CN", "zh"), ("ZH_tw", "zh"), ("de", "en"), ("", "en")],
)
def test_whoever_speaks_neither_is_written_to_in_english(said: str, spoken: str) -> None:
    assert language_of(said) == spoken
    assert spoken in LANGUAGES and spoken in TAGS


def test_days_are_said_as_people_write_them() -> None:
    assert said_date(date(2030, 5, 3), "en") == "3 May 2030"
    assert said_date(date(2030, 5, 3), "zh") == "2030年5月3日"


@pytest.mark.parametrize(
    ("amount_minor", "currency", "english", "chinese"),
    [
        (1_999, "EUR", "€19.99", "€19.99"),
        (123_450, "GBP", "£1,234.50", "£1,234.50"),
        (5, "CNY", "CN¥0.05", "¥0.05"),
        (1_999, "JPY", "JP¥1,999", "JP¥1,999"),
        (1_999, "USD", "US$19.99", "US$19.99"),
        (1_999, "KWD", "KWD\u00a01.999", "KWD\u00a01.999"),
        (1_990, "CHF", "CHF\u00a019.90", "CHF\u00a019.90"),
        (0, "EUR", "€0.00", "€0.00"),
        (10**15, "EUR", "€10,000,000,000,000.00", "€10,000,000,000,000.00"),
    ],
)
def test_money_is_said_to_its_last_digit_and_no_currency_for_another(
    amount_minor: int, currency: str, english: str, chinese: str
) -> None:
    assert said_money(amount_minor, currency, "en") == english
    assert said_money(amount_minor, currency, "zh") == chinese


def test_small_change_that_nobody_uses_is_not_rounded_away() -> None:
    # The dinar of Iraq has thousandths, though CLDR writes it without.
    assert said_money(1_500, "IQD", "en") == "IQD\u00a01.5"
    assert said_money(12_345, "AFN", "zh") == "AFN\u00a0123.45"


def test_every_country_has_a_name_in_each_language() -> None:
    english, chinese = country_names("en"), country_names("zh")
    assert english.keys() == chinese.keys() and len(english) > 240
    assert (english["DE"], chinese["DE"]) == ("Germany", "德国")
    for code, name in chinese.items():
        assert country_of(code) is not None
        assert name != code and not any("a" <= sign.lower() <= "z" for sign in name)


def test_countries_stand_where_their_reader_looks_for_them() -> None:
    english = list(country_names("en").values())
    # Not behind Z.
    assert english.index("Afghanistan") < english.index("Åland Islands") < english.index("Albania")
    chinese = list(country_names("zh").values())
    # By their sound: a, de, mei, ri, ying, zhong.
    heard = [chinese.index(name) for name in ("阿根廷", "德国", "美国", "日本", "英国", "中国")]
    assert heard == sorted(heard)
