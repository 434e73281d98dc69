"""What shops tell of payments, and see of them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.card import refuse_card_data
from api.field import NO_NUL, Moment
from api.orders.money import Closed, Money
from wms.orders.order import NewPayment


class PaymentRequest(Closed):
    """What the shop's payment gateway says; the full amount makes the order firm."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "state": "paid",
                    "amount": {"amount_minor": 1530, "currency": "GBP"},
                    "reference": "ch_3NqW",
                    "at": "2010-12-01T08:26:30+00:00",
                }
            ]
        },
    )

    state: Annotated[
        Literal["pending", "authorised", "paid", "failed", "partially_refunded", "refunded"],
        Field(description="a refund is of that much this time, in part or in full"),
    ]
    amount: Money
    reference: Annotated[
        str,
        StringConstraints(max_length=200),
        NO_NUL,
        Field(description="the gateway's own number, never a card's"),
    ] = ""
    at: Annotated[Moment, Field(description="when it happened at the gateway")]
    country: Annotated[
        str | None,
        StringConstraints(pattern=r"^[A-Z]{2}$"),
        Field(description="of whoever paid, where the gateway tells"),
    ] = None

    def payment(self) -> NewPayment:
        """The payment in the house's own words.

        Raises:
            Refused: `card_data`.
        """
        refuse_card_data(self)
        return NewPayment(
            self.state,
            self.amount.amount_minor,
            self.amount.currency,
            self.reference,
            self.at,
            self.country or "",
        )


class PaymentView(BaseModel):
    """What the gateway told: `at` is when it happened there, `received_at` when it came here."""

    state: str
    amount: Money
    reference: str
    at: AwareDatetime
    received_at: AwareDatetime
    country: str | None
