"""What is wrong with a file of demand, said so that it can be mended."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, what was expected, what was found."""

    where: str
    expected: str
    found: str = ""

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        return f"{self.where}: expected {self.expected}{found}"


class FileRefused(Exception):
    """A file cannot be read as demand; `faults` are the first of what is wrong with it."""

    def __init__(self, name: str, faults: Sequence[Fault], total: int | None = None) -> None:
        self.name = name
        self.faults = tuple(faults)
        self.total = len(faults) if total is None else total
        lines = [f"{name}, {fault}" for fault in self.faults]
        if self.total > len(self.faults):
            lines.append(f"{name}: {self.total - len(self.faults)} more")
        super().__init__("\n".join(lines))
