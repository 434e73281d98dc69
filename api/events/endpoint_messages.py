"""Webhook endpoints and what was delivered to them."""

from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.field import NO_NUL, Moment

Url = Annotated[str, StringConstraints(min_length=1, max_length=2_000), NO_NUL]
EventType = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
Types = Annotated[
    list[EventType],
    Field(min_length=1, max_length=100, description="types of events; `*` stands for all"),
]
State = Literal["waiting", "delivered", "dead"]
OVERLAP_S_MAX = 7 * 86_400


class EndpointRequest(BaseModel):
    """Where events go: an https address that anybody can reach."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://shop.example/hooks", "types": ["order.handed_over"]}]
        },
    )

    url: Url
    types: Types = ["*"]


class EndpointChange(BaseModel):
    """What becomes of an endpoint; a field that is left out stays as it is.

    Setting `active` to false lays aside what waits for it; after `active` true it can be replayed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"types": ["order.handed_over", "order.cancelled"]}]},
    )

    url: Url | None = None
    types: Types | None = None
    active: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "EndpointChange":
        if self.url is None and self.types is None and self.active is None:
            raise ValueError("name url, types or active")
        return self


class EndpointView(BaseModel):
    """An endpoint; `disabled_reason` says why it hears nothing any more.

    Until `old_secret_until` deliveries are signed with the secret before this one as well.
    """

    id: int
    url: str
    types: list[str]
    active: bool
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None
    disabled_reason: str | None
    old_secret_until: AwareDatetime | None


class EndpointList(BaseModel):
    """Endpoints in the order in which they were entered; `next` is null on the last page."""

    items: list[EndpointView]
    next: str | None


class EndpointEntered(BaseModel):
    """`secret` signs by Standard Webhooks and is shown only once."""

    id: int
    url: str
    types: list[str]
    secret: str


class SampleRequest(BaseModel):
    """Which type the sample says it is of."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"type": "order.handed_over"}]}
    )

    type: EventType = "webhook.test"


class DeliveryNumber(BaseModel):
    """The delivery to look at."""

    delivery_id: int


class SecretRequest(BaseModel):
    """How long the secret before the new one signs beside it, in seconds; 0: no more at all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_s": 3600}]})

    overlap_s: Annotated[int, Field(ge=0, le=OVERLAP_S_MAX)] = 86_400


class SecretView(BaseModel):
    """The new secret, which is shown only once."""

    secret: str
    old_secret_until: AwareDatetime | None


class ReplayRequest(BaseModel):
    """Since when, and which: what was given up or never sent, or what was delivered as well."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"since": "2010-12-01T08:00:00+00:00", "which": "missed"}]},
    )

    since: Moment
    which: Literal["missed", "all"] = "missed"


class ReplayView(BaseModel):
    """How many deliveries begin anew; where there are more, ask again with `next_since`."""

    replayed: int
    next_since: AwareDatetime | None


class DeliveryView(BaseModel):
    """A message to an endpoint, and what came of its last attempt.

    `next_try_at` is null while it stands behind an older one of its subject. A `test` is a sample.
    """

    id: int
    message_id: str
    type: str
    subject: str
    sequence: int | None
    test: bool
    state: State
    attempts: int
    replays: int
    created_at: AwareDatetime
    last_attempt_at: AwareDatetime | None
    last_status: int | None
    last_error: str | None
    next_try_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    dead_at: AwareDatetime | None


class DeliveryDetail(DeliveryView):
    """A delivery with the body that is sent."""

    payload: dict[str, object]


class DeliveryList(BaseModel):
    """Deliveries, the newest first; `next` is null on the last page.

    They are kept for `kept_days` days after they were delivered or given up.
    """

    items: list[DeliveryView]
    next: str | None
    kept_days: int
