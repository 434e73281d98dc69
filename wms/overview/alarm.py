"""What is not well in the house, and what to do about it."""

from datetime import datetime, timedelta

from wms.overview.pipeline import Alarm, Depth, Level, Trouble

# A message that nobody took for this long is worth a planner's look; retries take seconds.
OUTBOX_AGE_MAX = timedelta(minutes=5)
JOB_AGE_MAX = timedelta(minutes=5)
# So many devices at once have hardly all broken.
MANY_AWAY = 3


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
    found += _lease_alarms(trouble.leases_lost)
    found += _clock_alarms(trouble)
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
    found += _desk_alarms(trouble)
    if trouble.holds:
        found.append(
            Alarm(
                Level.WARNING,
                f"{_many(trouble.holds, 'hold keeps', 'holds keep')} orders from being released",
                "Lift each when its reason is gone.",
            )
        )
    return tuple(sorted(found, key=lambda alarm: alarm.level is not Level.ALARM))


def _clock_alarms(trouble: Trouble) -> list[Alarm]:
    found: list[Alarm] = []
    if trouble.promises_at_risk:
        late = f", {trouble.promises_late} too late already" if trouble.promises_late else ""
        orders = _many(trouble.promises_at_risk, "paid order waits", "paid orders wait")
        found.append(
            Alarm(
                Level.ALARM,
                f"{orders} for waybill and carrier{late}",
                "The order says in what happened what it waits for.",
            )
        )
    if trouble.holds_overdue:
        found.append(
            Alarm(
                Level.ALARM,
                f"{_many(trouble.holds_overdue, 'hold is', 'holds are')} overdue",
                "Whoever owns it has to look: the order says who.",
            )
        )
    return found


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


def _desk_alarms(trouble: Trouble) -> list[Alarm]:
    found: list[Alarm] = []
    if trouble.tickets_late:
        text = f"{_many(trouble.tickets_late, 'ticket waits', 'tickets wait')} longer than promised"
        found.append(Alarm(Level.ALARM, text, "Tickets has them on top of its queue.", "tickets"))
    if trouble.steps_overdue:
        text = _many(
            trouble.steps_overdue,
            "step takes longer than it may",
            "steps take longer than they may",
        )
        found.append(
            Alarm(Level.WARNING, text, "Tickets shows which, and whose they are.", "tickets")
        )
    return found


def _device_alarms(trouble: Trouble) -> list[Alarm]:
    found = _away_alarms(trouble.devices_away)
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


def _lease_alarms(devices: tuple[str, ...]) -> list[Alarm]:
    """One for each device; one for all where so many are spoken to by nobody."""
    advice = "Start a gateway for its site, or look at its log."
    if len(devices) >= MANY_AWAY:
        text = f"Nobody speaks to {len(devices)} devices: {', '.join(devices)}"
        return [Alarm(Level.ALARM, text, advice)]
    return [Alarm(Level.ALARM, f"Nobody speaks to {name}", advice) for name in devices]


def _away_alarms(devices: tuple[str, ...]) -> list[Alarm]:
    """One for each device; one for all where so many are away that it is no device's fault."""
    if len(devices) >= MANY_AWAY:
        text = f"{len(devices)} devices do not answer: {', '.join(devices)}"
        advice = "So many at once: see to the network, the broker and the gateway first."
        return [Alarm(Level.ALARM, text, advice)]
    advice = "See to its power, its cable and its address."
    return [Alarm(Level.ALARM, f"{name} does not answer", advice) for name in devices]


def _queue_alarms(queue: Depth, now: datetime) -> list[Alarm]:
    age_max = JOB_AGE_MAX if queue.name == "jobs" else OUTBOX_AGE_MAX
    found: list[Alarm] = []
    if queue.dead:
        found.append(
            Alarm(
                Level.ALARM,
                f"{_many(queue.dead, 'message', 'messages')} given up: {queue.name}",
                "See why, then send again, or let them rest.",
                f"given_up/{queue.name}",
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
