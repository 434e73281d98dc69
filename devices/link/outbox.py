"""What we ask of devices: each command once, in order, and never after it has expired.

One command a device is under way: order could not be kept across a reconnect with more.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from devices.error import DecodeError
from devices.journal import (
    CommandAnswer,
    CommandJournal,
    OpenCommand,
    begin,
    settle,
    waiting,
)
from devices.link.message import Command, Reply, encode_command
from devices.link.session import Publication
from devices.link.topic import Channel, DeviceName, parse_name

_AGAIN_S = 3.0
_LOOK_S = 0.5
_IDLE_S = 30.0
_ANSWERS_MAX = 10_000


def command_message(
    name: DeviceName, command: Command, expires_s: int, correlation: bytes
) -> Publication:
    """Give the message that asks a device; it is never retained."""
    return Publication(
        name.topic(Channel.CMD),
        encode_command(command),
        expires_s=expires_s,
        response_topic=name.topic(Channel.RSP),
        correlation=correlation,
    )


class Outbox:
    """Sends what the journal has open, and settles what devices answer.

    `publish` is False where there is no connection; `is_away` says that a device cannot be
    reached now, whose commands then wait for it.
    """

    def __init__(
        self,
        journal: CommandJournal,
        now: Callable[[], datetime],
        publish: Callable[[Publication], bool],
        is_away: Callable[[DeviceName], bool],
        counts: Counter[str],
    ) -> None:
        self._journal = journal
        self._now = now
        self._publish = publish
        self._is_away = is_away
        self._counts = counts
        self._rung = asyncio.Event()
        self._answers: asyncio.Queue[CommandAnswer] = asyncio.Queue(_ANSWERS_MAX)
        self._sent: dict[str, tuple[int, float]] = {}

    def ring(self) -> None:
        """Look at the journal now."""
        self._rung.set()

    def connected(self) -> None:
        """Send again what is under way: nobody knows whether it arrived."""
        self._sent.clear()
        self._rung.set()

    def came_back(self, name: DeviceName) -> None:
        """Send again what is under way to a device that was away."""
        self._sent.pop(str(name), None)
        self._rung.set()

    def answered(self, name: DeviceName, reply: Reply) -> None:
        """Take a reply to what was numbered; one too many is left out, as its command is resent."""
        if reply.epoch is None or reply.upto is None:
            self._counts["answers_late"] += 1
            return
        answer = CommandAnswer(
            str(name), reply.epoch, reply.upto, reply.seq, reply.ok, reply.reason, reply.data
        )
        if self._answers.full():
            self._counts["answers_turned_away"] += 1
            return
        self._answers.put_nowait(answer)
        self._rung.set()

    async def run(self) -> None:
        """Send and settle until cancelled."""
        while True:
            self._rung.clear()
            while not self._answers.empty():
                answer = self._answers.get_nowait()
                if await settle(self._journal, answer):
                    self._sent.pop(answer.device, None)
                self._counts["answers"] += 1
            commands = await waiting(self._journal)
            for command in commands:
                await self._send(command)
            await self._pause(_LOOK_S if commands else _IDLE_S)

    async def _pause(self, at_most_s: float) -> None:
        ringing = asyncio.create_task(self._rung.wait())
        try:
            await asyncio.wait({ringing}, timeout=at_most_s)
        finally:
            ringing.cancel()

    async def _send(self, command: OpenCommand) -> None:
        number, sent_s = self._sent.get(command.device, (0, 0.0))
        again = number == command.number
        if again and time.monotonic() - sent_s < _AGAIN_S:
            return
        try:
            name = parse_name(command.device)
        except DecodeError:
            self._counts["commands_without_topic"] += 1
            return
        left_s = (command.expires_at - self._now()).total_seconds()
        if left_s <= 0 or self._is_away(name):
            return
        sequence = await begin(self._journal, command)
        if sequence is None:
            return
        body = Command(command.op, command.args, sequence.epoch, sequence.seq)
        correlation = f"{sequence.epoch}.{sequence.seq}".encode()
        if self._publish(command_message(name, body, max(1, int(left_s)), correlation)):
            self._counts["commands_sent"] += 1
            self._counts["commands_sent_again"] += again
            self._sent[command.device] = (command.number, time.monotonic())
