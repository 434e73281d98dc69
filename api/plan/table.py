"""Plans as people read them."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len

from api.plan.batch_answer import BatchOutput
from api.plan.tour import TourOutput
from api.plan.wave import WaveOutput
from routing.pick.floor.layout import NodeStop, Stop

# Longer lists are cut in a table; JSON has all of them.
ROWS_MOST = 20
NAMES_WIDTH = 60


def metres(mm: int) -> str:
    """A length in metres, to the decimetre."""
    return f"{mm / 1000:,.1f} m".replace(",", " ")


def duration(seconds: float) -> str:
    """A time in hours, minutes and seconds."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def tour_table(answer: TourOutput, stops: Sequence[Stop | NodeStop]) -> str:
    """A walk stop by stop."""
    lines = [
        f"{len(answer.visits)} stops, {metres(answer.distance_mm)}, {duration(answer.seconds)}",
        _quality(answer.optimal, answer.gap, "walk", metres(answer.bound_mm)),
        *_spared(answer.baseline_mm, answer.saving, "an S-shape walk"),
        f"made by {answer.method}",
        "",
    ]
    rows = [
        (str(number), str(visit), *_place(stops[visit]))
        for number, visit in enumerate(answer.visits, start=1)
    ]
    lines += columns(("no.", "stop", "place", "side"), rows)
    lines += _left_out((f"stop {one.stop}", one.reason) for one in answer.left_out)
    return "\n".join(lines)


def batch_table(answer: BatchOutput) -> str:
    """Carts, and who walks them when."""
    loads = sum(len(row.loads) for row in answer.batches)
    lines = [
        f"{loads} loads on {len(answer.batches)} carts, {metres(answer.distance_mm)}",
        _quality(answer.gap == 0, answer.gap, "plan", metres(answer.bound_mm)),
        *_spared(answer.baseline_mm, answer.saving, "first come, first served, S-shape"),
        f"made by {answer.method}",
        "",
    ]
    who = {row.batch: row for row in answer.schedule.assignments} if answer.schedule else {}
    heads = ["cart", "walk", "time", "stops", "loads"]
    heads += ["zone"] if any(row.zone for row in answer.batches) else []
    heads += ["picker", "from", "to"] if who else []
    rows: list[tuple[str, ...]] = []
    for at, row in enumerate(answer.batches):
        cells = [str(at), metres(row.distance_mm), duration(row.seconds), str(len(row.visits))]
        cells.append(names(row.loads))
        cells += [row.zone] if "zone" in heads else []
        if at in who:
            one = who[at]
            cells += [one.picker or "anybody", clock(one.start_s), clock(one.end_s)]
        rows.append(tuple(cells))
    lines += columns(tuple(heads), rows)
    if answer.schedule:
        made = answer.schedule
        lines += ["", f"All is picked after {duration(made.makespan_s)}."]
        lines += listed("Late:", ((late.load, duration(late.seconds)) for late in made.late))
        lines += listed(
            "Nobody walks:", ((f"cart {one.batch}", one.reason) for one in made.unassigned)
        )
    lines += _left_out((one.load, one.reason) for one in answer.left_out)
    return "\n".join(lines)


def wave_table(answer: WaveOutput) -> str:
    """What is chosen, and what stays."""
    lines = [
        f"{len(answer.orders)} orders, {answer.units} units, {len(answer.aisles)} aisles",
        f"{answer.objective:.2f} units an aisle",
        f"no choice gives more than {answer.bound:.2f}: this is the best, proven"
        if answer.optimal
        else f"no choice gives more than {answer.bound:.2f}; this is up to {answer.gap:.1%} below",
    ]
    if answer.baseline_objective is not None:
        lines.append(f"orders as they came would give {answer.baseline_objective:.2f}")
    lines += [
        f"made by {answer.method}",
        "",
        f"orders  {names(map(str, answer.orders))}",
        f"aisles  {names(map(str, answer.aisles))}",
    ]
    lines += _left_out((f"order {one.order}", one.reason) for one in answer.left_out)
    return "\n".join(lines)


def _quality(optimal: bool, gap: float, what: str, bound: str) -> str:
    if optimal:
        return f"no {what} is shorter: proven"
    return f"no {what} is shorter than {bound}, so this one is at most {gap:.1%} too long"


def _spared(baseline_mm: int, saving: float, what: str) -> Iterator[str]:
    if baseline_mm:
        yield f"{what}: {metres(baseline_mm)}, of which {saving:.1%} is spared"


def _place(stop: Stop | NodeStop) -> tuple[str, str]:
    if isinstance(stop, Stop):
        return f"aisle {stop.aisle}, {metres(stop.position_mm)}", stop.side.value
    return f"node {stop.node}", ""


def clock(seconds: float) -> str:
    """A moment of the day."""
    minutes = int(seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02}:{int(seconds) % 60:02}"


def names(names: Iterable[str]) -> str:
    """Names with commas, as many as a line holds."""
    told: list[str] = []
    size = 0
    every = list(names)
    for at, name in enumerate(every):
        size += len(name) + 2
        if size > NAMES_WIDTH and told:
            return ", ".join(told) + f" and {len(every) - at} more"
        told.append(name)
    return ", ".join(told)


def columns(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows under their heads, as wide as their longest cell."""
    every = [heads, *rows]
    # Chinese letters are two columns wide.
    widths = [max(cell_len(row[at]) for row in every if at < len(row)) for at in range(len(heads))]
    for row in every:
        yield "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)
        ).rstrip()


def _left_out(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return listed("Left out:", pairs)


def listed(title: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names with their reasons under a title, cut where they are too many."""
    every = list(pairs)
    if every:
        yield ""
        yield title
        yield from (f"  {name}: {reason}" for name, reason in every[:ROWS_MOST])
    if len(every) > ROWS_MOST:
        yield f"  and {len(every) - ROWS_MOST} more; --json lists all of them"
