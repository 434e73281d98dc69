"""The devices of a site, as planners look after them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import HouseOf, OptionalKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.devices.messages import (
    CommandRequest,
    CommandView,
    CredentialView,
    DeadLetterView,
    DeviceDetail,
    DeviceList,
    DeviceRequest,
    DeviceView,
    FaultList,
    bad_message_view,
    command_view,
    dead_letter_view,
    device_view,
)
from api.field import NO_NUL, RowId
from api.orders.routes import REFUSALS
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.journey.device import dead_letter, order, register
from wms.journey.request import StaffRequest
from wms.journey.wave.sort_effect import EFFECTS
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/devices", tags=["devices"])
faults = APIRouter(prefix="/v1/device-faults", tags=["devices"])
Name = Annotated[str, Path(min_length=1, max_length=64), NO_NUL]
Site = Annotated[str | None, Query(max_length=64), NO_NUL]
_SHOWN = 20


@router.get("", response_model=DeviceList, responses=REFUSALS)
async def get_devices(
    house: HouseOf,
    _planner: PlannerOf,
    site: Site = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> DeviceList:
    """The devices of a site, by default the service's own, the oldest first."""
    async with staff_transaction(house.pool) as connection:
        rows = await equipment.devices_after(
            connection, _site(house, site), row_after(after), limit
        )
    return DeviceList(
        items=[DeviceView(**device_view(row)) for row in rows],
        next=cursor(rows[-1]["id"]) if len(rows) == limit else None,
    )


@router.get("/{name}", response_model=DeviceDetail, responses=REFUSALS)
async def get_device(
    house: HouseOf, _planner: PlannerOf, name: Name, site: Site = None
) -> DeviceDetail:
    """A device: its state, its last commands, and what it sent that the house did not take."""
    async with staff_transaction(house.pool) as connection:
        row = await register.the_device(connection, _site(house, site), name)
        topic_name = "/".join((row["site"], row["area"], row["class"], row["name"]))
        commands = await equipment.commands_before(connection, row["id"], None, _SHOWN)
        dead = await equipment.dead_letters(connection, topic_name, 0, _SHOWN)
        bad = await equipment.bad_messages(connection, row["site"], topic_name)
    return DeviceDetail(
        **device_view(row),
        last_commands=[command_view(one) for one in commands],
        waiting_dead_letters=[dead_letter_view(one) for one in dead],
        kinds_of_bad_messages=[bad_message_view(one) for one in bad],
    )


@router.put("/{name}", response_model=DeviceView, responses=REFUSALS)
async def put_device(
    house: HouseOf, _planner: PlannerOf, name: Name, body: DeviceRequest, site: Site = None
) -> DeviceView:
    """Enters a device, or changes it; the gateway follows within seconds."""
    wanted = _site(house, site)
    async with staff_transaction(house.pool) as connection:
        await register.enter_device(connection, body.entry(wanted, name))
        row = await register.the_device(connection, wanted, name)
    return DeviceView(**device_view(row))


@router.post(
    "/{name}/credentials", status_code=201, response_model=CredentialView, responses=REFUSALS
)
async def post_credential(
    house: HouseOf, planner: PlannerOf, name: Name, site: Site = None
) -> CredentialView:
    """Gives a device a new password for the broker, which ends its last one.

    It is shown only now. The broker takes it with the files of `stowline device access`.
    """
    async with staff_transaction(house.pool) as connection:
        made = await register.issue_credential(
            connection, _site(house, site), name, planner.actor, house.now()
        )
    return CredentialView(username=made.username, password=made.password)


@router.post("/{name}/commands", status_code=202, response_model=CommandView, responses=REFUSALS)
async def post_command(
    house: HouseOf,
    planner: PlannerOf,
    key: OptionalKey,
    name: Name,
    body: CommandRequest,
    site: Site = None,
) -> CommandView:
    """Asks a device for something, which it does once, in the order of asking, or not at all.

    With an `Idempotency-Key` a repeat asks for nothing more.
    """
    wanted = _site(house, site)
    request = None
    if key is not None:
        said = body_hash([wanted, name, body.model_dump(mode="json")])
        request = StaffRequest(planner, key, "device/command", said)
    async with staff_transaction(house.pool) as connection:
        number = await order.ask_device(
            connection, wanted, name, body.entry(), planner.actor, house.now(), request
        )
        row = await equipment.command(connection, number)
    assert row is not None, "what was just asked is there"
    return command_view(row)


@faults.get("", response_model=FaultList, responses=REFUSALS)
async def get_faults(
    house: HouseOf,
    _planner: PlannerOf,
    site: Site = None,
    replayed: bool = False,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> FaultList:
    """What the house did not take: dead letters of all sites, and a site's bad messages."""
    async with staff_transaction(house.pool) as connection:
        dead = await equipment.dead_letters(
            connection, None, row_after(after), limit, replayed=replayed
        )
        bad = await equipment.bad_messages(connection, _site(house, site))
    return FaultList(
        dead_letters=[dead_letter_view(row) for row in dead],
        next=cursor(dead[-1]["id"]) if len(dead) == limit else None,
        bad_messages=[bad_message_view(row) for row in bad],
    )


@faults.post("/{telegram_id}/replay", response_model=DeadLetterView, responses=REFUSALS)
async def post_replay(house: HouseOf, planner: PlannerOf, telegram_id: RowId) -> DeadLetterView:
    """Tries a dead letter's effect again, once: one that was replayed is left as it is.

    Where it is refused again, `replayed_at` stays empty and the reason is the new one.
    """
    async with staff_transaction(house.pool) as connection:
        row = await dead_letter.replay(connection, telegram_id, EFFECTS, planner.actor, house.now())
    return dead_letter_view(row)


def _site(house: House, site: str | None) -> str:
    return house.settings.site if site is None else site
