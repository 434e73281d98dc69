"""The house at one glance: where the orders are, how fast they leave, and what is not well."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A message that nobody took for this long is worth a planner's look; retries take seconds.
OUTBOX_AGE_MAX = timedelta(minutes=5)
JOB_AGE_MAX = timedelta(minutes=5)


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
    """What waits in one queue: how many, since when, and how many were given up."""

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
class Trouble:
    """The raw counts that alarms are made of.

    devices_away: sorters and printers that do not answer. bad_messages: kinds of them by device,
    of the last hour. old_boots: devices of which nothing is taken as they count boots anew.
    stock_below: items below their safety stock. full_days: days of the next two weeks that
    bring more than can be picked or sorted.
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
    old_boots: tuple[str, ...] = ()
    stock_below: int = 0
    full_days: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is not well, and what to do about it."""

    level: Level
    text: str
    advice: str


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

    @property
    def in_house(self) -> int:
        """Orders that were accepted and have not left."""
        return sum(one.orders for one in self.stages if one.stage is not Stage.HANDED_OVER)


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def alarms(queues: tuple[Depth, ...], trouble: Trouble, now: datetime) -> tuple[Alarm, ...]:
    """What is not well, the worst first; nothing where nothing is known to be wrong."""
    found: list[Alarm] = []
    for queue in queues:
        found += _queue_alarms(queue, now)
    if trouble.labels_unsure:
        found.append(
            Alarm(
                Level.ALARM,
                f"{_many(trouble.labels_unsure, 'label', 'labels')} may or may not have printed",
                "Look at the printer, then print again or confirm by scan.",
            )
        )
    for name in trouble.leases_lost:
        found.append(
            Alarm(
                Level.ALARM,
                f"Nobody speaks to {name}",
                "Start a gateway for its site, or look at its log.",
            )
        )
    found += _device_alarms(trouble)
    if trouble.missorts:
        found.append(
            Alarm(
                Level.WARNING,
                f"{_many(trouble.missorts, 'tote', 'totes')} went to another lane than decided",
                "The books follow the tote; carry it to its packing place.",
            )
        )
    if trouble.waves_refused:
        found.append(
            Alarm(
                Level.WARNING,
                f"{_many(trouble.waves_refused, 'wave', 'waves')} refused in the last hour",
                "The wave says why.",
            )
        )
    found += _stock_alarms(trouble)
    if trouble.holds:
        found.append(
            Alarm(
                Level.WARNING,
                f"{_many(trouble.holds, 'hold keeps', 'holds keep')} orders from being released",
                "Lift each when its reason is gone.",
            )
        )
    return tuple(sorted(found, key=lambda alarm: alarm.level is not Level.ALARM))


def _stock_alarms(trouble: Trouble) -> list[Alarm]:
    found: list[Alarm] = []
    if trouble.stock_below:
        found.append(
            Alarm(
                Level.WARNING,
                f"{_many(trouble.stock_below, 'item is', 'items are')} below safety stock",
                "Replenishment says what to get, and why.",
            )
        )
    if trouble.full_days:
        found.append(
            Alarm(
                Level.WARNING,
                f"{_many(trouble.full_days, 'day', 'days')} of the next two weeks will be too full",
                "Replenishment shows which; find more hands, or hours.",
            )
        )
    return found


def _device_alarms(trouble: Trouble) -> list[Alarm]:
    found = [
        Alarm(
            Level.ALARM, f"{name} does not answer", "See to its power, its cable and its address."
        )
        for name in trouble.devices_away
    ]
    found += [
        Alarm(
            Level.ALARM,
            f"Nothing that {name} says is taken: it counts its boots anew",
            f"After a new board or a reset: stowline device forget {name}",
        )
        for name in trouble.old_boots
    ]
    if trouble.labels_failed:
        text = f"{_many(trouble.labels_failed, 'label', 'labels')} could not be printed"
        found.append(Alarm(Level.ALARM, text, "The label says why; print it again."))
    if trouble.dead_letters:
        text = f"{_many(trouble.dead_letters, 'report', 'reports')} of devices could not be booked"
        advice = "Read why with stowline device dead, put it right, then replay."
        found.append(Alarm(Level.ALARM, text, advice))
    if trouble.bad_messages:
        text = f"Devices sent {_many(trouble.bad_messages, 'kind', 'kinds')} of bad messages"
        advice = "The device's page at /v1/devices shows the last of each."
        found.append(Alarm(Level.WARNING, text, advice))
    return found


def _queue_alarms(queue: Depth, now: datetime) -> list[Alarm]:
    age_max = JOB_AGE_MAX if queue.name == "jobs" else OUTBOX_AGE_MAX
    found: list[Alarm] = []
    if queue.dead:
        found.append(
            Alarm(
                Level.ALARM,
                f"{_many(queue.dead, 'message', 'messages')} given up: {queue.name}",
                "Read the last error, mend the receiver, then replay.",
            )
        )
    if queue.oldest_at is not None and now - queue.oldest_at > age_max:
        minutes = int((now - queue.oldest_at).total_seconds() // 60)
        found.append(
            Alarm(
                Level.WARNING,
                f"The oldest message has waited {minutes} min: {queue.name}",
                "See that the jobs role runs and that the receiver answers.",
            )
        )
    return found
