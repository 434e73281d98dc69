"""What a shop says and sees of itself."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL

Code = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]


class SuspicionWish(BaseModel):
    """Thresholds of suspicious orders; what is left out is as the house has it."""

    model_config = ConfigDict(extra="forbid")

    price_percent: Annotated[
        int | None, Field(ge=0, le=100, description="of the usual price; 0 for none")
    ] = None
    quantity_times: Annotated[
        int | None, Field(ge=0, le=10_000, description="of the usual line; 0 for none")
    ] = None
    quantity_least: Annotated[
        int | None, Field(ge=1, le=10**9, description="of fewer units a line is never too many")
    ] = None
    total: Annotated[
        bool | None, Field(description="whether another total than the lines' holds an order")
    ] = None
    payer: Annotated[
        bool | None, Field(description="whether a payer of another country than the address does")
    ] = None
    phone: Annotated[
        bool | None, Field(description="whether a telephone of another country does")
    ] = None


class ShopRequest(BaseModel):
    """`channel` names the stock that is kept for this shop's orders; empty for none of its own.

    `neutral_sender` stands on its parcels instead of the warehouse's name, and may be empty; null
    is the warehouse's name. `warehouses` are those that may ship its next orders; none named is all
    of them. Left out, either stays as it is.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"channel": "web"}]})

    channel: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")]
    neutral_sender: Annotated[str, StringConstraints(max_length=60), NO_NUL] | None = None
    warehouses: Annotated[list[Code], Field(max_length=100)] | None = None
    suspicion: (
        Annotated[
            SuspicionWish,
            Field(
                description="when its orders are held as suspicious, where not as the house does"
            ),
        ]
        | None
    ) = None


class ShopView(BaseModel):
    name: str
    channel: str
    neutral_sender: str | None
    warehouses: list[str]
    suspicion: SuspicionWish
    sandbox: bool
