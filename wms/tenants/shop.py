"""Who asks: a shop by its key, or a member of the staff by a session."""

import hashlib
import secrets
from dataclasses import dataclass

KEY_MARK = "sk"
PREFIX_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Limit:
    """How many requests a second a key may send for long, and how many at once after a pause."""

    per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as its key says it: everything it does happens in its tenant.

    `limit` is the key's own; None is the house's. Without a key `key_id` is 0.
    """

    tenant_id: int
    owner_id: int
    shop_id: int
    name: str
    scopes: frozenset[str]
    sandbox: bool
    key_id: int = 0
    prefix: str = ""
    limit: Limit | None = None

    @property
    def actor(self) -> str:
        return f"shop:{self.name}"


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key that is wanted: whose, for what, by whom, and its own limit where it has one."""

    tenant_id: int
    shop_id: int
    shop: str
    scopes: list[str]
    sandbox: bool
    made_by: str = ""
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown once; only `prefix` and `secret_hash` are kept."""

    text: str
    prefix: str
    secret_hash: bytes


def digest(secret: str) -> bytes:
    """SHA-256 of a secret of at least 128 random bits, which needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def new_key() -> NewKey:
    """Draws a bearer key: `sk_<prefix>_<secret>`."""
    prefix = secrets.token_hex(PREFIX_LENGTH // 2)
    secret = secrets.token_urlsafe(32)
    return NewKey(f"{KEY_MARK}_{prefix}_{secret}", prefix, digest(secret))


def split_key(text: str) -> tuple[str, str] | None:
    """The prefix and the secret of a bearer key, or None where it is not of that form."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != KEY_MARK or len(prefix) != PREFIX_LENGTH or not secret:
        return None
    return prefix, secret
