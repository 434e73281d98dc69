"""Money, and messages that are closed to what they do not know."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AMOUNT_MAX = 10**12


class Closed(BaseModel):
    """A message that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class Money(Closed):
    amount_minor: Annotated[int, Field(strict=True, ge=0, le=AMOUNT_MAX)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
