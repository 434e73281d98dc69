"""The text files of the wave picking challenge of SBPO 2025.

A problem: "orders items aisles", a line an order and a line an aisle ("n item quantity …"), and
"units_min units_max". A choice: how many orders, their indices a line each, how many aisles,
their indices a line each.
"""

from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import Contents, WaveProblem


def read_wave(text: str) -> WaveProblem:
    """The problem in the text.

    Raises: ValueError with the line's number when the text is cut short or makes no sense.
    """
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    orders, items, aisles = _whole(lines, 0, 3)
    if len(lines) != orders + aisles + 2:
        raise ValueError(
            f"line 1: {orders} orders and {aisles} aisles need {orders + aisles + 2} lines, "
            f"but there are {len(lines)}"
        )
    rows = tuple(_contents(lines, number, items) for number in range(1, 1 + orders + aisles))
    units_min, units_max = _whole(lines, len(lines) - 1, 2)
    if units_min > units_max:
        raise ValueError(f"line {len(lines)}: units from {units_min} to {units_max} are no range")
    return WaveProblem(rows[:orders], rows[orders:], units_min, units_max)


def write_choice(choice: WaveChoice) -> str:
    """The choice as the challenge's checker reads it."""
    numbers = (len(choice.orders), *choice.orders, len(choice.aisles), *choice.aisles)
    return "".join(f"{number}\n" for number in numbers)


def write_wave(problem: WaveProblem) -> str:
    """The problem as read_wave reads it; what must go is not part of the format."""
    rows = problem.orders + problem.aisles
    items = max((item for row in rows for item, _ in row), default=-1) + 1
    lines = [f"{len(problem.orders)} {items} {len(problem.aisles)}"]
    for row in rows:
        pairs = (number for pair in row for number in pair)
        lines.append(" ".join(map(str, (len(row), *pairs))))
    lines.append(f"{problem.units_min} {problem.units_max}")
    return "\n".join(lines) + "\n"


def _whole(lines: list[str], number: int, count: int | None = None) -> list[int]:
    """The whole numbers of a line, none of them negative."""
    if number >= len(lines):
        raise ValueError(f"line {number + 1}: the text ends too early")
    words = lines[number].split()
    try:
        values = [int(word) for word in words]
    except ValueError:
        wrong = next(word for word in words if not word.isascii() or not word.isdigit())
        raise ValueError(f"line {number + 1}: {wrong[:40]!r} is no whole number") from None
    if values and min(values) < 0:
        raise ValueError(f"line {number + 1}: {min(values)} is negative")
    if count is not None and len(values) != count:
        raise ValueError(f"line {number + 1}: {count} numbers are needed, not {len(values)}")
    return values


def _contents(lines: list[str], number: int, items: int) -> Contents:
    values = _whole(lines, number)
    if not values or len(values) != 1 + 2 * values[0]:
        said = f"{values[0]} pairs" if values else "a count of pairs"
        raise ValueError(
            f"line {number + 1}: {said} of item and quantity were promised, "
            f"but {max(0, len(values) - 1)} numbers follow"
        )
    row = values[1::2]
    if row and max(row) >= items:
        raise ValueError(f"line {number + 1}: item {max(row)} is not below {items}")
    return tuple(zip(row, values[2::2], strict=True))
