"""What of a Shopify-like shop's orders and refunds is read.

Source: Shopify Admin REST API, resources Order and Refund, as its webhooks send them.
"""

from typing import Annotated

from pydantic import Field

from api.connectors.border import Listed, Loose, Theirs


class Named(Theirs):
    name: Loose = ""
    value: Loose = ""

    @property
    def pair(self) -> tuple[str, str]:
        return self.name, self.value


class Discount(Theirs):
    amount: Loose = "0"


class LineItem(Theirs):
    id: Loose = ""
    sku: Loose = ""
    title: Loose = ""
    name: Loose = ""
    price: Loose = "0"
    quantity: int = 1
    requires_shipping: bool | None = True
    fulfillable_quantity: int | None = None
    properties: Annotated[list[Named], Listed, Field(default_factory=list)]
    discount_allocations: Annotated[list[Discount], Listed, Field(default_factory=list)]


class TheirAddress(Theirs):
    name: Loose = ""
    first_name: Loose = ""
    last_name: Loose = ""
    company: Loose = ""
    address1: Loose = ""
    address2: Loose = ""
    zip: Loose = ""
    city: Loose = ""
    province: Loose = ""
    country: Loose = ""
    country_code: Loose = ""
    phone: Loose = ""
    latitude: float | None = None
    longitude: float | None = None


class Buyer(Theirs):
    id: Loose = ""
    email: Loose = ""
    phone: Loose = ""
    first_name: Loose = ""
    last_name: Loose = ""


class ShippingLine(Theirs):
    code: Loose = ""
    title: Loose = ""


class Transaction(Theirs):
    id: Loose = ""
    amount: Loose = "0"
    kind: Loose = ""
    status: Loose = ""
    created_at: Loose = ""
    currency: Loose = ""


class RefundLine(Theirs):
    quantity: int = 0
    restock_type: Loose = ""
    line_item: LineItem | None = None
    line_item_id: Loose = ""


class TheirRefundBody(Theirs):
    id: Loose
    order_id: Loose = ""
    created_at: Loose = ""
    refund_line_items: Annotated[list[RefundLine], Listed, Field(default_factory=list)]
    transactions: Annotated[list[Transaction], Listed, Field(default_factory=list)]


class Order(Theirs):
    id: Loose
    name: Loose = ""
    order_number: Loose = ""
    created_at: Loose = ""
    updated_at: Loose = ""
    cancelled_at: Loose = ""
    cancel_reason: Loose = ""
    currency: Loose = ""
    total_price: Loose = "0"
    financial_status: Loose = ""
    fulfillment_status: Loose = ""
    test: bool | None = False
    email: Loose = ""
    phone: Loose = ""
    note: Loose = ""
    customer_locale: Loose = ""
    note_attributes: Annotated[list[Named], Listed, Field(default_factory=list)]
    line_items: Annotated[list[LineItem], Listed, Field(default_factory=list)]
    shipping_lines: Annotated[list[ShippingLine], Listed, Field(default_factory=list)]
    shipping_address: TheirAddress | None = None
    billing_address: TheirAddress | None = None
    customer: Buyer | None = None
    refunds: Annotated[list[TheirRefundBody], Listed, Field(default_factory=list)]
