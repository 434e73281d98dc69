"""What /metrics says: gauges read from the database, so that every process tells the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, Metric

from wms.equipment.queries import DeviceWatch
from wms.handoff.queries import Desk
from wms.overview.pipeline import WAIT_BOUNDS_S, Overview, Waited

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render_metrics(
    overview: Overview, watch: DeviceWatch | None = None, desk: Desk | None = None
) -> bytes:
    """The overview, the watch over devices and the tickets' desk as Prometheus reads them.

    Counters of a process would differ from worker to worker and die with it; whatever the
    database can tell is told from there, in every role and after every restart.
    """
    registry = CollectorRegistry()
    _queues(registry, overview)
    orders = _gauge(registry, "stowline_orders", "Fulfilment orders in a stage", "stage")
    oldest = _gauge(
        registry, "stowline_order_age_seconds", "Age of the oldest order in a stage", "stage"
    )
    for stage in overview.stages:
        orders.labels(stage.stage.value).set(stage.orders)
        oldest.labels(stage.stage.value).set(_age_s(stage.oldest_at, overview.at))
    handed_over = _gauge(
        registry, "stowline_orders_handed_over", "Orders handed over of late", "window"
    )
    handed_over.labels("1h").set(overview.handed_over_hour)
    handed_over.labels("24h").set(overview.handed_over_day)
    waybill = _gauge(
        registry,
        "stowline_paid_to_waybill_seconds",
        "From payment to waybill, over the last day; absent where no order was paid",
        "quantile",
    )
    for quantile, value_ms in (("0.5", overview.waybill_p50_ms), ("0.99", overview.waybill_p99_ms)):
        if value_ms is not None:
            waybill.labels(quantile).set(value_ms / 1000)
    registry.register(_Waits(overview.waited))
    trouble = overview.trouble
    overdue = _gauge(registry, "stowline_holds_overdue", "Standing holds whose time is over")
    overdue.set(trouble.holds_overdue)
    risk = _gauge(
        registry, "stowline_promises_at_risk", "Paid orders without waybill and carrier", "state"
    )
    risk.labels("waiting").set(trouble.promises_at_risk - trouble.promises_late)
    risk.labels("late").set(trouble.promises_late)
    alarms = _gauge(registry, "stowline_alarms", "Alarms that somebody should look at")
    alarms.set(len(overview.alarms))
    labels = _gauge(registry, "stowline_labels_in_doubt", "Labels a person has to see to", "state")
    labels.labels("unsure").set(overview.trouble.labels_unsure)
    labels.labels("failed").set(overview.trouble.labels_failed)
    away = _gauge(registry, "stowline_devices_away", "Sorters and printers that do not answer")
    away.set(len(overview.trouble.devices_away))
    old = _gauge(registry, "stowline_devices_old_boot", "Devices that count their boots anew")
    old.set(len(overview.trouble.old_boots))
    if watch is not None:
        _devices(registry, watch)
    if desk is not None:
        _desk(registry, desk, overview.at)
    return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class _Waits:
    """How long paid orders of the last day waited, as histograms that may shrink."""

    waited: tuple[Waited, ...]

    def collect(self) -> Iterable[Metric]:
        """One histogram a clock."""
        for one in self.waited:
            bounds = (*map(str, WAIT_BOUNDS_S), "+Inf")
            buckets = list(zip(bounds, (*map(float, one.within), float(one.orders)), strict=True))
            yield GaugeHistogramMetricFamily(
                f"stowline_paid_to_{one.clock}_wait_seconds",
                f"From payment to {one.clock}, orders of the last day",
                buckets=buckets,
                gsum_value=one.sum_s,
            )


def _devices(registry: CollectorRegistry, watch: DeviceWatch) -> None:
    devices = _gauge(
        registry, "stowline_devices", "Devices in service", "site", "device_class", "state"
    )
    for labels, count in watch.devices.items():
        devices.labels(*labels).set(count)
    bad = _gauge(
        registry, "stowline_device_bad_messages", "Messages that were not taken", "site", "kind"
    )
    for kind, count in watch.bad_messages.items():
        bad.labels(*kind).set(count)
    dead = _gauge(registry, "stowline_device_dead_letters", "Telegrams whose effect was refused")
    dead.set(watch.dead_letters)
    commands = _gauge(registry, "stowline_device_commands_open", "Commands no device has settled")
    commands.set(watch.commands_open)


def _desk(registry: CollectorRegistry, desk: Desk, now: datetime) -> None:
    tickets = _gauge(registry, "stowline_tickets", "Tickets that want an answer", "urgency")
    late = _gauge(registry, "stowline_tickets_late", "Tickets past their limit", "urgency")
    age = _gauge(
        registry, "stowline_ticket_age_seconds", "How long the first ticket waits", "urgency"
    )
    for row in desk.tickets:
        tickets.labels(row.urgency).set(row.standing)
        late.labels(row.urgency).set(row.late)
        age.labels(row.urgency).set(_age_s(row.oldest_at, now))
    steps = _gauge(
        registry, "stowline_steps_overdue", "Steps that take longer than they may", "step", "role"
    )
    for step in desk.steps:
        steps.labels(step.step, step.role).set(step.overdue)


def _queues(registry: CollectorRegistry, overview: Overview) -> None:
    waiting = _gauge(registry, "stowline_queue_waiting", "What waits in a queue", "queue")
    dead = _gauge(registry, "stowline_queue_dead", "What a queue gave up", "queue")
    age = _gauge(
        registry, "stowline_queue_age_seconds", "Age of the first that waits in a queue", "queue"
    )
    for queue in overview.queues:
        waiting.labels(queue.name).set(queue.waiting)
        dead.labels(queue.name).set(queue.dead)
        age.labels(queue.name).set(_age_s(queue.oldest_at, overview.at))


def _gauge(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Gauge:
    return Gauge(name, about, labels, registry=registry)


def _age_s(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
