"""Commands to the PLC: in order, repeated under their numbers until they are answered."""

import asyncio
from collections import deque
from dataclasses import dataclass, replace

from devices.error import DeviceError
from devices.sorter.message import Command, CommandResult, Status
from devices.sorter.register import COMMAND_SLOTS, next_sequence

_ANSWERED_WELL = (CommandResult.DONE, CommandResult.REPEATED, CommandResult.NONE)
# These speak of a command that was not carried out, and so not of the one in register 9.
_NOT_OF_THE_LAST = (
    CommandResult.NONE,
    CommandResult.BAD_CHECK,
    CommandResult.OUT_OF_SEQUENCE,
)


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


class CommandQueue:
    """Carries commands out in order, up to four in one write.

    A command that was written once is never given up before the PLC answers or restarts: its
    number would otherwise be used for another one, which the PLC would take for a repeat.

    Register 10 speaks of the last command only. Of those written before it in one write the PLC
    says that it took them and not what it made of them: they are answered with NONE, or with DONE
    where the PLC `stops_at_refusal` and so would not have gone on behind a refused one.
    """

    def __init__(
        self, *, in_one_write: int = COMMAND_SLOTS, stops_at_refusal: bool = False
    ) -> None:
        if not 1 <= in_one_write <= COMMAND_SLOTS:
            raise ValueError(f"{in_one_write} commands in a write: 1 to {COMMAND_SLOTS}")
        self.numbered_anew = 0
        self._in_one_write = in_one_write
        self._overtaken = CommandResult.DONE if stops_at_refusal else CommandResult.NONE
        self._waiting: deque[_Pending] = deque()
        self._flying: deque[_Pending] = deque()
        self._written = False

    def submit(self, command: Command) -> asyncio.Future[CommandResult]:
        """Put a command at the end; its number is given when it is written."""
        pending = _Pending(command, asyncio.get_running_loop().create_future())
        self._waiting.append(pending)
        return pending.answer

    @property
    def fresh(self) -> bool:
        """Whether a command waits that can be written now and was not yet."""
        if self._flying:
            return not self._written
        return any(not pending.answer.done() for pending in self._waiting)

    @property
    def flying(self) -> bool:
        """Whether a written command waits for its answer."""
        return bool(self._flying)

    def next_write(self, status: Status) -> tuple[Command, ...]:
        """Give the commands to write now, numbered after the last that the PLC knows.

        The next ones join only when all before them are answered, so that an answer is never of
        two writes.
        """
        if not self._flying:
            while self._waiting and len(self._flying) < self._in_one_write:
                pending = self._waiting.popleft()
                if not pending.answer.done():
                    self._flying.append(pending)
            self._number(status.last_command)
        self._written = bool(self._flying)
        return tuple(pending.command for pending in self._flying)

    def observe(self, status: Status) -> None:
        """Take the PLC's answer from registers 9 and 10."""
        if not self._flying or not self._written:
            return
        seqs = [pending.command.seq for pending in self._flying]
        if status.last_command not in seqs:
            if next_sequence(status.last_command) != seqs[0]:
                self.numbered_anew += 1
                self._number(status.last_command)
            return
        before = len(self._flying)
        for _ in range(seqs.index(status.last_command)):
            self._settle(self._overtaken)
        if status.command_result not in _NOT_OF_THE_LAST:
            self._settle(status.command_result)
        # What is left was not carried out: it is written again at once, under its numbers.
        self._written = len(self._flying) == before

    def abandon(self, why: str) -> None:
        """Fail every command, because the PLC that they were meant for has forgotten them."""
        pendings = [*self._flying, *self._waiting]
        self._flying.clear()
        self._waiting.clear()
        for pending in pendings:
            if not pending.answer.done():
                pending.answer.set_exception(DeviceError(why))

    def _settle(self, result: CommandResult) -> None:
        pending = self._flying.popleft()
        if pending.answer.done():
            return
        if result in _ANSWERED_WELL:
            pending.answer.set_result(result)
        else:
            pending.answer.set_exception(CommandRefused(pending.command, result))

    def _number(self, last: int) -> None:
        for pending in self._flying:
            last = next_sequence(last)
            pending.command = replace(pending.command, seq=last)
