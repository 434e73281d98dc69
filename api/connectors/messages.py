"""What shops say of their connectors, and what they are told of what came."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from api.orders.messages import Closed
from wms.orders.connector import DeliveryState, Kind
from wms.orders.order import Fulfilment

SECRET_MIN, SECRET_MAX = 8, 200
SERVICES_MAX = 100
Secret = Annotated[
    str,
    StringConstraints(min_length=SECRET_MIN, max_length=SECRET_MAX, pattern=r"^[\x21-\x7e]+$"),
    NO_NUL,
]
Service = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
MethodName = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]


class Wishes(Closed):
    """What a message of theirs does not say."""

    backorder: Annotated[
        bool, Field(strict=True, description="goods that are on their way will do")
    ] = False
    fulfilment: Annotated[Fulfilment, Field(description="as of an order of the API")] = (
        Fulfilment.SHIP_TOGETHER
    )
    language: Annotated[
        Literal["en", "zh"], Field(description="of buyers' news, where a message says none")
    ] = "en"
    services: Annotated[
        dict[MethodName, Service],
        Field(
            default_factory=dict,
            max_length=SERVICES_MAX,
            description="our service for a shipping method of theirs, by its code or its title; "
            "`standard` for all others",
        ),
    ]


class ConnectorRequest(Wishes):
    """A shop system whose webhooks are taken."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "shopify",
                    "name": "tea-house.myshopify.com",
                    "secret": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                    "services": {"Express": "express"},
                }
            ]
        },
    )

    kind: Kind
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NO_NUL
    ]
    secret: Annotated[
        Secret | None,
        Field(description="that the system signs with; without one, one is drawn and told once"),
    ] = None

    def wishes(self) -> dict[str, object]:
        """What is kept beside kind, name and secret."""
        return self.model_dump(mode="json", include=set(Wishes.model_fields))


class SecretRequest(Closed):
    """Another secret, as when the system drew a new one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"secret": "ffeeddccbbaa99887766554433221100"}]},
    )

    secret: Secret


class ConnectorView(BaseModel):
    id: int
    kind: Kind
    name: str
    path: Annotated[str, Field(description="where its webhooks go")]
    topics: Annotated[list[str], Field(description="of its webhooks, which are understood")]
    sandbox: bool
    backorder: bool
    fulfilment: Fulfilment
    language: str
    services: dict[str, str]


class NewConnectorView(ConnectorView):
    """A connector as it was made; `secret` is that which was drawn here, and shown only now."""

    secret: str | None


class ConnectorList(BaseModel):
    items: list[ConnectorView]


class MessageView(BaseModel):
    """One message of theirs. What it said is kept sealed until it is done, and never shown."""

    id: int
    their_delivery: str
    topic: str
    their_id: Annotated[str, Field(description="of the order, as their system has it")]
    state: DeliveryState
    did: list[str]
    code: Annotated[str | None, Field(description="why it was refused, or what it waits for")]
    detail: str | None
    pointer: Annotated[str | None, Field(description="into their body")]
    attempts: int
    order_id: int | None
    received_at: AwareDatetime
    done_at: AwareDatetime | None


class MessageList(BaseModel):
    items: list[MessageView]
    next: str | None


class HeardView(BaseModel):
    """What is told to their system: the message is kept, or there is nothing in it for us."""

    message_id: int | None
    state: Literal["waiting", "done", "refused", "ignored"]
