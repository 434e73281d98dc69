"""Opaque cursors of lists."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from api.problems import BorderError

PAGE = 100
PAGE_MAX = 500


def cursor(after: int) -> str:
    """The cursor behind a row."""
    return urlsafe_b64encode(f"a{after}".encode()).decode().rstrip("=")


def row_after(text: str | None) -> int:
    """The row that a cursor stands behind; 0 without one.

    Raises:
        BorderError: 400 `bad_cursor`.
    """
    if not text:
        return 0
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        if plain[:1] != "a":
            raise ValueError(plain)
        return int(plain[1:])
    except ValueError as error:
        raise BorderError(400, "bad_cursor", "This cursor is not one of ours.") from error
