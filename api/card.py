"""No card number comes in: a message that holds one is refused before anything keeps it."""

from pydantic import BaseModel

from wms.error import Refused
from wms.orders.card import SHORTEST, Context, holds_card

# Numbers that a shop or its buyer gave: order, item and buyer, of which many look like a card's.
CONTEXTS = {
    "external_order_id": Context.IDENTIFIER,
    "sku": Context.IDENTIFIER,
    "phone": Context.PHONE,
}
# The buyer's number at the shop is one as well; the reference of a payment is the gateway's text.
OF_CUSTOMER = {"reference": Context.IDENTIFIER}


def refuse_card_data(message: BaseModel, *identifiers: str) -> None:
    """Stops a message one of whose texts holds a card number, and repeats nothing of it.

    `identifiers` are its fields, beside those of any message, that hold a shop's own numbers.

    Raises:
        Refused: `card_data`, pointing at the text.
    """
    pointer = card_in(message, *identifiers)
    if pointer is not None:
        raise Refused(
            "card_data", "This holds a card number; no card data may be sent here.", pointer
        )


def card_in(message: BaseModel, *identifiers: str) -> str | None:
    """Where in a message a card number stands, as a JSON pointer, or None."""
    contexts = CONTEXTS | dict.fromkeys(identifiers, Context.IDENTIFIER)
    return _find("", message, Context.TEXT, contexts)


def _find(
    pointer: str, value: object, context: Context, contexts: dict[str, Context]
) -> str | None:
    if isinstance(value, str):
        return pointer if len(value) >= SHORTEST and holds_card(value, context) else None
    found = None
    if isinstance(value, BaseModel):
        own = contexts | OF_CUSTOMER if pointer == "/customer" else contexts
        for name, part in value.__dict__.items():
            if isinstance(part, str | BaseModel | list | dict):
                of = own.get(name, Context.TEXT)
                found = found or _find(f"{pointer}/{name}", part, of, contexts)
    elif isinstance(value, dict):
        for name, part in value.items():
            found = found or _find(f"{pointer}/{name}", part, context, contexts)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            found = found or _find(f"{pointer}/{at}", part, context, contexts)
    return found
