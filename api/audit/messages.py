"""The audit log and personal data, as they are asked for and told."""

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.field import NO_NUL, ROW_MAX

Mail = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=320, pattern=r"^[^@]+@[^@]+$"
    ),
    NO_NUL,
]


class EntryView(BaseModel):
    """Who did what, when, to which object, in which request; `batch` and `line` are its place."""

    tenant: int
    batch: int
    line: int
    at: AwareDatetime
    actor: str
    action: str
    object: str
    order_id: int | None
    request_id: str | None
    source: str
    detail: dict[str, Any]


class EntryList(BaseModel):
    """Entries of the log, the newest first; what happened just now is in it within seconds."""

    items: list[EntryView]
    next: str | None


class ReadView(BaseModel):
    """Who saw an order's personal data; `object` is `orders` where it was one of a list."""

    at: AwareDatetime
    reader: str
    how: str
    object: str
    request_id: str | None


class ReadList(BaseModel):
    """Who saw an order's personal data, the newest first."""

    items: list[ReadView]
    next: str | None


class BuyerRequest(BaseModel):
    """Whose data it is about: whoever has a mail address, or whoever is behind one order."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "ada@example.com"}]}
    )

    email: Mail | None = None
    order_id: Annotated[int, Field(strict=True, ge=1, le=ROW_MAX)] | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> Self:
        """Refuses none and both."""
        if (self.email is None) == (self.order_id is None):
            raise ValueError("name either an email or an order_id")
        return self


class ErasedOrder(BaseModel):
    id: int
    external_order_id: str


class ErasureView(BaseModel):
    """The orders whose buyer is forgotten; values: how many stored values gave way for it."""

    orders: list[ErasedOrder]
    values: int


class KeptView(BaseModel):
    """Something that is kept of a buyer; `where` is its table and column."""

    where: str
    order_id: int | None
    data: Any


class ExportView(BaseModel):
    """All that is kept of a buyer, for the buyer: orders as the shop reads them, and the rest."""

    orders: list[dict[str, Any]]
    kept: list[KeptView]
