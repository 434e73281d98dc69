"""Routes as people read them."""

from api.plan.route_answer import Amount, RouteOutput, RouteTold
from api.plan.table import clock, columns, duration, listed, names


def route_table(answer: RouteOutput, *, by_clock: bool) -> str:
    """The plan, a line for each route, and what no vehicle serves with why.

    by_clock: moments are seconds of a day; else they are in units of the file's own.
    """
    served = sum(len(route) for route in answer.routes)
    lines = [
        f"{served} stops on {answer.vehicles} routes, cost {_figure(answer.cost)}",
        *_spared(answer),
        f"{answer.travel}",
        f"made by {answer.engine}: {answer.why}",
        f"{answer.iterations} steps, {answer.cpu_seconds:.1f} s of processor time",
        f"audit: {answer.audit}",
        "",
    ]
    heads = ("route", "vehicle", "length", "from", "to", "away", "stops")
    pairs = enumerate(zip(answer.timetable, answer.routes, strict=True), start=1)
    rows = [_row(at, route, stops, by_clock) for at, (route, stops) in pairs]
    lines += columns(heads, rows)
    unserved = [(f"stop {one.stop}", _why(one.reasons)) for one in answer.unserved]
    lines += listed("Unserved:", unserved)
    remedies = [(f"stop {one.stop}", remedy) for one in answer.unserved for remedy in one.remedies]
    lines += listed("What would help:", remedies)
    return "\n".join(lines)


def _row(
    at: int, route: RouteTold, stops: tuple[int | str, ...], by_clock: bool
) -> tuple[str, ...]:
    return (
        str(at),
        f"{route.vehicle}/{route.number}",
        _figure(route.distance),
        clock(route.trips[0].leaves_s) if by_clock else _figure(route.trips[0].leaves_s),
        clock(route.trips[-1].ends_s) if by_clock else _figure(route.trips[-1].ends_s),
        duration(route.duration_s) if by_clock else _figure(route.duration_s),
        names(map(str, stops)),
    )


def _spared(answer: RouteOutput) -> list[str]:
    simple = answer.baseline_cost
    if not simple or simple <= answer.cost:
        return []
    share = 1 - answer.cost / simple
    return [f"a simple rule's plan costs {_figure(simple)}, of which {share:.1%} is spared"]


def _why(reasons: tuple[str, ...]) -> str:
    return "; ".join(dict.fromkeys(reasons)) or "leaving it out is cheaper"


def _figure(amount: Amount) -> str:
    return f"{amount:,.2f}".rstrip("0").rstrip(".").replace(",", " ")
