"""What shops send and get about digital goods."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment
from wms.digital.digital import CODE_MAX, CODES_MAX, QUOTA_MAX, NewCode


class CodeEntry(BaseModel):
    """One code, link or voucher; a link is an https address."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(min_length=1, max_length=CODE_MAX), NO_NUL]
    valid_until: Moment | None = None

    def new(self) -> NewCode:
        """The code in the house's own words."""
        return NewCode(self.code, self.valid_until)


class CodesRequest(BaseModel):
    """Codes for the vault; each that is refused is named, and the others are kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "codes": [
                        {"code": "XK3P-93TN-AA17"},
                        {"code": "XK3P-11QD-ZC02", "valid_until": "2030-12-31T23:59:59+00:00"},
                    ]
                }
            ]
        },
    )

    codes: Annotated[list[CodeEntry], Field(min_length=1, max_length=CODES_MAX)]


class CodeProblem(BaseModel):
    pointer: str
    code: str
    detail: str


class CodesAnswer(BaseModel):
    """How many codes were kept, which were not, and how many the vault has now."""

    sku: str
    added: int
    refused: list[CodeProblem]
    free: int


class VaultView(BaseModel):
    """How many codes of an item there are; what they say is told to their buyers only.

    `quota` is how many more its generator may make, null where it has none.
    """

    sku: str
    kind: str
    free: int
    assigned: int
    revoked: int
    expired: int
    generator_url: str | None
    quota: int | None


class GeneratorRequest(BaseModel):
    """Where codes are made when they are asked for, and how many more may be sold."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://codes.millane.example/make", "quota": 10000}]
        },
    )

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000), NO_NUL]
    quota: Annotated[int, Field(strict=True, ge=0, le=QUOTA_MAX)]


class GeneratorView(BaseModel):
    """A generator, with the secret that requests to it are signed with."""

    sku: str
    url: str
    quota: int
    secret: str


class DeliveryView(BaseModel):
    """A unit that a buyer has bought, and what became of it."""

    id: int
    order_id: int
    fulfilment_order_id: int
    sku: str
    name: str
    kind: str
    state: str
    generated: bool
    sent_times: int
    valid_until: AwareDatetime | None
    delivered_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    revoke_reason: str | None


class DeliveryList(BaseModel):
    items: list[DeliveryView]


class ResendRequest(BaseModel):
    """To which address, where the order's own is not the right one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "ada@merton.example"}]}
    )

    email: Annotated[str, StringConstraints(min_length=3, max_length=320), NO_NUL] | None = None


class RevokeRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "The payment was charged back."}]},
    )

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), NO_NUL
    ]
