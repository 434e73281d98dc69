"""Commands to the PLC: one at a time, repeated under the same number until it is answered."""

import asyncio
from collections import deque
from dataclasses import dataclass, replace

from devices.error import DeviceError
from devices.sorter.register import Command, CommandResult, Status, next_sequence

_ANSWERED_WELL = (CommandResult.DONE, CommandResult.REPEATED)


class CommandRefused(DeviceError):
    """The PLC refused a command; `result` says why."""

    def __init__(self, command: Command, result: CommandResult) -> None:
        super().__init__(
            f"the sorter refused {command.op.name} for track {command.track}: {result.name}"
        )
        self.command = command
        self.result = result


@dataclass(slots=True, eq=False)
class _Pending:
    command: Command
    answer: asyncio.Future[CommandResult]
    written: bool = False


class CommandQueue:
    """Carries commands out in order.

    A command that was written once is never given up before the PLC answers or restarts: its
    number would otherwise be used for another one, which the PLC would take for a repeat.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Pending] = deque()
        self._flying: _Pending | None = None

    def submit(self, command: Command) -> asyncio.Future[CommandResult]:
        """Put a command at the end; its number is given when it is written."""
        pending = _Pending(command, asyncio.get_running_loop().create_future())
        self._waiting.append(pending)
        return pending.answer

    @property
    def fresh(self) -> bool:
        """Whether a command waits that was not yet written."""
        if self._flying is not None:
            return not self._flying.written
        return any(not pending.answer.done() for pending in self._waiting)

    @property
    def flying(self) -> bool:
        """Whether a written command waits for its answer."""
        return self._flying is not None

    def next_write(self, status: Status) -> tuple[Command, ...]:
        """Give the command to write now, numbered after the last that the PLC knows."""
        while self._flying is None and self._waiting:
            pending = self._waiting.popleft()
            if not pending.answer.done():
                self._flying = pending
                self._number(pending, status)
        if self._flying is None:
            return ()
        self._flying.written = True
        return (self._flying.command,)

    def observe(self, status: Status) -> None:
        """Take the PLC's answer from registers 9 and 10."""
        pending = self._flying
        if pending is None or not pending.written:
            return
        if status.last_command != pending.command.seq:
            if next_sequence(status.last_command) != pending.command.seq:
                self._number(pending, status)
            return
        result = status.command_result
        if result in (
            CommandResult.NONE,
            CommandResult.BAD_CHECK,
            CommandResult.OUT_OF_SEQUENCE,
        ):
            return
        self._flying = None
        if pending.answer.done():
            return
        if result in _ANSWERED_WELL:
            pending.answer.set_result(result)
        else:
            pending.answer.set_exception(CommandRefused(pending.command, result))

    def abandon(self, why: str) -> None:
        """Fail every command, because the PLC that they were meant for has forgotten them."""
        pendings = [*([self._flying] if self._flying else []), *self._waiting]
        self._flying = None
        self._waiting.clear()
        for pending in pendings:
            if not pending.answer.done():
                pending.answer.set_exception(DeviceError(why))

    def _number(self, pending: _Pending, status: Status) -> None:
        pending.command = replace(pending.command, seq=next_sequence(status.last_command))
