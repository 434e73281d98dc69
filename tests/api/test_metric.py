"""/metrics tells what the database tells."""

from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from api.metric import render_metrics
from wms.database.pool import act_as_staff
from wms.equipment.queries import watch_devices
from wms.overview.pipeline import Waited
from wms.overview.queries import overview


async def test_a_waiting_delivery_is_counted_and_aged(connection: asyncpg.Connection) -> None:
    tenant = await connection.fetchval("insert into tenant (name) values ('T') returning id")
    await connection.execute(
        "insert into outbox (tenant_id, topic, target, subject, message_id, payload, created_at) "
        "values ($1, 'webhook', 1, 'order/1', 'm-1', '{}', '2010-12-01 08:00+00')",
        tenant,
    )
    await act_as_staff(connection)
    text = render_metrics(await overview(connection, datetime(2010, 12, 1, 8, 1, tzinfo=UTC)))
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }
    assert told["stowline_queue_waiting", "webhooks"] == 1
    assert told["stowline_queue_age_seconds", "webhooks"] == 60
    assert told["stowline_queue_waiting", "labels"] == 0
    assert ("stowline_paid_to_waybill_seconds", "0.5") not in told


async def test_what_devices_suffer_from_has_a_gauge_each(connection: asyncpg.Connection) -> None:
    now = datetime(2010, 12, 1, 8, 1, tzinfo=UTC)
    await connection.execute(
        """
        with printer as (insert into device (site, area, class, name, address)
                values ('gauges', 'pack', 'printer', 'PRN-01', 'h:1') returning id),
            scanner as (insert into device (site, area, class, name)
                values ('gauges', 'sort', 'scanner', 'SCN-01')),
            gone as (insert into device_state (device_id, online, changed_at)
                select id, false, now() from printer),
            bad as (insert into bad_message (site, device, kind, topic, reason, payload,
                    payload_bytes, count, first_at, last_at)
                select 'gauges', 'gauges/sort/scanner/SCN-01', kind, '', '', '', 0, 9, $1, $1
                from unnest(array['old_boot', 'event']) kind),
            dead as (insert into device_inbox (device, boot, seq, kind, payload, dead_reason,
                    dead_at)
                values ('gauges/sort/scanner/SCN-01', 1, 1, 'scan', '{}', 'why', $1))
        insert into label_job (printer, state, asked_by, asked_at, format, code)
        values ('PRN-01', 'failed', 'test', $1, 'bin', 'A-01')
        """,
        now,
    )
    await act_as_staff(connection)
    seen, watch = await overview(connection, now), await watch_devices(connection)
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(render_metrics(seen, watch).decode())
        for sample in family.samples
    }
    assert told["stowline_labels_in_doubt", "failed"] == 1
    assert told["stowline_labels_in_doubt", "unsure"] == 0
    assert told["stowline_devices_away",] == told["stowline_devices_old_boot",] == 1
    assert told["stowline_device_dead_letters",] == 1
    assert told["stowline_device_bad_messages", "event", "gauges"] == 9
    assert seen.trouble.bad_messages == 1 and len(seen.alarms) == 5


async def test_waits_of_paid_orders_are_a_histogram_and_clocks_that_ran_out_are_counted(
    connection: asyncpg.Connection,
) -> None:
    now = datetime(2010, 12, 1, 8, 30, tzinfo=UTC)
    await act_as_staff(connection)
    quiet = await overview(connection, now)
    waited = tuple(Waited(one.clock, 3, 70.5, (1, 1, 1, 1, 2, 3, 3, 3)) for one in quiet.waited)
    trouble = replace(quiet.trouble, holds_overdue=4, promises_at_risk=3, promises_late=1)
    text = render_metrics(replace(quiet, waited=waited, trouble=trouble)).decode()
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for clock in ("waybill", "pickup"):
        name = f"stowline_paid_to_{clock}_wait_seconds"
        assert told[f"{name}_bucket", "1.0"] == 1
        assert told[f"{name}_bucket", "60.0"] == 2
        assert told[f"{name}_bucket", "+Inf"] == 3
        assert told[f"{name}_gsum",] == 70.5
    assert told["stowline_holds_overdue",] == 4
    assert told["stowline_promises_at_risk", "waiting"] == 2
    assert told["stowline_promises_at_risk", "late"] == 1
