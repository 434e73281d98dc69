"""/metrics tells what the database tells."""

from datetime import UTC, datetime

import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from api.metric import render_metrics
from wms.database.pool import act_as_staff
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
