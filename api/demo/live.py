"""The demo in the terminal: orders by state while it runs, and what it came to."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table

from api.demo.run import Outcome, Person
from api.serve import Addresses

STATES = ("open", "released", "picking", "picked", "sorted", "packed", "handed_over")


class LiveView:
    """Shows a demo on a terminal; elsewhere it says each new step in a line."""

    def __init__(self, console: Console, orders: int) -> None:
        self._console = console
        self._orders = orders
        self._step = ""
        self._states: dict[str, int] = {}
        self._live = Live(console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes the view off the terminal."""
        self._live.stop()

    def tell(self, step: str, states: dict[str, int]) -> None:
        """Shows the step and the orders by state; a step that counts nothing keeps the last."""
        self._states = states or self._states
        if self._console.is_terminal:
            self._live.update(_panel(step, self._states, self._orders))
        elif step != self._step:
            self._console.print(f"… {step}")
        self._step = step


def _panel(step: str, states: dict[str, int], orders: int) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim")
    table.add_column(width=40)
    table.add_column(justify="right")
    for state in STATES:
        count = states.get(state, 0)
        bar = ProgressBar(total=max(orders, 1), completed=count, width=40)
        table.add_row(state.replace("_", " "), bar, str(count))
    return Panel(table, title=f"Stowline · {step}", title_align="left", border_style="dim")


def summary_table(outcome: Outcome) -> Table:
    """What the demo came to, for people."""
    data = outcome.data()
    day = outcome.day
    table = Table(title="The day in the house", title_justify="left", show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    baseline = day.baseline_distance_mm
    saved = 1 - day.pick_distance_mm / baseline if baseline else 0.0
    waits = day.paid_to_waybill_ms
    rows = {
        "orders that came in, some of them none": data["orders_in"],
        "orders accepted": day.orders_accepted,
        "orders shipped": day.orders_shipped,
        "orders held": len(day.orders_held),
        "lines · units picked": f"{day.lines:,} · {day.units_picked:,}",
        "walked": f"{day.pick_distance_mm / 1e6:.1f} km",
        "first come, first served, S-shape": f"{baseline / 1e6:.1f} km",
        "walk saved": f"{saved:.0%}",
        "totes diverted · wrongly": f"{day.diverts:,} · {day.missorts}",
        "parcels handed over": f"{day.parcels:,}",
        "labels printed · lost · doubled": (
            f"{day.labels_printed:,} · {data['labels_lost']} · {data['labels_doubled']}"
        ),
        "paid → waybill, median · p99": (
            "—" if waits is None else f"{waits.p50:.0f} ms · {waits.p99:.0f} ms"
        ),
        "webhooks delivered": f"{day.webhooks_delivered:,}",
        "ledger against balances": "agree" if not outcome.ledger else "DIFFER",
        "books against what is really there": (
            "agree" if not outcome.comparison.differences else "DIFFER"
        ),
        "faults that struck": sum(outcome.strikes.values()),
        "touched by a human, beside scans": day.human_touches,
        "took": f"{outcome.wall_s:.0f} s",
    }
    for label, value in rows.items():
        table.add_row(label, str(value))
    return table


def doors(addresses: Addresses, people: list[Person]) -> Table:
    """Where a visitor can look around, and as whom."""
    table = Table(title="Open until Ctrl-C", title_justify="left", show_header=False)
    table.add_column(style="dim")
    table.add_column()
    operator = next(one for one in people if one.role == "operator")
    planner = next(one for one in people if one.role == "planner")
    table.add_row("handheld", f"{addresses.api_url}/handheld/")
    table.add_row("", f"badge {operator.badge}, PIN {operator.pin}")
    table.add_row("console", f"{addresses.console_url}/console")
    table.add_row("", f"badge {planner.badge}, PIN {planner.pin}")
    table.add_row("API", f"{addresses.api_url}/openapi.json")
    table.add_row("database", addresses.database_url)
    return table


def stderr_console() -> Console:
    """Progress goes to standard error: standard output is for results."""
    return Console(file=sys.stderr)
