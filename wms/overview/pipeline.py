"""The house at one glance: where the orders are, how fast they leave, and what is not well."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# By which waits of paid orders are told apart; the fifth is the goal, the last the promise.
WAIT_BOUNDS_S = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0)


@dataclass(frozen=True, slots=True)
class Site:
    """The warehouse that the screens are about."""

    name: str
    time_zone: str


class Stage(StrEnum):
    """Where a fulfilment order is on its way, as the screens speak of it."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    OPEN = "open"
    RELEASED = "released"
    PICKING = "picking"
    PICKED = "picked"
    SORTED = "sorted"
    PACKED = "packed"
    HANDED_OVER = "handed_over"


class Level(StrEnum):
    """How soon somebody should look."""

    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class StageCount:
    """The orders that stand in one stage, and since when the first of them does."""

    stage: Stage
    orders: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Slot:
    """What came in and what left in one slot of time that began at `at`."""

    at: datetime
    accepted: int
    handed_over: int


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """The paid order that has waited longest."""

    order_id: int
    external_order_id: str
    state: str
    firm_at: datetime


@dataclass(frozen=True, slots=True)
class Depth:
    """What waits in one queue, since when, and how many were given up that nobody has seen to."""

    name: str
    waiting: int
    oldest_at: datetime | None
    dead: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, with the order it speaks of where there is one."""

    at: datetime
    type: str
    subject: str
    actor: str
    order_id: int | None
    external_order_id: str | None
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class Waited:
    """How long paid orders of the last day waited for a clock, `waybill` or `pickup`.

    within: how many of them at most each of WAIT_BOUNDS_S seconds.
    """

    clock: str
    orders: int
    sum_s: float
    within: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """The raw counts that alarms are made of.

    devices_away: sorters and printers that do not answer. bad_messages: kinds of them by device,
    of the last hour. old_boots: devices of which nothing is taken as they count boots anew.
    holds_overdue: standing holds whose owner let their time go by. promises_at_risk: paid orders
    that still wait for waybill or carrier, of which promises_late past what is promised.
    stock_below: items below their safety stock. full_days: days of the next two weeks that
    bring more than can be picked or sorted. tickets_late: questions to a human past their limit.
    steps_overdue: steps of the house that take longer than they may.
    """

    labels_unsure: int
    missorts: int
    holds: int
    waves_refused: int
    leases_lost: tuple[str, ...]
    labels_failed: int = 0
    dead_letters: int = 0
    bad_messages: int = 0
    devices_away: tuple[str, ...] = ()
    holds_overdue: int = 0
    promises_at_risk: int = 0
    promises_late: int = 0
    old_boots: tuple[str, ...] = ()
    stock_below: int = 0
    full_days: int = 0
    tickets_late: int = 0
    steps_overdue: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is not well, and what to do about it.

    about: `tickets`, or `given_up/` and a queue's name, where a screen shows more of it.
    """

    level: Level
    text: str
    advice: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the first screen shows, read in one transaction at `at`."""

    at: datetime
    stages: tuple[StageCount, ...]
    slots: tuple[Slot, ...]
    handed_over_hour: int
    handed_over_day: int
    waybill_p50_ms: float | None
    waybill_p99_ms: float | None
    oldest: WaitingOrder | None
    queues: tuple[Depth, ...]
    trouble: Trouble
    alarms: tuple[Alarm, ...]
    happenings: tuple[Happening, ...]
    waited: tuple[Waited, ...] = ()

    @property
    def in_house(self) -> int:
        """Orders that were accepted and have not left."""
        return sum(one.orders for one in self.stages if one.stage is not Stage.HANDED_OVER)
