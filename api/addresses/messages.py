"""What is asked and said of an address before goods move."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.orders.messages import Address


class AddressRequest(Address):
    """An address as an order's `ship_to` has it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Ada Merton",
                    "lines": ["12 Mill Lane"],
                    "postal_code": "lu12ab",
                    "city": "Luton",
                    "country": "GB",
                    "phone": "01582 123456",
                }
            ]
        },
    )


class FindingView(BaseModel):
    """Something about one field: a doubt holds an order, a note does not."""

    pointer: str
    code: str
    detail: str
    severity: Literal["doubt", "note"]


class AddressView(BaseModel):
    """An address in its country's own spelling, and the lines of its envelope."""

    name: str
    lines: list[str]
    postal_code: str
    city: str
    country: str
    region: str
    district: str
    phone: str
    formatted: list[str]


class AddressAnswer(BaseModel):
    """An order to a doubtful address is accepted and held until its buyer has looked."""

    verdict: Literal["ok", "doubtful"]
    findings: list[FindingView]
    normalised: AddressView
