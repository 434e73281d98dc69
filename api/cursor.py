"""Opaque cursors of lists."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from api.problems import BorderError

PAGE = 100
PAGE_MAX = 500
NUMBER_MAX = 2**63 - 1


def cursor(*after: int) -> str:
    """The cursor behind a row, which one number or several name."""
    plain = "a" + ".".join(str(number) for number in after)
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def row_after(text: str | None) -> int:
    """The row that a cursor stands behind; 0 without one.

    Raises:
        BorderError: 400 `bad_cursor`.
    """
    (row,) = _numbers(text, 1)
    return row


def event_after(text: str | None) -> tuple[int, int]:
    """The transaction and the event that a cursor stands behind; zeros without one.

    Raises:
        BorderError: 400 `bad_cursor`.
    """
    transaction, event = _numbers(text, 2)
    return transaction, event


def entry_before(text: str | None) -> tuple[int, int, int] | None:
    """The transaction, tenant and line that a cursor stands behind; None without one.

    Raises:
        BorderError: 400 `bad_cursor`.
    """
    if not text:
        return None
    transaction, tenant, line = _numbers(text, 3)
    return transaction, tenant, line


def _numbers(text: str | None, count: int) -> tuple[int, ...]:
    if not text:
        return (0,) * count
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        numbers = tuple(int(part) for part in plain[1:].split("."))
    except ValueError as error:
        raise _refusal() from error
    if plain[:1] != "a" or len(numbers) != count or not all(0 <= n <= NUMBER_MAX for n in numbers):
        raise _refusal()
    return numbers


def _refusal() -> BorderError:
    return BorderError(400, "bad_cursor", "This cursor is not one of ours.")
