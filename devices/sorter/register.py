"""The sorter's register map: where what lies, and how values lie in 16-bit registers.

Registers are 0-based holding registers. A 32-bit value lies high word first. Lanes are numbered
1 to 64 and 0 means no lane: lane n is bit (n - 1) % 16, counted from the least significant, of
register (n - 1) // 16 of its block. Sequence numbers run 1 to 65535 and then 1 again; 0 means none.
The place of an event in the ring carries no meaning: a reader goes by sequence numbers.
"""

from collections.abc import Iterable, Sequence

MAP_VERSION = 1

READ_START = 0
READ_COUNT = 112
REG_MAP_VERSION = 0
REG_PLC_BOOT = 1
REG_PLC_HEARTBEAT = 2
REG_MODE = 3
REG_ALARM = 4
REG_BELT_SPEED = 5
REG_ENCODER = 6
REG_EVENT_HEAD = 8
REG_LAST_COMMAND = 9
REG_COMMAND_RESULT = 10
REG_HEARTBEAT_SEEN = 11
REG_LANE_FULL = 16
REG_LANE_FAULT = 20
LANE_WORDS = 4
REG_RING = 32
RING_SLOTS = 8
RING_SLOT_WORDS = 10

WRITE_START = 200
WRITE_COUNT = 38
REG_HEARTBEAT = 200
REG_BOOT = 201
REG_EVENT_ACK = 202
REG_MODE_ASKED = 203
REG_COMMAND_COUNT = 204
REG_COMMANDS = 206
COMMAND_SLOTS = 4
COMMAND_SLOT_WORDS = 8

PLC_HEARTBEAT_PERIOD_S = 0.1
LANES = 64
NO_LANE = 0
SEQUENCE_MAX = 0xFFFF
WORD_MAX = 0xFFFF
U32_MAX = 0xFFFF_FFFF


def sequence_distance(start: int, end: int) -> int:
    """Count the steps from one sequence number to another, 0 to 65534."""
    return (end - start) % SEQUENCE_MAX


def next_sequence(seq: int) -> int:
    """Give the sequence number after `seq`; 0 is skipped."""
    return 1 if seq >= SEQUENCE_MAX else seq + 1


def u32_words(value: int) -> tuple[int, int]:
    """Split a 32-bit value into its high and its low word."""
    if not 0 <= value <= U32_MAX:
        raise ValueError(f"{value} does not fit into 32 bits")
    return value >> 16, value & WORD_MAX


def u32_value(high: int, low: int) -> int:
    """Join a high and a low word."""
    return (high << 16) | low


def lane_words(lanes: Iterable[int]) -> tuple[int, ...]:
    """Give the four registers in which the bits of these lanes are set."""
    words = [0] * LANE_WORDS
    for lane in lanes:
        if not 1 <= lane <= LANES:
            raise ValueError(f"there is no lane {lane}: lanes are 1 to {LANES}")
        words[(lane - 1) // 16] |= 1 << ((lane - 1) % 16)
    return tuple(words)


def lane_set(words: Sequence[int]) -> frozenset[int]:
    """Give the lanes whose bits are set in four registers."""
    return frozenset(
        lane for lane in range(1, LANES + 1) if words[(lane - 1) // 16] >> ((lane - 1) % 16) & 1
    )


def crc16_modbus(words: Sequence[int]) -> int:
    """Compute CRC-16/MODBUS over registers, high byte first.

    Source: Modbus over serial line V1.02, 6.2.2 (polynomial A001 reflected, start FFFF).
    """
    crc = 0xFFFF
    for word in words:
        for byte in (word >> 8, word & 0xFF):
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
