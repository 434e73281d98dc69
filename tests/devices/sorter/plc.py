"""A small PLC that keeps to the register map, behind a real Modbus TCP server."""

from dataclasses import replace

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.error import DecodeError
from devices.sorter.message import (
    Command,
    CommandResult,
    EventType,
    Mode,
    Op,
    Request,
    RingEvent,
    Status,
)
from devices.sorter.register import (
    REG_HEARTBEAT_SEEN,
    REG_RING,
    RING_SLOT_WORDS,
    RING_SLOTS,
    WRITE_COUNT,
    WRITE_START,
    next_sequence,
    sequence_distance,
)
from devices.sorter.wire import decode_request, encode_status
from tests.port import own_port


class SmallPlc:
    """Carries commands out at once, keeps events until they are acknowledged."""

    def __init__(self, boot: int = 5, head: int = 0) -> None:
        self.status = Status(boot, 1, Mode.AUTOMATIC, event_head=head)
        self.acknowledged = head
        self.done: list[Command] = []
        self.obeyed: list[Command] = []
        self.echoes: dict[int, int] = {}
        self.echo_late = 0
        self.stops_at_refusal = False
        self.bad_check_at: int | None = None
        self.strange_next: tuple[int, int] | None = None
        self.requests: list[Request] = []
        self.refusals: dict[int, CommandResult] = {}
        self.astray: dict[int, int] = {}
        self._strange: dict[int, tuple[int, int]] = {}
        self.diverting = True
        self.beating = True
        self.deaf = False
        self.hangs = False
        self.torn_reads = 0
        self.exception: ExcCodes | None = None
        self._server: ModbusTcpServer | None = None
        self.port = own_port()

    async def start(self) -> None:
        block = SimData(0, count=WRITE_START + WRITE_COUNT, values=0, datatype=DataType.REGISTERS)
        device = SimDevice(1, simdata=[block], action=self._access)
        self._server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        await self._server.serve_forever(background=True)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def restart(self, boot: int) -> None:
        self.status = Status(boot, 1, Mode.AUTOMATIC)
        self.acknowledged = 0

    @property
    def free(self) -> int:
        return RING_SLOTS - sequence_distance(self.acknowledged, self.status.event_head)

    def tell(self, kind: EventType, track: int, *, planned: int = 0, actual: int = 0) -> bool:
        """Write an event; False when the ring is full, which stops induction."""
        if self.free == 0:
            return False
        seq = next_sequence(self.status.event_head)
        event = RingEvent(seq, kind, track, planned, actual)
        if self.strange_next is not None:
            self._strange[seq] = self.strange_next
            self.strange_next = None
        events = (*self.status.events, event)[-RING_SLOTS:]
        self.status = replace(self.status, event_head=seq, events=events)
        return True

    def turn(self, mode: Mode) -> None:
        """Turn the key at the cabinet."""
        self.status = replace(self.status, mode=mode)

    def divert(self, command: Command) -> None:
        """Let a track reach its lane, or the one it strays to."""
        lane = self.astray.get(command.track, command.lane)
        self.tell(EventType.DIVERTED, command.track, planned=command.lane, actual=lane)

    async def _access(
        self,
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        current_registers: list[int],
        set_values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        if self.exception is not None:
            return self.exception
        if self.hangs:
            # The registers stay as they were, and nobody looks at what is written.
            return None
        if set_values is not None:
            self._write([int(value) for value in set_values])
            return None
        if self.beating:
            beat = (self.status.heartbeat + 1) % 65536
            self.status = replace(self.status, heartbeat=beat)
        words = encode_status(self.status)
        words[REG_HEARTBEAT_SEEN] = self._echo()
        for start in range(REG_RING, len(words), RING_SLOT_WORDS):
            if words[start] in self._strange:
                words[start + 1], words[start + 5] = self._strange[words[start]]
        if self.torn_reads > 0:
            self.torn_reads -= 1
            for end in range(41, 112, 10):
                words[end] ^= 0x5555
        current_registers[: len(words)] = words
        return None

    def _echo(self) -> int:
        """Our heartbeat as it is told: at once, some cycles late, or whatever a test wants."""
        beats = [request.heartbeat for request in self.requests[-1 - self.echo_late :]]
        return self.echoes.get(len(self.requests), beats[0] if beats else 0)

    def _write(self, words: list[int]) -> None:
        try:
            request = decode_request(words)
        except DecodeError:
            self.status = replace(self.status, command_result=CommandResult.BAD_CHECK)
            return
        self.requests.append(request)
        waiting = sequence_distance(self.acknowledged, self.status.event_head)
        if sequence_distance(self.acknowledged, request.acknowledged) <= waiting:
            self.acknowledged = request.acknowledged
        self.status = replace(self.status, heartbeat_seen=request.heartbeat)
        for command in () if self.deaf else request.commands:
            if command.track == self.bad_check_at:
                self.bad_check_at = None
                self.status = replace(self.status, command_result=CommandResult.BAD_CHECK)
                return
            self._carry_out(command)
            refused = self.status.command_result is not CommandResult.DONE
            if self.stops_at_refusal and refused:
                return

    def _carry_out(self, command: Command) -> None:
        last = self.status.last_command
        if command.seq == last:
            return
        if command.seq != next_sequence(last):
            result = CommandResult.OUT_OF_SEQUENCE
            self.status = replace(self.status, command_result=result)
            return
        result = self.refusals.get(command.track, CommandResult.DONE)
        if command.op is Op.ASSIGN and self.status.mode not in (Mode.AUTOMATIC, Mode.DRAINING):
            result = CommandResult.WRONG_MODE
        if result is CommandResult.DONE:
            self.obeyed.append(command)
        if result is CommandResult.DONE and command.op is Op.ASSIGN:
            self.done.append(command)
            if self.diverting:
                self.divert(command)
        self.status = replace(self.status, last_command=command.seq, command_result=result)
