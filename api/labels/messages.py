"""Labels as staff ask for them and see them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from wms.journey.label.wish import Wish
from wms.labelling.label import Format, State

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
Mark = Annotated[str, StringConstraints(max_length=20), NO_NUL]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]


class LabelRequest(BaseModel):
    """Labels of one format: codes of bins or totes, SKUs, or SSCCs of pallets or parcels.

    Each copy is a job of its own. Items are those of `shop`.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"format": "bin", "codes": ["A-01-01-1"], "printer": "PRN-01"}]
        },
    )

    format: Format
    codes: Annotated[list[Code], Field(min_length=1, max_length=200)]
    printer: Name
    copies: Annotated[int, Field(ge=1, le=100)] = 1
    shop: Name | None = None
    warehouse: Name | None = None
    lot: Mark = ""
    expires_on: date | None = None

    def wish(self) -> Wish:
        """The labels in the house's own words."""
        return Wish(**dict(self) | {"codes": tuple(self.codes)})


class VoidRequest(BaseModel):
    """Why a label counts no more."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "damaged"}]}
    )

    reason: Reason


class ReprintRequest(VoidRequest):
    """Why a label is printed anew, and where: on the same printer where none is named."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "damaged", "printer": "PRN-02"}]},
    )

    printer: Name | None = None


class VerificationRequest(BaseModel):
    """What was scanned from the label that nobody was sure of; null where there is no label."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"code": "340123450000000017"}]}
    )

    code: Code | None


class LabelView(BaseModel):
    """A label; `trouble` says why it is unsure or failed, `moved_from` which printer had it."""

    id: int
    format: Format
    code: str
    printer: str
    state: State
    trouble: str | None
    asked_by: str
    asked_at: datetime
    printed_at: datetime | None
    verified_by: str | None
    verified_at: datetime | None
    voided_by: str | None
    voided_at: datetime | None
    void_reason: str | None
    reprint_of: int | None
    moved_from: str | None
    moved_at: datetime | None
    order_id: int | None
    tracking_number: str | None


class LabelList(BaseModel):
    items: list[LabelView]
    next: str | None


class LabelsAnswer(BaseModel):
    labels: list[LabelView]


StateName = Literal["queued", "sent", "printed", "unsure", "failed", "void"]
