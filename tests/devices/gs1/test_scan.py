"""What is scanned is understood, and a wrong check digit is always a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gs1 import (
    FNC1,
    Element,
    ScanKind,
    check_digit,
    gs1_128_sscc_payload,
    gtin14,
    is_gtin,
    is_sscc,
    parse_scan,
    sscc18,
    without_aim,
)

GTIN = "9501101530003"
SSCC = "340123450000000178"
DIGITS = st.text("0123456789", min_size=1, max_size=17)


@pytest.mark.parametrize(
    ("digits", "digit"), [("950110153000", 3), ("9501234", 6), ("34012345000000017", 8)]
)
def test_the_check_digit_is_that_of_the_standard(digits: str, digit: int) -> None:
    assert check_digit(digits) == digit


@given(DIGITS, st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(digits: str, place: int, change: int) -> None:
    place %= len(digits)
    wrong = str((int(digits[place]) + change) % 10)
    assert check_digit(digits) != check_digit(digits[:place] + wrong + digits[place + 1 :])


@given(
    st.text("0123456789", min_size=4, max_size=12),
    st.integers(0, 9999),
    st.integers(0, 9),
)
def test_an_sscc_is_read_back_from_its_symbol(prefix: str, serial: int, extension: int) -> None:
    sscc = sscc18(prefix, serial, extension)
    assert is_sscc(sscc) and sscc[1:].startswith(prefix)
    payload = gs1_128_sscc_payload(sscc)
    for raw, aim in (
        (payload, "]C1"),
        (f"]C1{payload}", ""),
        (payload, ""),
        (sscc, ""),
    ):
        scan = parse_scan(raw, aim)
        assert (scan.kind, scan.value, scan.raw) == (ScanKind.SSCC, sscc, raw)


@given(
    st.sampled_from(
        [
            (SSCC, ""),
            ("00" + SSCC, "]C1"),
            (GTIN, "]E0"),
            (GTIN, ""),
            ("01" + "0" + GTIN, "]d2"),
        ]
    ),
    st.integers(1, 9),
)
def test_a_wrong_check_digit_is_a_fault_and_never_a_message(
    case: tuple[str, str], change: int
) -> None:
    raw, aim = case
    wrong = raw[:-1] + str((int(raw[-1]) + change) % 10)
    assert parse_scan(raw, aim).kind is not ScanKind.FAULT
    scan = parse_scan(wrong, aim)
    assert scan.kind is ScanKind.FAULT and "check digit" in scan.value and not scan.elements


def test_elements_are_read_up_to_fnc1() -> None:
    scan = parse_scan(f"010{GTIN}10LOT-1{FNC1}17261231", "]C1")
    assert scan.kind is ScanKind.GTIN and scan.value == f"0{GTIN}"
    assert scan.elements == (
        Element("01", f"0{GTIN}"),
        Element("10", "LOT-1"),
        Element("17", "261231"),
    )
    assert scan.element("10") == "LOT-1" and scan.element("21") is None


@pytest.mark.parametrize(
    ("raw", "aim", "kind", "value"),
    [
        (GTIN, "]E0", ScanKind.GTIN, "09501101530003"),
        (GTIN + "05", "]E3", ScanKind.GTIN, "09501101530003"),
        (GTIN + "51299", "]E3", ScanKind.GTIN, "09501101530003"),
        ("614141000036" + "05", "]E3", ScanKind.GTIN, "00614141000036"),
        ("614141000036" + "51299", "]E3", ScanKind.GTIN, "00614141000036"),
        ("96385074", "]E4", ScanKind.GTIN, "00000096385074"),
        (f"(00) {SSCC[0]} {SSCC[1:]}", "", ScanKind.SSCC, SSCC),
        ("A-03-07-2", "", ScanKind.BIN, "A-03-07-2"),
        (" a-03-07-2\r\n", "]C0", ScanKind.BIN, "A-03-07-2"),
        ("T-00042", "", ScanKind.TOTE, "T-00042"),
        ("]C0T-00042", "", ScanKind.TOTE, "T-00042"),
        ("C-XL", "", ScanKind.CARTON, "C-XL"),
        ("CART-01", "", ScanKind.CART, "CART-01"),
        ("PACK-01", "", ScanKind.PLACE, "PACK-01"),
        ("CONVEYOR", "", ScanKind.PLACE, "CONVEYOR"),
        ("85123A", "", ScanKind.PLAIN, "85123A"),
        ("22423", "", ScanKind.PLAIN, "22423"),
        ("1021LOT", "]C1", ScanKind.ELEMENTS, ""),
        ("10D9T", "", ScanKind.PLAIN, "10D9T"),
        ("10D9T", "]C0", ScanKind.PLAIN, "10D9T"),
        ("10D9T", "]C1", ScanKind.ELEMENTS, ""),
        ("\x1d10D9T", "", ScanKind.ELEMENTS, ""),
        (f"010{GTIN}17261231", "", ScanKind.GTIN, "09501101530003"),
        (f"010{GTIN}17261231", "]C0", ScanKind.PLAIN, f"010{GTIN}17261231"),
        ("0112345678901234", "", ScanKind.PLAIN, "0112345678901234"),
        (f"]C100{SSCC}", "]C1", ScanKind.SSCC, SSCC),
        ("cart-01", "", ScanKind.CART, "CART-01"),
        (
            "T-\u0664\u0662\u0660\u0660\u0661",
            "",
            ScanKind.PLAIN,
            "T-\u0664\u0662\u0660\u0660\u0661",
        ),
        ("(unlabelled)", "", ScanKind.PLAIN, "(unlabelled)"),
    ],
)
def test_a_code_is_known_by_its_form(raw: str, aim: str, kind: ScanKind, value: str) -> None:
    scan = parse_scan(raw, aim)
    assert (scan.kind, scan.value) == (kind, value)


@pytest.mark.parametrize(
    ("raw", "aim"),
    [
        ("", ""),
        ("   ", ""),
        ("1234", "]E0"),
        ("T-00042", "]E0"),
        ("\u0663" * 13, "]E0"),
        ("17261301", "]C1"),
        ("17260230", "]C1"),
        ("10" + "A" * 21, "]C1"),
        ("10A" + FNC1 + "10B", "]C1"),
        ("99999", "C1"),
        ("A\x00B", ""),
        ("A" * 600, ""),
    ],
)
def test_what_breaks_a_rule_is_a_fault_that_says_which(raw: str, aim: str) -> None:
    scan = parse_scan(raw, aim)
    assert scan.kind is ScanKind.FAULT and scan.value


def test_a_missing_fnc1_is_told_whoever_read_the_code() -> None:
    for raw, aim in ((f"010{GTIN}10ABC17261231", "]C1"), (f"010{GTIN}10ABC17261231", "")):
        scan = parse_scan(raw, aim)
        assert scan.kind is ScanKind.FAULT
        assert "FNC1 is missing, it looks like (10) ABC and (17) 261231" in scan.value


def test_an_identifier_of_the_symbology_comes_off() -> None:
    assert without_aim("]C0LOT-7") == "LOT-7"
    assert without_aim("LOT]C0") == "LOT]C0"


@given(
    st.text(max_size=60) | st.text("0123456789()\x1dAB", max_size=40),
    st.sampled_from(["", "]C1", "]E0", "]d2", "]Q3", "]C0", "xx"]),
)
def test_a_scan_never_raises(raw: str, aim: str) -> None:
    scan = parse_scan(raw, aim)
    assert scan.raw == raw
    if scan.kind is ScanKind.GTIN:
        assert is_gtin(scan.value)


@pytest.mark.parametrize(("prefix", "serial"), [("123", 1), ("4012345", 10**9), ("401x345", 1)])
def test_an_sscc_that_does_not_fit_is_refused(prefix: str, serial: int) -> None:
    with pytest.raises(ValueError, match=r"prefix|serial"):
        sscc18(prefix, serial)


def test_a_gtin_has_one_form_of_14_digits() -> None:
    assert gtin14(GTIN) == f"0{GTIN}" == gtin14(f"0{GTIN}")
    with pytest.raises(ValueError, match="GTIN"):
        gtin14("123")
