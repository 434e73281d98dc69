"""What a device is asked to do: written down, numbered when it is sent, and settled once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.equipment import commands as equipment
from wms.equipment import queries as equipment_rows
from wms.equipment.device import CommandEntry, CommandState
from wms.error import Conflict
from wms.journey.device.register import the_device
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """What a device said: all of an epoch up to `upto` is settled, `seq` with this result."""

    epoch: int
    upto: int
    seq: int | None
    ok: bool
    reason: str
    data: dict[str, object]


async def ask_device(
    connection: asyncpg.Connection,
    site: str,
    name: str,
    entry: CommandEntry,
    actor: str,
    now: datetime,
    request: StaffRequest | None = None,
) -> int:
    """Writes down what a device shall do, once for each request; answers the command's number.

    Raises:
        NotFound: `unknown_device`.
        Conflict: `device_not_in_service`, `in_flight`.
        Refused: `bad_command`, `idempotency_key_reused`.
    """
    entry.check()

    async def ask() -> Answer:
        row = await the_device(connection, site, name)
        if not row["in_service"]:
            raise Conflict("device_not_in_service", f"{name} is not in service.")
        expires_at = now + timedelta(seconds=entry.expires_s)
        number = await equipment.insert_command(
            connection, row["id"], entry.op, entry.args, actor, now, expires_at
        )
        return Answer(202, {"id": number})

    answer = await ask() if request is None else await once(connection, request, ask)
    number = answer.body["id"]
    assert isinstance(number, int)
    return number


async def commands_waiting(
    connection: asyncpg.Connection, site: str, now: datetime
) -> tuple[list[asyncpg.Record], int]:
    """The oldest open command of each device, and how many others were just given up as late."""
    expired = await equipment.expire_commands(connection, site, now)
    return await equipment_rows.open_commands(connection, site), expired


async def begin_command(
    connection: asyncpg.Connection, number: int, now: datetime
) -> tuple[int, int] | None:
    """Notes that a command leaves, and gives its epoch and number for good; None if it is over."""
    row = await equipment.begin_command(connection, number, now)
    return None if row is None else (row["epoch"], row["seq"])


async def settle_commands(
    connection: asyncpg.Connection, device_id: int, answer: DeviceAnswer, now: datetime
) -> int | None:
    """Settles what a device answered; the new epoch where it knows of numbers we never gave.

    We gave such numbers before a backup was put back: what is open is then numbered anew.
    """
    epoch = await equipment.begin_epoch(connection, device_id, answer.epoch, answer.upto)
    if epoch is not None:
        return epoch
    await equipment.settle_commands(
        connection,
        device_id,
        answer.epoch,
        answer.upto,
        answer.seq,
        CommandState.DONE if answer.ok else CommandState.REFUSED,
        answer.data,
        answer.reason or None,
        now,
    )
    return None
