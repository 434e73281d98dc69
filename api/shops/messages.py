"""What a shop says and sees of itself."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class ShopRequest(BaseModel):
    """`channel` names the stock that is kept for this shop's orders; empty for none of its own."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"channel": "web"}]})

    channel: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")]


class ShopView(BaseModel):
    name: str
    channel: str
    sandbox: bool
