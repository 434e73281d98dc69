"""The PLC's socket: a Modbus TCP server over its registers, and the clock that moves its belt."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.sorter.register import READ_COUNT, READ_START, WRITE_COUNT, WRITE_START
from sim.plc import Plc

DEVICE_ID = 1
# Between what may be written lies what has no meaning yet and stays 0.
REG_RESERVED = (205,)


class PlcServer:
    """Serves one PLC; `changed` wakes the belt when something was put on it.

    `clock` is any that does not go back; where it is not the wall's, `changed` tells that it moved.
    """

    def __init__(
        self, plc: Plc, host: str, port: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._plc = plc
        self._server: ModbusTcpServer | None = None
        self._address = (host, port)
        self._clock = clock
        self.changed = asyncio.Event()

    async def start(self) -> None:
        """Listen. Raises: RuntimeError when the port is taken."""
        registers = [
            SimData(READ_START, count=READ_COUNT, datatype=DataType.REGISTERS, readonly=True),
            SimData(WRITE_START, count=WRITE_COUNT, datatype=DataType.REGISTERS),
        ]
        device = SimDevice(DEVICE_ID, simdata=registers, action=self._accessed)
        self._server = ModbusTcpServer(device, address=self._address)
        await self._server.serve_forever(background=True)

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._server is not None:
            self._server.close()

    async def run(self) -> None:
        """Move the belt until cancelled: asleep until something is due or was changed."""
        while True:
            self.changed.clear()
            self._plc.advance(self._clock())
            # Python 3.11's wait_for can lose a cancellation that comes together with a change.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._plc.due_s()):
                    await self.changed.wait()

    async def _accessed(
        self,
        _function_code: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        # The server calls this before it answers: whatever takes long here stops every client.
        now_s = self._clock()
        if values is None:
            if address < READ_START + READ_COUNT:
                registers[READ_START - start : READ_COUNT - start] = self._plc.read(now_s)
            return None
        for reserved in REG_RESERVED:
            if address <= reserved < address + count:
                values[reserved - address] = False
        first = WRITE_START - start
        words = registers[first : first + WRITE_COUNT]
        words[address - WRITE_START : address - WRITE_START + count] = [int(one) for one in values]
        self._plc.write(words, range(address, address + count), now_s)
        self.changed.set()
        return None
