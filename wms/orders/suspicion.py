"""Orders that look wrong: far too cheap, far too many, or with parts that contradict each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wms.error import Refused
from wms.orders.line import Line

# The least and most that each threshold may be.
RANGES = {"price_percent": (0, 100), "quantity_times": (0, 10_000), "quantity_least": (1, 10**9)}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """When an order is held until somebody has looked.

    `price_percent`: a line's price is below so many percent of what is usual; 0 looks at no price.
    `quantity_times`: a line is so many times the usual one and at least `quantity_least` units of
    its item; 0 looks at no quantity. `total`: the shop says another total than its lines come to.
    `payer`: whoever paid is of another country than the address, `phone`: the telephone is.
    """

    price_percent: int = 20
    quantity_times: int = 20
    quantity_least: int = 50
    total: bool = True
    payer: bool = True
    phone: bool = False

    def with_wish(self, wish: Mapping[str, Any] | None) -> "Suspicion":
        """The same with what a shop wants otherwise."""
        return replace(self, **wish) if wish else self


SUSPICION = Suspicion()


def check_wish(wish: Mapping[str, Any]) -> None:
    """Refuses thresholds that make no sense.

    Raises:
        Refused: `bad_threshold`, pointing at the first.
    """
    for name, (least, most) in RANGES.items():
        value = wish.get(name)
        if value is not None and not least <= value <= most:
            raise Refused(
                "bad_threshold", f"{name} lies between {least} and {most}.", f"/suspicion/{name}"
            )


def odd_lines(rule: Suspicion, lines: Sequence[Line], currency: str) -> tuple[str, ...]:
    """What is odd about an order's lines, in plain sentences."""
    found: list[str] = []
    for line in lines:
        price = line.item.usual.price_minor(currency)
        if price is not None and _is_cheap(rule, line, price):
            found.append(
                f"{line.item.sku} for {line.unit_price_minor} a {line.unit}, usually {price} "
                f"a {line.item.unit}, in minor units of {currency}."
            )
        quantity = line.item.usual.quantity()
        if quantity is not None and _is_many(rule, line, quantity):
            found.append(
                f"{line.pieces} {line.unit} of {line.item.sku}, {line.quantity // quantity} times "
                "the usual line."
            )
    return tuple(found)


def odd_total(
    rule: Suspicion, said_minor: int | None, total_minor: int, currency: str
) -> tuple[str, ...]:
    """What is odd about the total that the shop says, where it says one."""
    if not rule.total or said_minor is None or said_minor == total_minor:
        return ()
    why = f"The shop says a total of {said_minor}, and the order comes to {total_minor}"
    return (f"{why} in minor units of {currency}.",)


def odd_countries(rule: Suspicion, to: str, *, payer: str = "", phone: str = "") -> tuple[str, ...]:
    """What is odd about the countries of an order's address, its payer and its telephone.

    An empty one is not known.
    """
    found: list[str] = []
    if rule.payer and payer and payer != to:
        found.append(f"Paid from {payer}, to be sent to {to}.")
    if rule.phone and phone and phone != to:
        found.append(f"The telephone number is of {phone}, the address in {to}.")
    return tuple(found)


def _is_cheap(rule: Suspicion, line: Line, usual_minor: int) -> bool:
    # Its price is of one of the unit that was ordered, the usual one of a whole unit of the item.
    whole: int = 10**line.item.scale
    of = whole if line.unit == line.item.unit else line.factor
    return line.unit_price_minor * whole * 100 < rule.price_percent * usual_minor * of


def _is_many(rule: Suspicion, line: Line, usual: int) -> bool:
    least: int = rule.quantity_least * 10**line.item.scale
    return (
        rule.quantity_times > 0
        and line.quantity >= least
        and line.quantity >= rule.quantity_times * usual
    )
