"""What a shop wants changed of an order that it has placed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from wms.database.seal import Personal
from wms.error import Conflict, Refused
from wms.orders.fulfilment import State
from wms.orders.order import NewLine

# What left the house comes back as a return, and not by a change of the order.
GONE = (State.HANDED_OVER, State.CLOSED)
# Where somebody has begun with it, and all of its goods are in totes or parcels.
FETCHED = (State.PICKED, State.SORTED, State.PACKED)
WAY_BACK = "Have it returned: POST /v1/inbound-shipments of kind return."


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line by its number, with how much of it shall ship or what one unit costs from now on.

    `quantity` is in the unit that was ordered; 0 takes the line out.
    """

    line: int
    quantity: int | str | None = None
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of an order: what is None or empty stays as it is.

    `currencies` are those of the prices that it says, each with a pointer to where.
    """

    reason: str
    ship_to: dict[str, object] | None = None
    customer: dict[str, object] | None = None
    service: str | None = None
    lines: tuple[LineChange, ...] = ()
    added: tuple[NewLine, ...] = ()
    currencies: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Whoever the buyer is goes nowhere unsealed."""
        if self.ship_to is not None:
            object.__setattr__(self, "ship_to", Personal(self.ship_to))
        if self.customer is not None:
            object.__setattr__(self, "customer", Personal(self.customer))

    @property
    def readdresses(self) -> bool:
        """Whether a waybill that was made says something else than the order."""
        return self.ship_to is not None or self.service is not None


@dataclass(frozen=True, slots=True)
class Balance:
    """What edits left to pay of an order that was paid, or to give back; in minor units."""

    due_minor: int
    refund_minor: int


def refuse_gone(states: Mapping[int, State]) -> None:
    """Stops an edit of an order of which nothing is left in the house.

    `states` are those of its fulfilment orders.

    Raises:
        Conflict: `handed_over`, with the way back; `order_over`, none of it ships.
    """
    if any(state not in (*GONE, State.CANCELLED, State.INCOMPLETE) for state in states.values()):
        return
    gone = [number for number, state in states.items() if state in GONE]
    if gone:
        raise Conflict("handed_over", f"All of it has left the house. {WAY_BACK}")
    raise Conflict("order_over", "Nothing of the order ships any more.")


def refuse_left(states: Mapping[int, State]) -> None:
    """Stops another address or service for an order of which a part has left already.

    Raises:
        Conflict: `handed_over`.
    """
    gone = [number for number, state in states.items() if state in GONE]
    if gone:
        names = ", ".join(map(str, gone))
        raise Conflict("handed_over", f"Fulfilment order {names} has left the house. {WAY_BACK}")


def refuse_other_currency(edit: Edit, currency: str) -> None:
    """Stops prices in another currency than the order's.

    Raises:
        Refused: `wrong_currency`, with a pointer.
    """
    for said, pointer in edit.currencies:
        if said != currency:
            raise Refused("wrong_currency", f"The order is in {currency}.", pointer)


def balance_of(balance_minor: int) -> Balance:
    """What is due, or to be given back."""
    return Balance(max(0, balance_minor), max(0, -balance_minor))


def current_minor(total_minor: int, short_minor: int) -> int:
    """What of an order's total is left without the goods that will never ship."""
    return max(0, total_minor - short_minor)


def is_none(quantity: int | str) -> bool:
    """Whether a quantity says that a line shall not ship at all."""
    return str(quantity).strip("0") in ("", ".")


def price_minor(unit_price_minor: int, quantity: int | str) -> int:
    """What so many units cost, rounded half up as it is paid."""
    price = Decimal(quantity) * unit_price_minor
    return int(price.quantize(Decimal(1), ROUND_HALF_UP))
