"""A label holds what it is given and no command that was not meant."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.error import DecodeError
from devices.gs1 import sscc18
from devices.printer.status import decode_counter, decode_host_status
from devices.printer.zpl import ParcelLabel, escape_field, render_label

HOST_STATUS = (
    b"\x02030,1,0,1218,002,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,1,0,0,2,4,0,00000003,1,000\x03\r\n\x021234,0\x03\r\n"
)
SSCC = sscc18("4012345", 17, 3)


def parcel(**change: object) -> ParcelLabel:
    fields: dict[str, object] = {
        "recipient": ("Zoë Müller", "Straße 1"),
        "service": "EXPRESS",
        "routing_code": "DE-10115",
        "tracking_number": "ST0000000017",
        "sscc": SSCC,
    }
    return ParcelLabel(**(fields | change))  # type: ignore[arg-type]  # fields by name


def unescape(field: str) -> str:
    parts = re.sub(r"_([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), field)
    return parts.encode("latin-1").decode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_field_holds_letters_digits_and_hex_only(text: str) -> None:
    field = escape_field(text)
    assert re.fullmatch(r"([A-Za-z0-9]|_[0-9A-F]{2})*", field)
    printable = "".join(char if char.isprintable() else " " for char in text)
    assert unescape(field) == printable


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=4))
def test_outside_text_cannot_add_a_command(lines: list[str]) -> None:
    clean = render_label(parcel(recipient=("A",)))
    zpl = render_label(parcel(recipient=("A^XZ~JA\n^XA", *lines), sender="^XZ", reference="~DG"))
    assert zpl.count("^XA") == zpl.count("^XZ") == 1
    assert "~" not in zpl
    commands = set(re.findall(r"\^[A-Z@][A-Z0-9@]", zpl))
    assert commands == set(re.findall(r"\^[A-Z@][A-Z0-9@]", clean))


def test_the_sscc_is_a_gs1_128_with_application_identifier_00() -> None:
    zpl = render_label(parcel())
    assert f"^FD>;>800{SSCC}^FS" in zpl
    assert "^CI28" in zpl
    assert escape_field(f"(00) {SSCC}") in zpl


def test_a_long_address_is_set_smaller_and_never_cut() -> None:
    lines = tuple(f"line {number} of a very long address, all of it needed" for number in range(9))
    zpl = render_label(parcel(recipient=lines))
    for line in lines:
        assert escape_field(line) in zpl
    with pytest.raises(ValueError, match="does not fit"):
        parcel(recipient=lines * 3)


@pytest.mark.parametrize(
    "change",
    [
        {"sscc": SSCC[:-1] + str((int(SSCC[-1]) + 1) % 10)},
        {"tracking_number": "A^XZ"},
        {"routing_code": ""},
        {"recipient": ()},
    ],
)
def test_a_label_that_could_not_be_scanned_is_refused(
    change: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match=r"SSCC|printed|fit"):
        parcel(**change)


def test_the_host_status_is_read() -> None:
    status = decode_host_status(HOST_STATUS)
    assert status.paper_out and status.head_open and status.blocked and not status.idle
    assert (status.formats_waiting, status.labels_left, status.paused) == (2, 3, False)


def test_the_counter_is_a_number_in_quotes() -> None:
    assert decode_counter(b'"1234"') == 1234
    with pytest.raises(DecodeError, match="no counter"):
        decode_counter(b'"?"')


@given(st.binary(max_size=120), st.integers(0, len(HOST_STATUS)))
def test_garbage_raises_nothing_but_a_decode_error(noise: bytes, at: int) -> None:
    for answer in (
        noise,
        HOST_STATUS[:at] + noise + HOST_STATUS[at:],
        HOST_STATUS[at:],
    ):
        for decode in (decode_host_status, decode_counter):
            try:
                decode(answer)
            except DecodeError:
                continue
