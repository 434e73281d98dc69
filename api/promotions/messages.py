"""What shops send and get about promotions."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment
from api.orders.messages import Money
from wms.items.item import canonical_sku
from wms.promise.promotion import ITEMS_MAX, PromotedItem, Promotion

Sku = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL]


class PromotedItemMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Sku
    price: Money | None = None


class PromotionRequest(BaseModel):
    """What is offered cheaper or louder; without items, all that the shop has."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Advent",
                    "starts_at": "2010-12-01T00:00:00+00:00",
                    "ends_at": "2010-12-25T00:00:00+00:00",
                    "items": [{"sku": "85123A", "price": {"amount_minor": 199, "currency": "GBP"}}],
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]
    starts_at: Moment
    ends_at: Moment
    items: Annotated[list[PromotedItemMessage], Field(max_length=ITEMS_MAX)] = []

    def promotion(self, code: str) -> Promotion:
        """The promotion in the house's own words."""
        return Promotion(
            code,
            self.name,
            self.starts_at,
            self.ends_at,
            tuple(
                PromotedItem(
                    canonical_sku(item.sku),
                    None if item.price is None else item.price.amount_minor,
                    "" if item.price is None else item.price.currency,
                )
                for item in self.items
            ),
        )


class PromotionView(BaseModel):
    code: str
    name: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    items: list[PromotedItemMessage]


class PromotionList(BaseModel):
    items: list[PromotionView]
    next: str | None
