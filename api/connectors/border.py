"""What both shop systems have in common: money as text, moments, and orders of our own border."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from api.orders.messages import NOTE_MAX, OrderRequest
from wms.error import Refused
from wms.orders.connector import TITLE_SHOWN, TheirLine
from wms.orders.order import NewOrder

# How many digits a currency has behind the point, where it is not two. Source: ISO 4217.
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
         "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
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
    scaled = _decimal(text, pointer).scaleb(EXPONENTS.get(currency, 2))
    if scaled != scaled.to_integral_value():
        raise Refused("bad_money", f"{currency} has no amount {text[:40]!r}.", pointer)
    return int(scaled)


def rounded_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units, rounded half up, as a price of one of many is."""
    scaled = amount.scaleb(EXPONENTS.get(currency, 2))
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


def sku_missing(line: TheirLine) -> Refused:
    """A line that nobody here can know."""
    return Refused(
        "sku_missing", f"{line.title[:TITLE_SHOWN]} has no SKU.", f"/line_items/{line.at}/sku"
    )


def placed(said: dict[str, Any], lines: Sequence[TheirLine]) -> NewOrder:
    """An order as our own border reads it, with nothing that it would refuse from a shop.

    Raises:
        Refused: `invalid_order`, `card_data`, `wrong_currency`; a line is named by its title.
    """
    try:
        return OrderRequest.model_validate(said).order()
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
