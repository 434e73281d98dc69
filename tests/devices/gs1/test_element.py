"""Element strings are read as they were written, and a missing FNC1 is told, never guessed away."""

from random import Random

import pytest
from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString
from hypothesis import given
from hypothesis import strategies as st

from devices.gs1 import (
    FNC1,
    Element,
    Fault,
    RunTogether,
    identifiers,
    lacking,
    read_elements,
    write_elements,
)
from devices.gs1.check import CHECKS
from tests.devices.gs1.data import AIS, data_by, element_by, elements_by

EACH = 25
GTIN = "0109501101530003"
# biip's own form of these data is narrower than the dictionary's.
NARROW_IN_BIIP = {"7251", "8008", "8010"}


@pytest.mark.parametrize("first", sorted({ai[:2] for ai in AIS}))
def test_every_identifier_is_read_back_as_it_was_written(first: str) -> None:
    rng = Random(first)
    for ai in (ai for ai in AIS if ai.startswith(first)):
        for _ in range(EACH):
            element = element_by(rng, ai)
            assert read_elements(write_elements([element])) == (element,)


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_message_is_read_back_as_it_was_written(seed: int, count: int) -> None:
    elements = elements_by(Random(seed), count)
    assert read_elements(write_elements(elements)) == tuple(elements)


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_fnc1_after_every_element_string_does_no_harm(seed: int, count: int) -> None:
    elements = elements_by(Random(seed), count)
    text = FNC1 + "".join(f"{each.ai}{each.value}{FNC1}" for each in elements)
    assert read_elements(text) == tuple(elements)


def test_biip_reads_what_is_right_here_in_the_same_way() -> None:
    rng, refused = Random(7), set()
    parsing = ParseConfig(gs1_element_strings_verify_date=False)
    for ai in AIS:
        for _ in range(EACH):
            data = data_by(rng, identifiers()[ai])
            try:
                read = GS1ElementString.parse(ai + data, config=parsing)
            except ParseError:
                refused.add(ai)
            else:
                assert (read.ai.ai, read.value) == (ai, data)
                assert not (read.gtin_error or read.sscc_error or read.gln_error)
    assert refused <= NARROW_IN_BIIP


@given(st.sampled_from(AIS), st.integers(0, 2**32), st.integers(0, 30), st.integers(1, 9))
def test_a_wrong_digit_under_a_check_digit_is_a_fault(
    ai: str, seed: int, place: int, change: int
) -> None:
    identifier = identifiers()[ai]
    part = identifier.components[0]
    if "csum" not in part.checks:
        return
    data = data_by(Random(seed), identifier)
    place %= part.most
    wrong = str((int(data[place]) + change) % 10)
    with pytest.raises(Fault, match="check digit"):
        read_elements(ai + data[:place] + wrong + data[place + 1 :])


@pytest.mark.parametrize(
    ("ai", "data", "why"),
    [
        ("01", "0950110153000", "14 digits, but has 13 characters"),
        ("37", "", "no data"),
        ("37", "12A", "1 to 8 digits"),
        ("10", "LOT#1", "letters, digits"),
        ("17", "261301", "no date"),
        ("17", "260229", "no date"),
        ("4326", "261200", "no date"),
        ("7251", "202602282460", "no time"),
        ("4330", "0012345", "hyphen"),
        ("4330", "00123", "should be 6 to 7"),
        ("4330", "001234x", "hyphen"),
        ("422", "999", "country"),
        ("3910", "0001", "currency"),
        ("4307", "XX", "country"),
        ("8003", "1" + "9501101530003", "0 is wanted"),
        ("8006", "09501101530003" + "0302", "piece"),
        ("8007", "DE00123456781234567890", "IBAN"),
        ("8011", "012", "begins with 0"),
        ("8013", "1987654Ad4X4bL5ttr2310cXX", "check characters"),
        ("4309", "18000000013600000000", "latitude"),
        ("4300", "A%2", "hexadecimal"),
        ("4321", "2", "0 or 1"),
        ("7258", "3/2", "sequence"),
        ("7040", "1AB*", "importer"),
        ("7252", "3", "0, 1, 2 or 9"),
        ("8001", "00000000000000", "0 is not wanted"),
    ],
)
def test_data_that_do_not_fit_are_told_why(ai: str, data: str, why: str) -> None:
    with pytest.raises(Fault, match=why) as told:
        read_elements(ai + data)
    assert f"({ai})" in str(told.value)


