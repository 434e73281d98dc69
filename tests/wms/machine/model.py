"""What a house must say of its stock and its orders, in plain dictionaries."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# Carts, totes, belts and packing places: goods that are on their way through the house.
FLOOR = "floor"


@dataclass(slots=True)
class Order:
    """An accepted order of one item; `promised` is what it still claims."""

    number: int
    fulfilment: int
    sku: str
    quantity: int
    promised: int
    picked: int = 0
    paid: bool = False
    state: str = "open"

    @property
    def standing(self) -> bool:
        return self.state == "open"

    @property
    def unpicked(self) -> int:
        return self.promised - self.picked


@dataclass(slots=True)
class Model:
    """Goods for sale by SKU and place, and orders in the sequence of their admission."""

    stock: Counter[tuple[str, str]] = field(default_factory=Counter)
    orders: list[Order] = field(default_factory=list)

    def sellable(self, sku: str) -> int:
        return sum(quantity for (own, _), quantity in self.stock.items() if own == sku)

    def promised(self, sku: str) -> int:
        return sum(order.promised for order in self._claims(sku))

    def free(self, sku: str) -> int:
        return self.sellable(sku) - self.promised(sku)

    def _claims(self, sku: str) -> Iterator[Order]:
        return (order for order in self.orders if order.sku == sku and order.standing)

    def come(self, sku: str, place: str, quantity: int) -> None:
        """Goods that enter the house, or become fit for sale."""
        self.stock[sku, place] += quantity

    def go(self, sku: str, source: str, target: str, quantity: int) -> None:
        """Goods that change their place."""
        assert self.stock[sku, source] >= quantity, f"{source} holds too little of {sku}"
        self.stock[sku, source] -= quantity
        self.stock[sku, target] += quantity

    def lose(self, sku: str, place: str, quantity: int) -> None:
        """Goods that are no more for sale: the youngest claims give way, the picked last."""
        assert self.stock[sku, place] >= quantity, f"{place} holds too little of {sku}"
        self.stock[sku, place] -= quantity
        excess = -self.free(sku)
        for order in reversed(list(self._claims(sku))):
            if excess <= 0:
                return
            given = order.promised if order.picked == 0 else min(excess, order.unpicked)
            order.promised -= given
            excess -= given

    def buy(self, number: int, fulfilment: int, sku: str, quantity: int) -> None:
        """An order that was accepted, so there was enough for it."""
        assert self.free(sku) >= quantity, "sold more than there is"
        self.orders.append(Order(number, fulfilment, sku, quantity, quantity))

    def pay(self, order: Order) -> None:
        """The money for an order, which claims again what it lost, if all of it is there."""
        order.paid = True
        missing = order.quantity - order.promised
        if self.free(order.sku) >= missing:
            order.promised = order.quantity

    def pick(self, order: Order, place: str, quantity: int) -> None:
        """Goods of an order go into its tote."""
        self.go(order.sku, place, FLOOR, quantity)
        order.picked += quantity

    def cancel(self, order: Order) -> None:
        """An order ends; what is in its tote stays in the house and may be sold again."""
        order.state = "cancelled"

    def ship(self, order: Order) -> None:
        """The parcel leaves, and the promise is kept."""
        self.stock[order.sku, FLOOR] -= order.picked
        order.state = "shipped"
