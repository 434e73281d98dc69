"""A Digital Link says what the same element strings say; another web address is a plain code."""

from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gs1 import ScanKind, identifiers, parse_scan
from tests.devices.gs1.data import element_by

GTIN = "09501101530003"
SSCC = "340123450000000178"
KEYS = tuple(ai for ai, each in identifiers().items() if each.qualifiers is not None)


@pytest.mark.parametrize("aim", ["", "]Q1", "]d1"])
def test_a_link_is_read_whatever_symbol_carries_it(aim: str) -> None:
    scan = parse_scan(f"https://id.gs1.org/01/{GTIN}/10/LOT%2F1/21/S9?17=261231&who=us", aim)
    assert (scan.kind, scan.value) == (ScanKind.GTIN, GTIN)
    assert [(each.ai, each.value) for each in scan.elements] == [
        ("01", GTIN),
        ("10", "LOT/1"),
        ("21", "S9"),
        ("17", "261231"),
    ]


@pytest.mark.parametrize(
    ("link", "kind", "value"),
    [
        (f"HTTPS://ID.GS1.ORG/00/{SSCC}", ScanKind.SSCC, SSCC),
        (f"https://shop.example/some/way/01/{GTIN}/", ScanKind.GTIN, GTIN),
        ("http://shop.example/01/9501101530003", ScanKind.GTIN, GTIN),
        (f"https://shop.example/01/{GTIN}/235/X;Y", ScanKind.GTIN, GTIN),
        (f"https://shop.example/01/{GTIN}/21/00?3103=001250;10=A", ScanKind.GTIN, GTIN),
        ("https://id.gs1.org/8004/9501ABC", ScanKind.ELEMENTS, ""),
        ("https://shop.example/tea/green", ScanKind.PLAIN, "https://shop.example/tea/green"),
        ("https://shop.example/00/7", ScanKind.PLAIN, "https://shop.example/00/7"),
        ("https://", ScanKind.PLAIN, "https://"),
    ],
)
def test_a_link_is_told_from_another_address(link: str, kind: ScanKind, value: str) -> None:
    scan = parse_scan(link)
    assert (scan.kind, scan.value) == (kind, value)


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://id.gs1.org/01/09501101530004", "check digit"),
        (f"https://x.example/00/{SSCC[:-1]}9", "check digit"),
        (f"https://id.gs1.org/01/{GTIN}/21/S/10/L", "in this order"),
        (f"https://id.gs1.org/01/{GTIN}/10/L/235/T", "in this order"),
        (f"https://id.gs1.org/00/{SSCC}/10/L", "nothing"),
        (f"https://id.gs1.org/01/{GTIN}?05=1", "no application identifier"),
        (f"https://id.gs1.org/01/{GTIN}?21=S", "question mark"),
        (f"https://id.gs1.org/01/{GTIN}?10=%zz", "hexadecimal"),
        (f"https://id.gs1.org/01/{GTIN}?10=%ff", "UTF-8"),
        (f"https://id.gs1.org/01/{GTIN}?37=5", "must not stand together"),
        (f"https://id.gs1.org/01/{GTIN}?17=261332", "no date"),
        ("https://id.gs1.org/AQnYUc1gmiCNV4JG", "compressed"),
        (f"https://shop.example/01/{GTIN}/BCqcCNV4JGUc1g", "compressed"),
        (f"https://id.gs1.org/01/{GTIN}/10", "without data"),
        ("https://id.gs1.org/", "names no key"),
        ("https://[x/01/1", "no web address"),
    ],
)
def test_a_link_that_breaks_a_rule_is_a_fault(link: str, why: str) -> None:
    scan = parse_scan(link)
    assert scan.kind is ScanKind.FAULT and why in scan.value


@given(st.sampled_from(KEYS), st.integers(0, 2**32), st.data())
def test_every_key_with_its_qualifiers_is_read_back(
    ai: str, seed: int, data: st.DataObject
) -> None:
    rng = Random(seed)
    alternative = data.draw(st.sampled_from(identifiers()[ai].qualifiers or ()))
    chosen = [each for each in alternative if rng.random() < 0.7]
    elements = [element_by(rng, each) for each in (ai, *chosen)]
    path = "/".join(f"{each.ai}/{quote(each.value, safe='')}" for each in elements)
    assert parse_scan(f"https://id.gs1.org/{path}").elements == tuple(elements)
