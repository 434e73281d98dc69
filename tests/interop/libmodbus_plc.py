"""`python -m tests.interop.libmodbus_plc PORT BOOT TRACKS SCAN_MS`: a PLC behind libmodbus.

libmodbus writes and reads in one go, so a command is answered as a real PLC answers it: with the
next scan, of which there is one every `SCAN_MS`. What was carried out and acknowledged goes out on
standard output, a JSON line a change.
"""

import ctypes
import json
import os
import sys
import time
from collections import deque

from tests.interop import map as registers
from tests.interop.libmodbus import Mapping, load

_ADU_BYTES = 260
_LANES = 4
_SLOTS = 8


class LibmodbusPlc:
    """Carries commands out between two requests, and diverts a track as soon as it has a lane."""

    def __init__(self, mapping: Mapping, boot: int, tracks: int) -> None:
        self._words = mapping.tab_registers
        self._ring: deque[list[int]] = deque()
        self._waiting: deque[tuple[int, int, int]] = deque()
        self._seq = 0
        self._lanes: dict[int, int] = {}
        self._acknowledged = 0
        self._commands: list[int] = []
        self._set(0, [1, boot, 0, 1, 0, 500, 0, 0])
        for track in range(1, tracks + 1):
            self._waiting.append((registers.INDUCTED, track, 0))
        self.scan()

    def scan(self) -> None:
        """One scan of the PLC: take what was written, show what happened."""
        self._set(2, [int(time.monotonic() * 10) & 0xFFFF])
        written = self._get(registers.WRITE, registers.WRITE_COUNT)
        self._set(registers.HEARD, [written[0]])
        self._acknowledge(written[2])
        for slot in range(min(written[4], 4)):
            self._obey(written[6 + 8 * slot : 14 + 8 * slot])
        # Commands are taken once: what stands there at the next request was written anew.
        self._set(registers.WRITE + 4, [0])
        self._show()

    def _acknowledge(self, upto: int) -> None:
        if upto not in [event[0] for event in self._ring]:
            return
        while self._ring[0][0] != upto:
            self._ring.popleft()
        self._ring.popleft()
        self._acknowledged = upto
        self._tell()

    def _obey(self, words: list[int]) -> None:
        seq, op, track, lane, *_ = words
        last = self._get(registers.LAST_COMMAND, 1)[0]
        if words[-1] != registers.check(words[:-1]):
            self._set(registers.RESULT, [registers.BAD_CHECK])
        elif seq == last:
            self._set(registers.RESULT, [registers.REPEATED])
        elif seq != last % 0xFFFF + 1:
            self._set(registers.RESULT, [registers.OUT_OF_SEQUENCE])
        else:
            self._set(registers.LAST_COMMAND, [seq, self._carry_out(op, track, lane)])
            self._commands.append(seq)
            self._tell()

    def _carry_out(self, op: int, track: int, lane: int) -> int:
        if op == registers.ASSIGN:
            if not 1 <= lane <= _LANES:
                return registers.UNKNOWN_LANE
            self._lanes[track] = lane
            self._waiting.append((registers.DIVERTED, track, lane))
        return registers.DONE

    def _show(self) -> None:
        while self._waiting and len(self._ring) < _SLOTS:
            kind, track, lane = self._waiting.popleft()
            self._seq = self._seq % 0xFFFF + 1
            self._ring.append([self._seq, kind, track, lane, lane, 0, 0, 0, 0, self._seq])
        for place in range(_SLOTS):
            event = self._ring[place] if place < len(self._ring) else [0] * registers.SLOT
            self._set(registers.RING + place * registers.SLOT, event)
        self._set(registers.HEAD, [self._seq])

    def _tell(self) -> None:
        said = {
            "lanes": self._lanes,
            "commands": self._commands,
            "acknowledged": self._acknowledged,
        }
        print(json.dumps(said), flush=True)

    def _get(self, start: int, count: int) -> list[int]:
        return [self._words[at] for at in range(start, start + count)]

    def _set(self, start: int, words: list[int]) -> None:
        for at, word in enumerate(words, start):
            self._words[at] = word


def main(port: int, boot: int, tracks: int, scan_ms: int) -> None:
    """Serves one client after the other until killed."""
    library = load()
    context = library.modbus_new_tcp(b"127.0.0.1", port)
    mapping = library.modbus_mapping_new(0, 0, registers.WRITE + registers.WRITE_COUNT, 0)
    plc = LibmodbusPlc(mapping.contents, boot, tracks)
    listening = ctypes.c_int(library.modbus_tcp_listen(context, 1))
    if listening.value == -1:
        sys.exit(f"cannot listen on port {port}: {os.strerror(ctypes.get_errno())}")
    print(json.dumps({"listening": port}), flush=True)
    query = ctypes.create_string_buffer(_ADU_BYTES)
    scanned_s = time.monotonic()
    while library.modbus_tcp_accept(context, ctypes.byref(listening)) != -1:
        while (length := library.modbus_receive(context, query)) != -1:
            if length > 0:
                library.modbus_reply(context, query, length, mapping)
            if time.monotonic() - scanned_s >= scan_ms / 1_000:
                plc.scan()
                scanned_s = time.monotonic()
        library.modbus_close(context)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
