"""Devices as planners enter, ask and read them, and what they sent that the house did not take."""

import json
from datetime import datetime
from typing import Annotated, Any, Self

import asyncpg
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.field import NO_NUL
from devices.link.message import can_be_kept
from wms.equipment.device import EXPIRES_S_MAX, CommandEntry, CommandState, DeviceEntry

OBJECT_CHARS_MAX = 8_000
Text = Annotated[str, Field(min_length=1, max_length=100), NO_NUL]
Address = Annotated[str, Field(max_length=300), NO_NUL]


def _check_object(value: dict[str, Any]) -> None:
    if not can_be_kept(value) or len(json.dumps(value)) > OBJECT_CHARS_MAX:
        raise ValueError(
            f"an object has at most {OBJECT_CHARS_MAX} characters of sound text and numbers"
        )


class DeviceRequest(BaseModel):
    """A device of a site; `class` is scanner, sorter, printer, handheld, light, scale or gate.

    The house serves the first three; of the others it keeps events and state, and sends them what
    it is told to. `address` is host:port where the house connects to it. One that is not in service
    is neither served nor let onto the broker.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {"class": "light", "area": "pick", "config": {"bin": "A-01-1"}},
                {
                    "class": "printer",
                    "area": "pack",
                    "address": "10.0.4.17:9100",
                    "config": {"place": "PACK-01"},
                },
            ]
        },
    )

    device_class: Text = Field(alias="class")
    area: Text = "floor"
    address: Address | None = None
    config: dict[str, Any] = {}
    in_service: bool = True

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        _check_object(self.config)
        return self

    def entry(self, site: str, name: str) -> DeviceEntry:
        """The device as the house knows it."""
        return DeviceEntry(
            site, self.area, self.device_class, name, self.address, self.config, self.in_service
        )


class DeviceView(BaseModel):
    """A device, what it last said of itself, and what stands open."""

    model_config = ConfigDict(populate_by_name=True)

    site: str
    area: str
    device_class: str = Field(serialization_alias="class")
    name: str
    address: str | None
    config: dict[str, Any]
    in_service: bool
    online: bool | None
    boot: int | None
    birth: dict[str, Any] | None
    link: str | None
    detail: dict[str, Any]
    changed_at: datetime | None
    credential_at: datetime | None
    served_by: str | None
    commands_open: int
    dead_letters: int
    bad_messages: int


class DeviceList(BaseModel):
    items: list[DeviceView]
    next: str | None


class CredentialView(BaseModel):
    """With what the device signs in to the broker; the password is shown only now."""

    username: str
    password: str


class CommandRequest(BaseModel):
    """What a device is asked to do; what it has not done after `expires_s` is given up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"op": "light", "args": {"colour": "green"}, "expires_s": 30}]
        },
    )

    op: Text
    args: dict[str, Any] = {}
    expires_s: Annotated[float, Field(ge=1, le=EXPIRES_S_MAX)] = 60

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        _check_object(self.args)
        return self

    def entry(self) -> CommandEntry:
        """The command as the house knows it."""
        return CommandEntry(self.op, self.args, self.expires_s)


class CommandView(BaseModel):
    """A command to a device; `answer` is what the device said, `reason` why it was not done."""

    id: int
    op: str
    args: dict[str, Any]
    state: CommandState
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    sends: int
    answered_at: datetime | None
    answer: dict[str, Any] | None
    reason: str | None


class DeadLetterView(BaseModel):
    """A telegram that the house has and whose effect it refused."""

    id: int
    device: str
    boot: int
    seq: int
    kind: str
    payload: dict[str, Any]
    received_at: datetime
    dead_reason: str
    dead_at: datetime
    replayed_at: datetime | None
    replayed_by: str | None


class BadMessageView(BaseModel):
    """Messages of a kind that were not taken; the payload is the beginning of the last one.

    What is no text in it is shown as `\\xff`.
    """

    device: str
    kind: str
    topic: str
    reason: str
    count: int
    payload: str
    payload_bytes: int
    first_at: datetime
    last_at: datetime


class FaultList(BaseModel):
    """What devices sent and the house did not take: dead letters by page, bad messages all."""

    dead_letters: list[DeadLetterView]
    next: str | None
    bad_messages: list[BadMessageView]


class DeviceDetail(DeviceView):
    """A device with its last commands and what is wrong with what it sent."""

    last_commands: list[CommandView]
    waiting_dead_letters: list[DeadLetterView]
    kinds_of_bad_messages: list[BadMessageView]


def device_view(row: asyncpg.Record) -> dict[str, Any]:
    """A device's row in the fields of a view."""
    renamed = {"device_class": row["class"], "served_by": row["holder"]}
    plain = {name: row[name] for name in DeviceView.model_fields if name not in renamed}
    return plain | renamed


def command_view(row: asyncpg.Record) -> CommandView:
    """A command as its row tells it."""
    return CommandView(**{name: row[name] for name in CommandView.model_fields})


def dead_letter_view(row: asyncpg.Record) -> DeadLetterView:
    """A dead letter as its row tells it."""
    return DeadLetterView(**{name: row[name] for name in DeadLetterView.model_fields})


def bad_message_view(row: asyncpg.Record) -> BadMessageView:
    """A bad message as its row tells it."""
    fields = {name: row[name] for name in BadMessageView.model_fields}
    fields["payload"] = row["payload"].decode("utf-8", "backslashreplace")
    return BadMessageView(**fields)
