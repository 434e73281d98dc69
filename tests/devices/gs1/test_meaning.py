"""What element strings mean is told in words, without a clock."""

import pytest

from devices.gs1 import Element, meaning_of, symbology_of


@pytest.mark.parametrize(
    ("ai", "value", "title", "says"),
    [
        ("3103", "001250", "NET WEIGHT (kg)", "1.250"),
        ("3922", "1999", "PRICE", "19.99"),
        ("17", "261200", "USE BY or EXPIRY", "the last day of month 12 of year ..26"),
        ("15", "261224", "BEST BEFORE or BEST BY", "day 24 of month 12 of year ..26"),
        ("10", "LOT", "BATCH/LOT", ""),
        ("00", "340123450000000178", "SSCC", "prefix 401 of GS1 Germany, company 4012345"),
        ("8008", "2612311015", "PROD TIME", "day 31 of month 12 of year ..26"),
    ],
)
def test_an_element_string_is_told_in_words(ai: str, value: str, title: str, says: str) -> None:
    meaning = meaning_of(Element(ai, value))
    assert (meaning.title, meaning.says) == (title, says)


def test_a_symbology_has_a_name() -> None:
    assert symbology_of("]C1") == "GS1 128"
    assert symbology_of("]A0") == "CODE 39"
    assert symbology_of("") == symbology_of("nonsense") == ""
