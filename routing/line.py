"""A text read line by line; what is wrong is told with the line's number."""

import re

# Far above every published figure, and far below what an index or a sum could overflow by.
NUMBER_MAX = 1_000_000_000
SCALE = 1_000

LINE_END = re.compile(r"\r\n?|\n")
WHOLE = re.compile(r"[0-9]{1,12}")
DECIMAL = re.compile(r"([0-9]{1,12})(?:\.([0-9]*))?")
SIGNED = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")


class Lines:
    """The lines of a text that are not blank, taken one after the other."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        # Not splitlines, which ends a line at an ellipsis of Windows read as Latin-1 as well.
        numbered = enumerate(LINE_END.split(text.removeprefix("\ufeff")), start=1)
        self._lines = [(number, line.strip()) for number, line in numbered if line.strip()]
        self._at = 0

    def peek(self) -> str:
        """The next line, which stays where it is; nothing at the end."""
        return self._lines[self._at][1] if self._at < len(self._lines) else ""

    def second(self) -> str:
        """The line after the next; nothing where there is none."""
        return self._lines[self._at + 1][1] if self._at + 1 < len(self._lines) else ""

    def take(self, expected: str) -> str:
        """The next line.

        Raises: ValueError when there is none.
        """
        if self._at == len(self._lines):
            raise self.missing(expected)
        self._at += 1
        return self._lines[self._at - 1][1]

    def missing(self, expected: str) -> ValueError:
        """What to raise about a text that ends too early."""
        last = self._lines[-1][0] if self._lines else 0
        return ValueError(
            f"{self._name}, line {last + 1}: expected {expected}, but the text ends here"
        )

    def refusal(self, expected: str, found: str | None = None) -> ValueError:
        """What to raise about the line that was taken last."""
        number, line = self._lines[max(0, self._at - 1)]
        found = line if found is None else found
        return ValueError(f"{self._name}, line {number}: expected {expected}, not {found[:60]!r}")

    def whole(self, word: str, what: str, least: int = 0, most: int = NUMBER_MAX) -> int:
        """A whole number of the line that was taken last, within its limits."""
        expected = f"{what} as a whole number from {least} to {most}"
        if not WHOLE.fullmatch(word) or not least <= int(word) <= most:
            raise self.refusal(expected, word)
        return int(word)

    def thousandths(self, word: str, what: str, *, positive: bool = False) -> int:
        """A number of the line that was taken last, times 1,000 and rounded, half up."""
        expected = f"{what} as a number {'above' if positive else 'of at least'} 0"
        match = DECIMAL.fullmatch(word)
        if not match:
            raise self.refusal(expected, word)
        whole, decimals = int(match[1]), f"{match[2] or ''}0000"
        value = SCALE * whole + int(decimals[:3]) + (decimals[3] >= "5")
        if value > SCALE * NUMBER_MAX or (positive and not value):
            raise self.refusal(expected, word)
        return value

    def number(self, word: str, what: str, least: float = 0, most: float = NUMBER_MAX) -> float:
        """A number of the line that was taken last, within its limits."""
        expected = f"{what} as a number from {least:g} to {most:g}"
        if not SIGNED.fullmatch(word) or not least <= float(word) <= most:
            raise self.refusal(expected, word)
        return float(word)

    def row(self, names: tuple[str, ...], *, more: bool = False) -> list[str]:
        """The next line's words, one for each name; `more` allows others after them."""
        expected = " ".join(names)
        words = self.take(expected).split()
        if len(words) < len(names) or (len(words) > len(names) and not more):
            raise self.refusal(expected)
        return words

    def fields(self, names: tuple[str, ...]) -> list[str]:
        """The values of a line that reads NAME value NAME value …, in that order."""
        expected = " … ".join(names) + " with a value each"
        words = self.take(expected).split()
        if len(words) != 2 * len(names) or tuple(words[::2]) != names:
            raise self.refusal(expected)
        return words[1::2]

    def count(self, key: str, least: int = 0) -> int:
        """The number of a line that reads KEY : number."""
        found, _, value = self.take(f"{key} : a number").partition(":")
        if found.strip() != key:
            raise self.refusal(f"{key} : a number")
        return self.whole(value.strip(), key, least)

    def keyword(self, word: str) -> None:
        """The next line is this word and nothing else."""
        if self.take(word) != word:
            raise self.refusal(word)

    def end(self) -> None:
        """Nothing follows."""
        if self.peek():
            raise self.refusal("the end of the text", self.take("nothing"))
