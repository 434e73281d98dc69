"""One Modbus transaction at a time with a PLC, its answer checked before it is used."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from pymodbus.client import AsyncModbusTcpClient

from devices.error import DecodeError
from devices.sorter.echo import Echo
from devices.sorter.message import Command, Request, Status
from devices.sorter.register import (
    COMMAND_SLOTS,
    PLC_HEARTBEAT_PERIOD_S,
    READ_COUNT,
    READ_START,
    WRITE_START,
)
from devices.sorter.wire import decode_status, encode_request

# A PLC answers a command with its next scan, some milliseconds later.
_ANSWER_POLL_S = 0.005
_ASTRAY_S_MAX = 3 * PLC_HEARTBEAT_PERIOD_S


@dataclass(frozen=True, slots=True, kw_only=True)
class SorterAddress:
    """Where a PLC is, and how patient to be with it.

    `reconnect_s` is the longest pause between two attempts and `connect_s` the longest attempt, so
    that their sum bounds how long a PLC's return goes unnoticed; `refused_s` is the pause after a
    map version that is not ours, which no second attempt changes.
    """

    host: str
    port: int = 502
    device_id: int = 1
    cycle_s: float = 0.05
    timeout_s: float = 1.0
    reconnect_s: float = 0.4
    connect_s: float = 0.4
    refused_s: float = 15.0
    commands_in_one_write: int = COMMAND_SLOTS
    stops_at_refusal: bool = False


class Exchange:
    """A connection to one PLC, opened anew after every fault.

    A late answer would be taken for the next one's, so a connection never outlives a fault; and
    nothing is retried below us, because a retried write is carried out twice.
    """

    def __init__(self, name: str, address: SorterAddress, counts: Counter[str]) -> None:
        self._name = name
        self._address = address
        self._counts = counts
        self._echo = Echo(_ANSWER_POLL_S, address.cycle_s)
        self._client: AsyncModbusTcpClient | None = None
        self._last: Status | None = None
        self.stands_still = False

    @property
    def pause_s(self) -> float:
        """How long to wait until a PLC has looked at what was written."""
        return self._echo.pause_s

    async def open(self) -> None:
        """Connect. Raises: OSError."""
        address = self._address
        self._client = AsyncModbusTcpClient(
            address.host,
            port=address.port,
            timeout=address.timeout_s,
            retries=0,
            reconnect_delay=0,
            name=self._name,
        )
        async with asyncio.timeout(address.connect_s):
            connected = await self._client.connect()
        _stop_if_cancelled()
        if not connected:
            raise ConnectionError(f"{address.host}:{address.port} does not answer")
        self._echo.begin()

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def once(
        self, boot: int, acknowledged: int, mode_asked: int, commands: tuple[Command, ...]
    ) -> Status | None:
        """Write and read once; None where the answer is of another request.

        `stands_still` then says whether it is the last one again: a PLC whose program hangs has
        its registers answered as they were.

        Raises: DecodeError for what the map does not allow; ModbusException and OSError.
        """
        assert self._client is not None, "the connection is open"
        request = Request(self._echo.next_beat(), boot, acknowledged, mode_asked, commands)
        reply = await self._client.readwrite_registers(
            read_address=READ_START,
            read_count=READ_COUNT,
            write_address=WRITE_START,
            values=encode_request(request),
            device_id=self._address.device_id,
        )
        _stop_if_cancelled()
        if reply.isError():
            self._counts["modbus_exceptions"] += 1
            raise DecodeError(f"Modbus exception {reply.exception_code}")
        status = decode_status(reply.registers)
        self._counts["cycles"] += 1
        return self._checked(status)

    def _checked(self, status: Status) -> Status | None:
        now_s = time.monotonic()
        fits = self._echo.fits(status.heartbeat_seen, now_s)
        self.stands_still = not fits and self._last is not None and _is_image(status, self._last)
        if fits:
            self._last = status
            return status
        if self.stands_still:
            self._echo.begin()
            return None
        self._counts["answers_astray"] += 1
        if self._echo.astray_for_s(now_s) > _ASTRAY_S_MAX:
            raise DecodeError(
                f"register 11 echoes {status.heartbeat_seen} and never our heartbeat, which is "
                f"{self._echo.beat}"
            )
        return None


def _is_image(status: Status, last: Status) -> bool:
    beats = (status.boot, status.heartbeat, status.heartbeat_seen)
    return beats == (last.boot, last.heartbeat, last.heartbeat_seen)


def _stop_if_cancelled() -> None:
    # Before Python 3.12 the wait inside pymodbus loses a cancellation that meets its answer.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
