"""What PLC and driver say round-trips through registers, and whatever is damaged is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.error import DecodeError
from devices.sorter.message import (
    Command,
    CommandResult,
    EventType,
    Mode,
    Op,
    Reason,
    Request,
    RingEvent,
    Status,
)
from devices.sorter.register import (
    COMMAND_SLOTS,
    READ_COUNT,
    RING_SLOTS,
    WRITE_COUNT,
    crc16_modbus,
)
from devices.sorter.wire import (
    decode_command,
    decode_event,
    decode_request,
    decode_status,
    encode_command,
    encode_event,
    encode_request,
    encode_status,
)

WORD = st.integers(0, 0xFFFF)
SEQ = st.integers(1, 0xFFFF)
U32 = st.integers(0, 0xFFFF_FFFF)
COMMANDS = st.builds(Command, SEQ, st.sampled_from(Op), WORD, WORD, WORD, U32)
EVENTS = st.builds(
    RingEvent,
    SEQ,
    st.sampled_from(EventType),
    WORD,
    WORD,
    WORD,
    st.sampled_from(Reason),
    U32,
    WORD,
)
LANES = st.frozensets(st.integers(1, 64))
STATUSES = st.builds(
    Status,
    boot=WORD,
    heartbeat=WORD,
    mode=st.sampled_from(Mode),
    alarms=WORD,
    belt_speed_mm_s=WORD,
    encoder=U32,
    event_head=WORD,
    last_command=WORD,
    command_result=st.sampled_from(CommandResult),
    heartbeat_seen=WORD,
    lanes_full=LANES,
    lanes_fault=LANES,
    events=st.lists(EVENTS, max_size=RING_SLOTS).map(tuple),
)
REQUESTS = st.builds(
    Request,
    WORD,
    WORD,
    WORD,
    WORD,
    st.lists(COMMANDS, max_size=COMMAND_SLOTS).map(tuple),
)


def test_a_command_lies_where_the_map_says() -> None:
    words = encode_command(Command(7, Op.ASSIGN, 4711, 3, 4, 0x0001_0002))
    assert words[:7] == (7, 1, 4711, 3, 4, 1, 2)
    assert words[7] == crc16_modbus(words[:7])


@given(COMMANDS)
def test_a_command_round_trips(command: Command) -> None:
    assert decode_command(encode_command(command)) == command


@given(COMMANDS, st.integers(0, 7), st.integers(0, 15))
def test_a_command_with_one_wrong_bit_is_refused(command: Command, place: int, bit: int) -> None:
    words = list(encode_command(command))
    words[place] ^= 1 << bit
    with pytest.raises(DecodeError):
        decode_command(words)


@given(EVENTS)
def test_an_event_round_trips(event: RingEvent) -> None:
    assert decode_event(encode_event(event)) == event


@given(EVENTS, WORD)
def test_an_event_whose_numbers_differ_is_torn(event: RingEvent, other: int) -> None:
    words = [*encode_event(event)[:-1], other]
    assert (decode_event(words) is None) == (other != event.seq)


@given(STATUSES)
def test_a_status_round_trips_in_112_registers(status: Status) -> None:
    words = encode_status(status)
    assert len(words) == READ_COUNT
    assert words[12:16] == [0, 0, 0, 0]
    assert decode_status(words) == status


@given(REQUESTS)
def test_a_request_round_trips_in_38_registers(request: Request) -> None:
    words = encode_request(request)
    assert len(words) == WRITE_COUNT
    assert words[5] == 0
    assert decode_request(words) == request


@given(st.lists(WORD, max_size=130))
def test_garbage_raises_nothing_but_a_decode_error(words: list[int]) -> None:
    for decode in (decode_status, decode_request, decode_command, decode_event):
        for size in (len(words), READ_COUNT, WRITE_COUNT, 8, 10):
            try:
                decode(([1, *words] + [0] * size)[:size])
            except DecodeError:
                continue


def test_another_map_version_is_refused() -> None:
    words = encode_status(Status(1, 1, Mode.AUTOMATIC))
    with pytest.raises(DecodeError, match="map version 2"):
        decode_status([2, *words[1:]])


def test_more_than_four_commands_are_refused() -> None:
    words = encode_request(Request(1, 1))
    words[4] = 5
    with pytest.raises(DecodeError, match="5 commands"):
        decode_request(words)


def test_a_value_too_wide_for_its_register_is_refused() -> None:
    with pytest.raises(ValueError, match="65536"):
        encode_command(Command(1, Op.ASSIGN, track=65536))
