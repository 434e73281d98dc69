"""A PLC asked the usual way: read and write every 50 ms, whatever waits."""

import asyncio
from collections import deque

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from devices.error import DeviceError
from devices.sorter.message import Command, CommandResult, Op, Request, Status
from devices.sorter.register import (
    COMMAND_SLOTS,
    READ_COUNT,
    READ_START,
    WRITE_START,
    next_sequence,
)
from devices.sorter.wire import decode_status, encode_request

CYCLE_S = 0.05


class Poller:
    """Sends what waits with the next poll, up to four commands, and never looks back."""

    def __init__(self, port: int) -> None:
        self.status: Status | None = None
        self._port = port
        self._waiting: deque[tuple[Command, asyncio.Future[CommandResult]]] = deque()

    async def assign(self, track: int, lane: int, deadline: int) -> CommandResult:
        """Send a track to a lane."""
        done: asyncio.Future[CommandResult] = asyncio.get_running_loop().create_future()
        self._waiting.append((Command(0, Op.ASSIGN, track, lane, 0, deadline), done))
        return await done

    async def run(self) -> None:
        """Poll until the PLC is gone."""
        client = AsyncModbusTcpClient("127.0.0.1", port=self._port, retries=0)
        while not await client.connect():
            await asyncio.sleep(CYCLE_S)
        try:
            await self._poll(client)
        except ModbusException:
            client.close()

    async def _poll(self, client: AsyncModbusTcpClient) -> None:
        heartbeat = seq = 0
        while True:
            heartbeat = heartbeat % 0xFFFF + 1
            sent = [self._waiting.popleft() for _ in range(COMMAND_SLOTS) if self._waiting]
            commands = []
            for command, _ in sent:
                seq = next_sequence(seq)
                commands.append(
                    Command(seq, command.op, command.track, command.lane, 0, command.deadline)
                )
            head = self.status.event_head if self.status else 0
            request = Request(heartbeat, 1, head, 0, tuple(commands))
            reply = await client.readwrite_registers(
                read_address=READ_START,
                read_count=READ_COUNT,
                write_address=WRITE_START,
                values=encode_request(request),
                device_id=1,
            )
            if reply.isError():
                raise DeviceError(f"Modbus exception {reply.exception_code}")
            self.status = decode_status(reply.registers)
            for _, done in sent:
                done.set_result(self.status.command_result)
            await asyncio.sleep(CYCLE_S)
