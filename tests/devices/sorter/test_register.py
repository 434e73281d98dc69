"""Values lie in registers as the map says, and come back the same."""

from hypothesis import given
from hypothesis import strategies as st

from devices.sorter.register import (
    crc16_modbus,
    lane_set,
    lane_words,
    next_sequence,
    u32_value,
    u32_words,
)

U32 = st.integers(0, 0xFFFF_FFFF)
LANES = st.frozensets(st.integers(1, 64))


def test_the_check_is_crc_16_modbus() -> None:
    assert crc16_modbus([0x0103, 0x0000, 0x000A]) == 0xCDC5
    assert crc16_modbus([]) == 0xFFFF


def test_lane_1_is_the_lowest_bit_of_the_first_register() -> None:
    assert lane_words({1, 16, 17, 64}) == (0x8001, 1, 0, 0x8000)


@given(LANES)
def test_lanes_round_trip(lanes: frozenset[int]) -> None:
    assert lane_set(lane_words(lanes)) == lanes


@given(U32)
def test_32_bits_round_trip_high_word_first(value: int) -> None:
    high, low = u32_words(value)
    assert (high, low) == divmod(value, 65536)
    assert u32_value(high, low) == value


@given(st.integers(0, 0xFFFF))
def test_sequence_numbers_never_become_0(seq: int) -> None:
    assert 1 <= next_sequence(seq) <= 0xFFFF
