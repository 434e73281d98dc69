"""One parcel, one decision: no read, several codes, and which of them counts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gs1 import sscc18
from devices.link.message import DeviceEvent
from devices.scan.read import Decided, Read, ReadRules, UnitKind, is_no_read, judge

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
SSCC, OTHER_SSCC = sscc18("4012345", 17), sscc18("4012345", 18)
GTIN = "09501101530003"
TRACKING = "SL00000000427DE"
TOTE = "T-00042"


def read(*codes: str, aim: str = "") -> list[DeviceEvent]:
    """Events of one parcel, an event a code."""
    return [DeviceEvent(1, at + 1, AT, code, aim, 7) for at, code in enumerate(codes)]


def decided(*codes: str, rules: ReadRules | None = None) -> tuple[Read, str]:
    """What these codes of one parcel come to."""
    answer = judge(read(*codes), rules or ReadRules())
    return answer.read, answer.code


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\r\n", "\x02\x03", "NOREAD", "no read", "NO_READ\r", "No-Read", "NR", "?", "????",
     "ERROR", "000000", "***", "No Bar.code"],
)  # fmt: skip
def test_what_a_reader_says_when_it_saw_nothing_is_no_read(text: str) -> None:
    assert decided(text) == (Read.NO_READ, "")
    assert is_no_read(text)


def test_nothing_at_all_is_no_read() -> None:
    assert decided() == (Read.NO_READ, "")


def test_a_no_read_beside_a_code_does_not_matter() -> None:
    assert decided("NOREAD", TOTE, "") == (Read.READ, TOTE)


def test_a_reader_s_own_word_for_no_read_can_be_another() -> None:
    assert decided("LEER") == (Read.NO_READ, "")
    assert decided("NOREAD1", rules=ReadRules(no_read=frozenset({"NOREAD1"})))[0] is Read.NO_READ


@pytest.mark.parametrize("text", ["MULTIREAD", "multi read", "Multiple-Read\r\n"])
def test_a_reader_s_own_word_for_several_codes_is_a_multi_read(text: str) -> None:
    assert decided(text)[0] is Read.MULTI_READ
    assert decided(text, TOTE)[0] is Read.MULTI_READ


def test_one_event_alone_is_judged_as_well() -> None:
    assert judge(read(f"00{SSCC}", aim="]C1")[0]) == Decided(Read.READ, UnitKind.SSCC, SSCC)


@pytest.mark.parametrize(
    ("codes", "kind", "code"),
    [
        ((GTIN, TRACKING, TOTE, SSCC), UnitKind.SSCC, SSCC),
        ((GTIN, TRACKING, TOTE), UnitKind.TOTE, TOTE),
        ((GTIN, TRACKING), UnitKind.TRACKING, TRACKING),
        ((GTIN,), UnitKind.GTIN, GTIN),
        (("A-03-07-2", TOTE), UnitKind.TOTE, TOTE),
    ],
)
def test_of_several_codes_the_best_kind_counts(
    codes: tuple[str, ...], kind: UnitKind, code: str
) -> None:
    for order in (codes, codes[::-1]):
        assert judge(read(*order)) == Decided(Read.READ, kind, code)


def test_the_same_code_twice_is_one_code() -> None:
    assert decided(SSCC, f"]C100{SSCC}", f"(00){SSCC}\r") == (Read.READ, SSCC)
    assert decided(TOTE, "t-00042", f"{TOTE}\r\n") == (Read.READ, TOTE)
    assert decided(TRACKING, TRACKING.lower()) == (Read.READ, TRACKING)


def test_conflicting_sscc_are_a_multi_read() -> None:
    answer = judge(read(SSCC, TOTE, OTHER_SSCC))
    assert (answer.read, answer.kind, answer.code) == (Read.MULTI_READ, None, "")
    assert SSCC in answer.why and OTHER_SSCC in answer.why


def test_two_totes_are_a_multi_read_and_two_totes_under_one_sscc_are_not() -> None:
    assert decided(TOTE, "T-00043")[0] is Read.MULTI_READ
    assert decided(TOTE, "T-00043", SSCC) == (Read.READ, SSCC)


def test_a_code_that_cannot_be_understood_is_no_read_with_its_reason() -> None:
    wrong = SSCC[:-1] + str((int(SSCC[-1]) + 1) % 10)
    answer = judge(read(wrong))
    assert answer.read is Read.NO_READ and "check digit" in answer.why


def test_a_label_of_a_place_names_no_parcel() -> None:
    answer = judge(read("PACK-01"))
    assert answer.read is Read.NO_READ and "names no parcel" in answer.why


def test_codes_joined_in_one_field_are_taken_apart() -> None:
    rules = ReadRules(joiner=";")
    assert decided(f"{GTIN};{TOTE}", rules=rules) == (Read.READ, TOTE)
    assert decided(f"{TOTE};T-00043", rules=rules)[0] is Read.MULTI_READ
    assert decided(f"NOREAD;{TOTE};", rules=rules) == (Read.READ, TOTE)


@given(st.lists(st.sampled_from([SSCC, OTHER_SSCC, TOTE, GTIN, TRACKING, "NOREAD", "x"])))
def test_the_order_of_codes_decides_nothing(codes: list[str]) -> None:
    forward, backward = judge(read(*codes)), judge(read(*codes[::-1]))
    assert (forward.read, forward.kind, forward.code) == (
        backward.read,
        backward.kind,
        backward.code,
    )
    assert (forward.read is Read.READ) == bool(forward.code) == (forward.kind is not None)
