"""What changes who speaks with a device, what is known of it, and what it is asked."""

from datetime import datetime

import asyncpg

from wms.equipment import command_store, fault_store, store, view_store


async def note_state(
    connection: asyncpg.Connection,
    device_id: int,
    *,
    online: bool | None = None,
    boot: int | None = None,
    link: str | None = None,
    detail: dict[str, object] | None = None,
    birth: dict[str, object] | None = None,
    now: datetime,
) -> bool:
    """Notes what is known of a device, and tells whether any of it is new.

    What is None stays as it was; nothing is written where nothing changed.
    """
    row = await view_store.upsert_state(
        connection, device_id, online, boot, birth, link, detail, now
    )
    return row is not None


take_lease = store.take_lease
end_lease = store.end_lease
end_leases_of = store.end_leases_of
lease_stands = store.lease_stands
enter_device = store.upsert_device
enter_gateway = store.insert_gateway
retire = store.retire
set_credential = store.upsert_credential
insert_command = command_store.insert_command
expire_commands = command_store.expire_commands
begin_command = command_store.begin_command
settle_commands = command_store.settle_commands
begin_epoch = command_store.begin_epoch
lay_aside = fault_store.set_dead
dead_letter_for_update = fault_store.dead_letter_for_update
set_replayed = fault_store.set_replayed
set_telegrams_aside = store.set_telegrams_aside
count_bad = fault_store.upsert_bad
