"""What shops send and get about their rules for gifts and inserts."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.field import NO_NUL, Moment
from api.orders.messages import Money
from api.quantity import Quantity
from wms.orders.insert import CONDITION_ITEMS_MAX, Attribute, InsertKind, InsertRule

Sku = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class InsertRuleRequest(BaseModel):
    """A rule, whole: all of its conditions have to be met, and one that is left out always is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "gift",
                    "sku": "TEA-SAMPLE",
                    "quantity": 1,
                    "total_min": {"amount_minor": 5000, "currency": "GBP"},
                    "countries": ["GB"],
                    "once_per_buyer": True,
                }
            ]
        },
    )

    kind: InsertKind
    sku: Sku
    quantity: Annotated[Quantity, Field(description="in the item's own unit")] = 1
    total_min: Annotated[
        Money | None, Field(description="what the goods come to at least, without postage")
    ] = None
    skus: Annotated[
        list[Sku], Field(max_length=CONDITION_ITEMS_MAX, description="one of them is ordered")
    ] = []
    attribute: Annotated[
        Attribute | None, Field(description="something of that kind is ordered")
    ] = None
    first_order: Annotated[bool, Field(strict=True, description="the buyer's first")] = False
    once_per_buyer: Annotated[bool, Field(strict=True)] = False
    countries: Annotated[list[Country], Field(max_length=250)] = []
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    active: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValueError("a rule ends after it has begun")
        return self

    def rule(self, code: str) -> InsertRule:
        """The rule in the house's own words."""
        total = self.total_min
        return InsertRule(
            code,
            self.kind,
            self.sku,
            self.quantity,
            None if total is None else total.amount_minor,
            None if total is None else total.currency,
            tuple(self.skus),
            self.attribute,
            self.first_order,
            self.once_per_buyer,
            tuple(self.countries),
            self.starts_at,
            self.ends_at,
            self.active,
        )


class InsertRuleView(BaseModel):
    code: str
    kind: InsertKind
    sku: str
    quantity: int | str
    total_min: Money | None
    skus: list[str]
    attribute: Attribute | None
    first_order: bool
    once_per_buyer: bool
    countries: list[str]
    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    active: bool


class InsertRuleList(BaseModel):
    items: list[InsertRuleView]
    next: str | None
