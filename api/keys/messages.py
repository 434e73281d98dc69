"""Keys, as their shop sees them."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL

ScopeName = Annotated[str, StringConstraints(min_length=1, max_length=40), NO_NUL]


class KeyRequest(BaseModel):
    """A key beside the one that asks, to take its place or for a narrower use.

    `scopes` left out are those of the key that asks, an empty list is all that the shop has;
    `sandbox` left out is as the key that asks. A shop has two keys at most, and two of its sandbox.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"scopes": ["orders:write", "inventory:read"]}]},
    )

    scopes: Annotated[list[ScopeName], Field(max_length=100)] | None = None
    sandbox: bool | None = None


class KeyMade(BaseModel):
    """`key` is shown only here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "sk_5f1c0ab2e9d4_Zm9yLXlvdXItZXllcy1vbmx5LWFuZC1vbmNlLW9ubHk",
                    "prefix": "5f1c0ab2e9d4",
                    "scopes": ["orders:write", "inventory:read"],
                    "sandbox": False,
                }
            ]
        }
    )

    key: str
    prefix: str
    scopes: list[str]
    sandbox: bool


class KeyView(BaseModel):
    """A key by its `prefix`; no scopes are all scopes. `last_used_at` is true to the hour.

    `requests_per_s` and `burst` are its own limit; null is the house's.
    """

    prefix: str
    scopes: list[str]
    sandbox: bool
    current: bool
    created_at: AwareDatetime
    made_by: str
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    requests_per_s: float | None
    burst: int | None


class KeyList(BaseModel):
    """The shop's keys, the oldest first, those that were revoked among them."""

    items: list[KeyView]
