"""What shops send and get when they edit an order."""

from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.field import NO_NUL
from api.orders.messages import LINES_MAX, Address, Closed, Customer, Money, OrderLine
from api.orders.view_messages import OrderView
from api.quantity import Target
from wms.orders.edit import Edit, LineChange

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), NO_NUL]


class LineEdit(Closed):
    """A line by its number: how much of it shall ship, or what one unit costs from now on."""

    line: Annotated[int, Field(strict=True, ge=1, le=10 * LINES_MAX)]
    quantity: Annotated[
        Target | None, Field(description="in the unit that was ordered; 0 takes the line out")
    ] = None
    unit_price: Money | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.quantity is None and self.unit_price is None:
            raise ValueError("a line is given another quantity, another unit_price, or both")
        return self

    def change(self) -> LineChange:
        """The change in the house's own words."""
        price = None if self.unit_price is None else self.unit_price.amount_minor
        return LineChange(self.line, self.quantity, price)


class EditRequest(Closed):
    """What shall be otherwise; what is left out stays as it is. Prices are in its currency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reason": "the buyer asked for two more",
                    "lines": [{"line": 1, "quantity": 8}],
                    "ship_to": {
                        "name": "Ada Merton",
                        "lines": ["14 Mill Lane"],
                        "postal_code": "LU1 2AB",
                        "city": "Luton",
                        "country": "GB",
                    },
                }
            ]
        },
    )

    reason: Reason = ""
    ship_to: Address | None = None
    customer: Annotated[
        Customer | None, Field(description="the buyer, whole: what is left out is forgotten")
    ] = None
    service: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] | None = None
    lines: Annotated[list[LineEdit], Field(default_factory=list, max_length=LINES_MAX)]
    add: Annotated[
        list[OrderLine],
        Field(default_factory=list, max_length=LINES_MAX, description="lines that are new"),
    ]

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.ship_to or self.customer or self.service or self.lines or self.add):
            raise ValueError("an edit changes something")
        return self

    def currencies(self) -> list[tuple[str, str]]:
        """The currency of each price that is said, with where it was said."""
        said = [
            (line.unit_price.currency, f"/lines/{index}/unit_price/currency")
            for index, line in enumerate(self.lines)
            if line.unit_price is not None
        ]
        return said + [
            (line.unit_price.currency, f"/add/{index}/unit_price/currency")
            for index, line in enumerate(self.add)
        ]

    def edit(self) -> Edit:
        """The edit in the house's own words."""
        return Edit(
            self.reason,
            None if self.ship_to is None else self.ship_to.plain(),
            None if self.customer is None else self.customer.model_dump(),
            self.service,
            tuple(line.change() for line in self.lines),
            tuple(line.line() for line in self.add),
            tuple(self.currencies()),
        )


class EditView(BaseModel):
    """An edit that was made: what it replaced, and what it left to pay or to give back."""

    id: int
    order_id: int
    version: int
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    total_before: Money
    total: Money
    payment_due: Annotated[Money, Field(description="of the order, after this edit")]
    refund_due: Annotated[Money, Field(description="of the order, after this edit")]
    made_by: str
    made_at: AwareDatetime


class EditedView(EditView):
    """An edit with the order as it is after it."""

    order: OrderView


class EditList(BaseModel):
    items: list[EditView]
