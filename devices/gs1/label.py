"""Labels of our own: bins, totes, cartons, carts and places, told by their form."""

import re

_LABELS = (
    ("bin", re.compile(r"[A-Z]{1,3}-\d{2}-\d{2}-\d{1,2}", re.ASCII)),
    ("tote", re.compile(r"T-\d{5,9}", re.ASCII)),
    ("carton", re.compile(r"C-[A-Z0-9]{1,4}", re.ASCII)),
    ("cart", re.compile(r"CART-\d{2,4}", re.ASCII)),
    ("place", re.compile(r"CONVEYOR|[A-Z]{2,12}-\d{1,3}", re.ASCII)),
)
_CHARS_MAX = 16


def own_label(text: str) -> tuple[str, str] | None:
    """The kind and the code in capitals of one of our own labels, None for any other text."""
    if len(text) > _CHARS_MAX or not text.isascii():
        return None
    label = text.upper()
    for kind, pattern in _LABELS:
        if pattern.fullmatch(label):
            return kind, label
    return None
