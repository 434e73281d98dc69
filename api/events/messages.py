"""Webhook endpoints and events."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Words


class EndpointRequest(BaseModel):
    """Where events go; `types` may hold `*`."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000), NO_NUL]
    types: Annotated[list[Words], Field(min_length=1, max_length=100)] = ["*"]


class EndpointView(BaseModel):
    """`secret` signs by Standard Webhooks and is shown only once."""

    id: int
    url: str
    types: list[str]
    secret: str


class EventView(BaseModel):
    cursor: str
    type: str
    subject: str
    order_id: int | None
    data: dict[str, object]
    actor: str
    occurred_at: AwareDatetime


class EventList(BaseModel):
    """Events past the cursor asked for; `next` is the cursor to ask with the next time."""

    items: list[EventView]
    next: str
