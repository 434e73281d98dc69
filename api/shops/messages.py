"""What a shop says and sees of itself."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL


class ShopRequest(BaseModel):
    """`channel` names the stock that is kept for this shop's orders; empty for none of its own.

    `neutral_sender` stands on its parcels instead of the warehouse's name, and may be empty; null
    is the warehouse's name. Left out, it stays as it is.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"channel": "web"}]})

    channel: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")]
    neutral_sender: Annotated[str, StringConstraints(max_length=60), NO_NUL] | None = None


class ShopView(BaseModel):
    name: str
    channel: str
    neutral_sender: str | None
    sandbox: bool
