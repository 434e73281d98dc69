"""What both shop systems have in common: money as text, moments, and orders of our own border."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from api.orders.messages import NOTE_MAX, OrderRequest
from wms.currency import digits_of
from wms.error import Refused
from wms.orders.connector import TITLE_SHOWN, TheirLine
from wms.orders.order import NewOrder

AMOUNT_MAX = Decimal(10) ** 15
# How shops name the field of their cart for it.
GIFT_NAMES = ("gift message", "gift note", "gift card message")
Model = TypeVar("Model", bound=BaseModel)


def _text(value: object) -> object:
    return "" if value is None else str(value) if isinstance(value, int | float) else value


def _list(value: object) -> object:
    return [] if value is None else value


# They leave out, send null or send a number where a text is meant.
Loose = Annotated[str, BeforeValidator(_text)]
Listed = BeforeValidator(_list)


class Theirs(BaseModel):
    """A message of another system, of which only what is named here is read."""

    model_config = ConfigDict(extra="ignore")


def read(model: type[Model], body: object) -> Model:
    """Their message, checked.

    Raises:
        Refused: `not_understood`, pointing at the field.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _refusal("not_understood", error) from error


def exact_minor(text: str, currency: str, pointer: str) -> int:
    """An amount in minor units.

    Raises:
        Refused: `bad_money`, it is none, or has more digits than the currency.
    """
    scaled = _decimal(text, pointer).scaleb(digits_of(currency))
    if scaled != scaled.to_integral_value():
        raise Refused("bad_money", f"{currency} has no amount {text[:40]!r}.", pointer)
    return int(scaled)


def rounded_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units, rounded half up, as a price of one of many is."""
    scaled = amount.scaleb(digits_of(currency))
    return int(scaled.quantize(Decimal(1), ROUND_HALF_UP))


def decimal(text: str, pointer: str) -> Decimal:
    """An amount as a number; an empty one is 0.

    Raises:
        Refused: `bad_money`.
    """
    return _decimal(text or "0", pointer)


def _decimal(text: str, pointer: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise Refused("bad_money", f"{text[:40]!r} is no amount.", pointer) from error
    if not amount.is_finite() or abs(amount) > AMOUNT_MAX:
        raise Refused("bad_money", f"{text[:40]!r} is no amount.", pointer)
    return amount


def moment(text: str, pointer: str) -> datetime:
    """A moment; one without an offset is UTC.

    Raises:
        Refused: `bad_moment`.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("bad_moment", f"{text[:40]!r} is no moment.", pointer) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def joined(*parts: str) -> str:
    """What is said of these, with one blank between."""
    return " ".join(part.strip() for part in parts if part.strip())


def note(parts: Iterable[str], pointer: str) -> str | None:
    """All that they wrote, a line each; none of it is cut off.

    Raises:
        Refused: `note_too_long`.
    """
    text = "\n".join(part for part in parts if part.strip())
    if len(text) > NOTE_MAX:
        raise Refused(
            "note_too_long",
            f"Note and properties come to {len(text)} characters, and {NOTE_MAX} are kept: "
            "shorten them in the shop, and its next message places the order.",
            pointer,
        )
    return text or None


def gift(named: Iterable[tuple[str, str]]) -> str | None:
    """What the buyer wants written on a gift's card, where one of these fields says it."""
    fields = (said for name, said in named if name.strip().lower().replace("_", " ") in GIFT_NAMES)
    return next((said for said in fields if said.strip()), None)


def number_of(said: object) -> str:
    """The number of an order of theirs, or an empty text where it is none."""
    return str(said) if isinstance(said, int | str) and not isinstance(said, bool) else ""


def service(names: Iterable[str], wishes: dict[str, Any]) -> str:
    """Our service for the first of these names of a shipping method that the shop has given one."""
    services: dict[str, str] = wishes.get("services") or {}
    return next((services[name] for name in names if name in services), "standard")


def wished(wishes: dict[str, Any]) -> dict[str, Any]:
    """What the shop has said once, with its connector, for every order."""
    return {
        "backorder": bool(wishes.get("backorder", False)),
        "fulfilment": wishes.get("fulfilment", "ship_together"),
        "language": str(wishes.get("language", "en")),
    }


def refuse_without_sku(lines: Iterable[TheirLine]) -> None:
    """Passes lines that somebody here can know.

    Raises:
        Refused: `sku_missing`.
    """
    for line in lines:
        if not line.sku:
            raise Refused(
                "sku_missing",
                f"{line.title[:TITLE_SHOWN]} has no SKU.",
                f"/line_items/{line.at}/sku",
            )


def placed(said: dict[str, Any], lines: Sequence[TheirLine], total_minor: int) -> NewOrder:
    """An order as our own border reads it, with nothing that it would refuse from a shop.

    `total_minor` is their total: taxes, fees, discounts and tips are in it alone, and it is what
    the buyer pays.

    Raises:
        Refused: `invalid_order`, `card_data`, `wrong_currency`; a line is named by its title.
    """
    try:
        return replace(OrderRequest.model_validate(said).order(), total_minor=total_minor)
    except ValidationError as error:
        raise _refusal("invalid_order", error, lines) from error


def _refusal(code: str, error: ValidationError, lines: Sequence[TheirLine] = ()) -> Refused:
    first = error.errors(include_input=False, include_context=False)[0]
    where = first["loc"]
    detail = f"{'.'.join(str(part) for part in where)}: {first['msg']}"
    if len(where) > 1 and where[0] == "lines" and isinstance(where[1], int) and lines:
        line = lines[where[1]]
        where = ("line_items", line.at, *where[2:])
        detail = f"{line.title[:TITLE_SHOWN]}: {detail}"
    return Refused(code, detail, "".join(f"/{part}" for part in where))