def test_the_check_characters_are_those_of_the_standard() -> None:
    assert CHECKS["csumalpha"]("1987654Ad4X4bL5ttr2310c2K") == ""
    assert CHECKS["csumalpha"]("12345_!\"%&'()*+,-./LC") == ""
    assert CHECKS["csumalpha"]("99999zzzzzzzzzzzzzzzzzzT2") == ""


def test_a_number_alone_is_no_mobile_device() -> None:
    assert CHECKS["hasnondigit"]("1234567") and not CHECKS["hasnondigit"]("123A567")


@pytest.mark.parametrize(
    ("text", "looks_like"),
    [
        (f"{GTIN}10ABC17261231", "(10) ABC and (17) 261231"),
        (f"{GTIN}{GTIN}10ABC17261231", "(10) ABC and (17) 261231"),
        (f"{GTIN}21S-917261231" + "10LOT7", "(21) S-9 and (17) 261231 and (10) LOT7"),
        (f"{GTIN}10" + "A" * 18 + "17261231", "(17) 261231"),
        ("02095011015300033724" + "00340123450000000178", "(37) 24 and (00) 340123450000000178"),
        (f"{GTIN}42205610LOT", "(422) 056 and (10) LOT"),
        (f"{GTIN}7003261231235910L", "(7003) 2612312359 and (10) L"),
    ],
)
def test_what_was_run_together_is_named(text: str, looks_like: str) -> None:
    with pytest.raises(RunTogether, match="FNC1 is missing") as told:
        read_elements(text)
    assert looks_like in str(told.value)


def test_data_too_long_for_any_reading_still_say_that_fnc1_is_missing() -> None:
    with pytest.raises(RunTogether, match=r"longer than 20 characters, FNC1 is missing"):
        read_elements("10" + "-" * 21)


@pytest.mark.parametrize(
    "text",
    [
        f"{GTIN}17261231" + "10B17270101",
        f"{GTIN}10ABC17261231{FNC1}21S",
        f"{GTIN}10LOT171332",
        f"{GTIN}2100017",
        f"{GTIN}10L17851231",
    ],
)
def test_a_lot_that_only_looks_like_more_is_a_lot(text: str) -> None:
    assert read_elements(text)[0] == Element("01", "09501101530003")


def test_what_follows_no_identifier_is_told_with_what_came_before() -> None:
    with pytest.raises(Fault, match=r"after \(01\) 09501101530003 comes 'zz'"):
        read_elements(f"{GTIN}zz")
    with pytest.raises(Fault, match="begins with '05'"):
        read_elements("05")
    with pytest.raises(Fault, match="no application identifier"):
        read_elements(FNC1 * 3)


def test_two_that_exclude_each_other_are_a_fault() -> None:
    with pytest.raises(Fault, match=r"\(01\) and \(37\) must not stand together"):
        read_elements(f"{GTIN}3712")
    with pytest.raises(Fault, match=r"\(3100\) and \(3103\)"):
        read_elements(f"{GTIN}31000000013103000001")


def test_an_identical_repeat_counts_once_and_another_is_a_fault() -> None:
    assert read_elements(f"10A{FNC1}10A") == (Element("10", "A"),)
    with pytest.raises(Fault, match="twice"):
        read_elements(f"10A{FNC1}10B")


def test_what_must_stand_beside_is_told_and_may_be_on_another_code() -> None:
    lot, content, count = read_elements("10A")[0], Element("02", "x"), Element("37", "5")
    assert lacking([lot]) == ("(10) goes with (01) or (02) or (03) or (8006) or (8026)",)
    assert lacking([content, count]) == ("(37) goes with (00)",)
    assert lacking([content, count, Element("00", "x")]) == ()
    assert lacking([Element("7004", "1"), Element("01", "x")]) == (
        "(7004) goes with (01) with (10)",
    )
    assert lacking([Element("3920", "1"), Element("01", "x"), Element("3103", "1")]) == ()
