"""Small charts of demand and of days ahead, drawn to be read at a glance."""

from datetime import timedelta
from itertools import groupby

from api.console.words import join
from wms.overview.replenishment import Days, Spark

WIDTH, HEIGHT = 190, 44
WEEK = 7
AHEAD_HEIGHT, AHEAD_FOOT, SLOT = 132, 18, 34


def spark_line(spark: Spark) -> str:
    """The past days as a line, broken where nothing is known, and the band of the days ahead."""
    past, ahead = spark.past, len(spark.mean)
    known = [day for day in past if day is not None]
    top = max([*known, *spark.high, 1.0])
    step = WIDTH / max(len(past) + ahead - 1, 1)

    def point(at: int, value: float) -> str:
        return f"{at * step:.1f} {HEIGHT - 2 - value / top * (HEIGHT - 6):.1f}"

    lines: list[str] = []
    gaps: list[str] = []
    for unknown, group in groupby(enumerate(past), key=lambda one: one[1] is None):
        found = list(group)
        if unknown:
            x = found[0][0] * step
            gaps.append(
                f'<rect x="{x:.1f}" width="{max(len(found) * step, 1.5):.1f}" y="0" '
                f'height="{HEIGHT}"/>'
            )
        else:
            lines.append("M" + "L".join(point(at, day or 0.0) for at, day in found))
    first = len(past)
    upper = [point(first + at, value) for at, value in enumerate(spark.high)]
    mean = [point(first + at, value) for at, value in enumerate(spark.mean)]
    floor = f"{(first + ahead - 1) * step:.1f} {HEIGHT - 2}L{first * step:.1f} {HEIGHT - 2}"
    band = f"M{'L'.join(upper)}L{floor}Z" if upper else ""
    week = sum(spark.mean[:WEEK])
    return f"""<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
      aria-label="Demand of {len(past)} days, and about {week:.0f} in the next seven.">
      <g class="gap">{join(gaps)}</g><path class="band" d="{band}"/>
      <path class="was" d="{"".join(lines)}"/>
      <path class="will" d="{"M" + "L".join(mean) if mean else ""}"/>
      <path class="today" d="M{first * step:.1f} 0V{HEIGHT}"/></svg>"""


def days_ahead(days: Days) -> str:
    """Bars of expected order lines, a day each, under the lines of what can be done."""
    shown = days.days
    limits = [
        (name, limit)
        for name, limit in (
            ("pick", shown[0].pick_capacity),
            ("sort", shown[0].sort_capacity),
        )
        if limit is not None
    ]
    top = max([*(day.lines_high + day.waiting for day in shown), *(at for _, at in limits), 1.0])
    high = AHEAD_HEIGHT - AHEAD_FOOT
    full = {each.day: each.sure for each in days.bottlenecks}

    def y(value: float) -> float:
        return round(8 + (high - 8) * (1 - value / top), 1)

    bars = []
    for at, day in enumerate(shown):
        left = at * SLOT + 5
        state = "no" if day.day not in full else "sure" if full[day.day] else "may"
        mean, most = day.lines + day.waiting, day.lines_high + day.waiting
        name = day.day.strftime("%a")[0] if at else "today"
        bars.append(
            f'<g data-full="{state}"><title>{day.day:%d %b}: {mean:.0f} lines, '
            f"rarely above {most:.0f}</title>"
            f'<rect class="most" x="{left}" width="{SLOT - 10}" y="{y(most)}" '
            f'height="{high - y(most):.1f}" rx="2"/>'
            f'<rect class="mean" x="{left}" width="{SLOT - 10}" y="{y(mean)}" '
            f'height="{high - y(mean):.1f}" rx="2"/>'
            f'<text x="{left + (SLOT - 10) / 2}" y="{AHEAD_HEIGHT - 3}">{name}</text></g>'
        )
    width = len(shown) * SLOT
    marks = join(
        f'<path class="limit" data-work="{name}" d="M0 {y(limit)}H{width}"/>'
        for name, limit in limits
    )
    until = shown[-1].day - shown[0].day + timedelta(days=1)
    return f"""<svg class="ahead" viewBox="0 0 {width} {AHEAD_HEIGHT}" role="img"
      aria-label="Order lines expected in {until.days} days, {len(full)} of them too full.">
      {join(bars)}{marks}</svg>"""
