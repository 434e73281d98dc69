"""A journal of commands in memory: it outlives the link, as a database would."""

from datetime import datetime

from devices.journal import CommandAnswer, OpenCommand, Sequence


class MemoryCommandJournal:
    """Keeps commands; `clock` is set by the test."""

    def __init__(self, clock: datetime) -> None:
        self.clock = clock
        self.epoch, self.seq = 1, 0
        self.commands: dict[int, OpenCommand] = {}
        self.numbers: dict[int, Sequence] = {}
        self.states: dict[int, str] = {}
        self.answers: dict[int, CommandAnswer] = {}

    def now(self) -> datetime:
        return self.clock

    def add(self, device: str, op: str, expires_at: datetime) -> int:
        number = len(self.commands) + 1
        self.commands[number] = OpenCommand(number, device, op, {"colour": "green"}, expires_at)
        self.states[number] = "queued"
        return number

    async def waiting(self) -> list[OpenCommand]:
        first: dict[str, OpenCommand] = {}
        for number, command in self.commands.items():
            if self.states[number] in ("queued", "sent") and command.expires_at <= self.clock:
                never = self.states[number] == "queued"
                self.states[number] = "never sent" if never else "not acknowledged"
            if self.states[number] in ("queued", "sent"):
                first.setdefault(command.device, command)
        return list(first.values())

    async def begin(self, number: int) -> Sequence | None:
        if self.states[number] not in ("queued", "sent"):
            return None
        self.states[number] = "sent"
        if number not in self.numbers:
            self.seq += 1
            self.numbers[number] = Sequence(self.epoch, self.seq)
        return self.numbers[number]

    async def settle(self, answer: CommandAnswer) -> bool:
        for number, sequence in self.numbers.items():
            settled = sequence.epoch == answer.epoch and sequence.seq <= answer.upto
            if settled and self.states[number] == "sent":
                done = answer.ok or sequence.seq != answer.seq
                self.states[number] = "done" if done else "refused"
                self.answers[number] = answer
        return False
