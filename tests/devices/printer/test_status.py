"""What a printer answers is read as its manual says, or refused."""

import pytest

from devices.error import DecodeError
from devices.printer.status import HostStatus, decode_counter, decode_host_status

IDLE = (
    b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
)


def test_the_answer_of_an_idle_printer_is_read() -> None:
    status = decode_host_status(IDLE)
    assert status == HostStatus(
        paper_out=False,
        paused=False,
        head_open=False,
        ribbon_out=False,
        formats_waiting=0,
        labels_left=0,
        partial_format=False,
    )


@pytest.mark.parametrize("digits", [13, 4_300, 5_000])
def test_a_number_of_thousands_of_digits_is_refused_like_any_other_nonsense(digits: int) -> None:
    answer = IDLE.replace(b"1245,000", b"1245," + b"9" * digits)
    with pytest.raises(DecodeError, match="is no number"):
        decode_host_status(answer)
    with pytest.raises(DecodeError, match="counter"):
        decode_counter(b'"' + b"9" * digits + b'"')
