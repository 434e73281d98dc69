"""The register map once more, written down by hand: nothing here asks `devices`."""

from collections.abc import Sequence

READ, WRITE = 0, 200
READ_COUNT, WRITE_COUNT = 112, 38
BOOT, MODE, HEAD, LAST_COMMAND, RESULT, HEARD = 1, 3, 8, 9, 10, 11
RING, SLOT = 32, 10
INDUCTED, DIVERTED, RECIRCULATED = 1, 5, 6
ASSIGN, CLOSE_LANE = 1, 3
DONE, REPEATED, OUT_OF_SEQUENCE, UNKNOWN_LANE, BAD_CHECK = 1, 2, 3, 5, 7


def check(words: Sequence[int]) -> int:
    """CRC-16/MODBUS, high byte of each register first."""
    crc = 0xFFFF
    for byte in b"".join(word.to_bytes(2, "big") for word in words):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def command(seq: int, op: int, track: int, lane: int, deadline: int = 0) -> list[int]:
    """The eight registers of one command."""
    words = [seq, op, track, lane, 0, deadline >> 16, deadline & 0xFFFF]
    return [*words, check(words)]


def request(heartbeat: int, acknowledged: int = 0, *commands: list[int]) -> list[int]:
    """Registers 200 to 237, from a house whose boot is 9."""
    words = [heartbeat, 9, acknowledged, 0, len(commands), 0]
    for one in commands:
        words += one
    return words + [0] * (WRITE_COUNT - len(words))


def events(words: Sequence[int]) -> dict[int, list[int]]:
    """The whole entries of the ring by their numbers."""
    slots = [list(words[start : start + SLOT]) for start in range(RING, READ_COUNT, SLOT)]
    return {slot[0]: slot for slot in slots if slot[0] and slot[0] == slot[-1]}
