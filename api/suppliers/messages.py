"""Suppliers, as shops keep them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from api.orders.money import AMOUNT_MAX, Money
from api.quantity import Quantity
from wms.replenishment.purchase import LEAD_TIME_DAYS_MAX, OrderTerms, Supplier, Terms

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NO_NUL
]
Days = Annotated[int, Field(strict=True, ge=0, le=LEAD_TIME_DAYS_MAX)]
BREAKS_MAX = 50
# A thousand tonnes and ten thousand cubic metres: more than any load by road.
Amount = Annotated[int, Field(strict=True, ge=1, le=AMOUNT_MAX)]
TruckMass = Annotated[int, Field(strict=True, ge=1, le=10**9)]
TruckVolume = Annotated[int, Field(strict=True, ge=1, le=10**10)]


class SupplierRequest(BaseModel):
    """Somebody goods are bought from; `tolerance_percent` more than ordered may come.

    What an order costs, has to come to and fills may be left out: then each item is ordered for
    itself, for as long as the house says.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Potteries of Stoke",
                    "currency": "GBP",
                    "lead_time_days": 12,
                    "tolerance_percent": 5,
                    "order_cost_minor": 2_500,
                    "minimum_order_minor": 50_000,
                    "truck_mass_g": 800_000,
                    "truck_volume_ml": 6_000_000,
                }
            ]
        },
    )

    name: Name
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    lead_time_days: Days
    tolerance_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    order_cost_minor: Annotated[
        Amount | None, Field(description="What one more order costs, whatever is in it.")
    ] = None
    minimum_order_minor: Annotated[
        Amount | None, Field(description="The least that a whole order has to come to.")
    ] = None
    truck_mass_g: Annotated[
        TruckMass | None, Field(description="What one truck takes, which orders are filled up to.")
    ] = None
    truck_volume_ml: Annotated[
        TruckVolume | None, Field(description="The same by volume, in millilitres.")
    ] = None

    def supplier(self, code: str) -> Supplier:
        """The supplier in the house's own words."""
        return Supplier(
            code,
            self.name,
            self.currency,
            self.lead_time_days,
            self.tolerance_percent,
            OrderTerms(
                self.order_cost_minor,
                self.minimum_order_minor,
                self.truck_mass_g,
                self.truck_volume_ml,
            ),
        )


class PriceBreakRequest(BaseModel):
    """The price of one whole unit from a quantity on, in minor units of the supplier's currency."""

    model_config = ConfigDict(extra="forbid")

    from_quantity: Quantity
    price_minor: Annotated[int, Field(strict=True, ge=0, le=AMOUNT_MAX)]


class SupplierItemRequest(BaseModel):
    """What the supplier sells of an item; without a lead time of its own, the supplier's holds."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "supplier_sku": "STK-7781",
                    "minimum": 24,
                    "multiple": 12,
                    "prices": [
                        {"from_quantity": 1, "price_minor": 120},
                        {"from_quantity": 96, "price_minor": 95},
                    ],
                }
            ]
        },
    )

    supplier_sku: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=100), NO_NUL
    ] = ""
    lead_time_days: Days | None = None
    minimum: Quantity = 1
    multiple: Quantity = 1
    prices: Annotated[list[PriceBreakRequest], Field(min_length=1, max_length=BREAKS_MAX)]

    def terms(self) -> Terms:
        """The terms in the house's own words."""
        return Terms(
            self.minimum,
            self.multiple,
            tuple((each.from_quantity, each.price_minor) for each in self.prices),
            self.supplier_sku,
            self.lead_time_days,
        )


class PriceBreakView(BaseModel):
    from_quantity: int | str
    price: Money


class SupplierItemView(BaseModel):
    sku: str
    supplier_sku: str
    lead_time_days: int | None
    minimum: int | str
    multiple: int | str
    prices: list[PriceBreakView]


class SupplierSummary(BaseModel):
    code: str
    name: str
    currency: str
    lead_time_days: int
    tolerance_percent: int
    order_cost: Money | None
    minimum_order: Money | None
    truck_mass_g: int | None
    truck_volume_ml: int | None


class SupplierView(SupplierSummary):
    items: list[SupplierItemView]


class SupplierList(BaseModel):
    items: list[SupplierSummary]
    next: str | None
