"""Personal data are sealed on their way into the database, and opened on their way out.

A token is `KEY.TEXT`: the key's id, and in base64url a nonce with the AES-GCM text. What opens it
is the keyset, which the database never sees.
"""

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
INDEX = "index"
PERSONAL = "personal"
# Which country's carrier, duty or holiday it is must be known without a key.
CLEAR = frozenset({"country"})
# What stands for a sealed text, and for a sealed number.
TEXT, NUMBER = "~", "~n"
_MARK = '{"~'
_TOKEN = re.compile(r"[a-z0-9]{1,20}\.[A-Za-z0-9_-]{38,}={0,2}")
_ID = re.compile(r"[a-z0-9]{1,20}")


class SealError(ValueError):
    """A key is missing, or a token was not made by it; the text names the key, no hidden value."""


class Personal(dict[str, Any]):
    """Data of a person: every text and number in it is sealed where it is written as jsonb.

    All but `country`. What was sealed is Personal again when it is read, so that it is sealed
    wherever it goes on to. Its values show in no log and no error.
    """

    def __repr__(self) -> str:
        """Only the names."""
        return f"Personal({', '.join(map(str, self))})"


class PersonalText(str):
    """One text of a person among others that are nobody's: it is sealed where it is written."""

    __slots__ = ()

    def __repr__(self) -> str:
        """That there is one."""
        return "PersonalText()"


class Unreadable(str):
    """What a screen shows where a token cannot be opened; written back, it is the token again."""

    __slots__ = ("token",)
    token: str

    @classmethod
    def of(cls, token: str, why: str) -> Self:
        """A text that says why, around the token."""
        text = cls(f"unreadable: {why}")
        text.token = token
        return text


@dataclass(frozen=True, slots=True)
class Keyset:
    """Keys by their ids: the newest, which is the last, seals, and all of them open.

    `index` is no key to open anything with: look-ups and the audit chain are made with keys
    derived from it, and it is never changed. `reread` gives the keys as they are by now: it is
    asked when a token names a key that was added since.
    """

    keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    index: bytes = field(repr=False)
    reread: Callable[[], "Keyset"] | None = field(default=None, repr=False, compare=False)
    _ciphers: dict[str, AESGCM] = field(init=False, repr=False, compare=False)
    _derived: dict[str, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuses what is no keyset.

        Raises: SealError
        """
        for name, key in (*self.keys, (INDEX, self.index)):
            if not _ID.fullmatch(name):
                raise SealError("A data key's id is up to 20 small letters and digits.")
            if len(key) != KEY_BYTES:
                raise SealError(f"Data key {name} is not {KEY_BYTES} bytes long.")
        if not self.keys or len(dict(self.keys)) < len(self.keys) or INDEX in dict(self.keys):
            raise SealError("Data keys need ids of their own, and there is at least one.")
        object.__setattr__(self, "_ciphers", {name: AESGCM(key) for name, key in self.keys})
        object.__setattr__(self, "_derived", {})

    @classmethod
    def new(cls) -> Self:
        """A keyset that nobody else has."""
        return cls((_new_key(),), secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `id:base64,…`, lines being as good as commas; one of the ids is `index`.

        Raises: SealError
        """
        found: list[tuple[str, bytes]] = []
        for part in re.split(r"[,\s]+", text.strip()):
            name, colon, coded = part.partition(":")
            try:
                found.append((name, b64decode(coded, validate=True)))
            except NoBase64 as error:
                raise SealError("A data key is id:base64.") from error
            if not colon or not _ID.fullmatch(name):
                raise SealError("A data key is id:base64, its id small letters and digits.")
        keys = [one for one in found if one[0] != INDEX]
        if len(found) - len(keys) != 1:
            raise SealError("Among the data keys one, and only one, is `index`.")
        return cls(tuple(keys), next(key for name, key in found if name == INDEX))

    def text(self) -> str:
        """What `parse` reads again, a line a key."""
        every = (*self.keys, (INDEX, self.index))
        return "".join(f"{name}:{b64encode(key).decode()}\n" for name, key in every)

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return self.keys[-1][0]

    def rotated(self) -> "Keyset":
        """The same with one key more, which seals from now on."""
        return replace(self, keys=(*self.keys, _new_key()))

    def without(self, key_id: str) -> "Keyset":
        """The same without an old key; nothing may be sealed by it any more.

        Raises: SealError, there is no such key, or it is the one that seals.
        """
        if key_id not in self._ciphers or key_id == self.newest:
            raise SealError(f"{key_id} is no old data key.")
        return replace(self, keys=tuple(one for one in self.keys if one[0] != key_id))

    def derive(self, purpose: str) -> bytes:
        """A key of its own for a purpose, from the index key. Source: RFC 5869."""
        if purpose not in self._derived:
            kdf = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"stowline {purpose}".encode())
            self._derived[purpose] = kdf.derive(self.index)
        return self._derived[purpose]

    def fingerprints(self) -> dict[str, bytes]:
        """By its id, what tells a key from another without telling the key."""
        every = (*self.keys, (INDEX, self.index))
        return {name: hmac.digest(key, b"stowline fingerprint", "sha256") for name, key in every}

    def seal(self, plain: bytes, purpose: str) -> str:
        """A token that this keyset opens again, and only for the same purpose."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        name = self.keys[-1][0]
        hidden = self._ciphers[name].encrypt(nonce, plain, purpose.encode())
        return f"{name}.{urlsafe_b64encode(nonce + hidden).decode()}"

    def open(self, token: str, purpose: str) -> bytes:
        """What was sealed.

        Raises: SealError, the token's key is missing, or it was made for something else.
        """
        name, _, coded = token.partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None and self.reread is not None:
            self._ciphers.update(self.reread()._ciphers)
            cipher = self._ciphers.get(name)
        if cipher is None:
            raise SealError(f"data key {name} is missing")
        try:
            raw = urlsafe_b64decode(coded)
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError(f"not sealed by data key {name}") from error

    def dumps(self, value: object) -> str:
        """JSON in which all that is Personal is sealed."""
        # Most is not personal, and long plans are not copied for nothing.
        return json.dumps(self._sealed(value) if holds_personal(value) else value)

    def loads(self, text: str) -> Any:
        """What JSON says, its tokens opened; those that cannot be are Unreadable, or None."""
        value = json.loads(text)
        return self._opened(value) if _MARK in text else value

    def _sealed(self, value: Any) -> Any:
        if isinstance(value, (Personal, PersonalText)):
            return self._hidden(value)
        # Most parts are plain: asking here saves a call for each of them.
        if isinstance(value, dict):
            return {x: y if type(y) in _PLAIN else self._sealed(y) for x, y in value.items()}
        if isinstance(value, (list, tuple)):
            return [x if type(x) in _PLAIN else self._sealed(x) for x in value]
        return value

    def _hidden(self, value: Any) -> Any:
        if isinstance(value, Unreadable):
            return {TEXT: value.token}
        if isinstance(value, str):
            plain = value.encode("utf-8", "surrogatepass")
            return {TEXT: self.seal(plain, PERSONAL)} if plain else ""
        if isinstance(value, dict):
            return {
                name: part if part is None or name in CLEAR else self._hidden(part)
                for name, part in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._hidden(part) for part in value]
        if value is None or isinstance(value, bool):
            return value
        return {NUMBER: self.seal(json.dumps(value).encode(), PERSONAL)}

    def _opened(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._opened(x) if isinstance(x, _MANY) else x for x in value]
        token = token_of(value)
        if token is not None:
            return self._leaf(token, NUMBER in value)
        parts = {x: self._opened(y) if isinstance(y, _MANY) else y for x, y in value.items()}
        return Personal(parts) if any(map(_holds_token, value.values())) else parts

    def _leaf(self, token: str, number: bool) -> Any:
        try:
            plain = self.open(token, PERSONAL)
        except SealError as error:
            return None if number else Unreadable.of(token, str(error))
        return json.loads(plain) if number else plain.decode("utf-8", "surrogatepass")


_MANY = (dict, list)
_PLAIN = frozenset({str, int, float, bool, type(None)})
_MARKED = frozenset({Personal, PersonalText})
_DEEP = frozenset({dict, list, tuple}) | _MARKED


def holds_personal(value: object) -> bool:
    """Whether anything in a value is Personal."""
    if type(value) in _MARKED:
        return True
    if type(value) not in _DEEP:
        return False
    parts = value.values() if isinstance(value, dict) else cast(Iterable[object], value)
    return any(type(part) in _DEEP and holds_personal(part) for part in parts)


def token_of(value: Any) -> str | None:
    """The token that stands in a value's place, or None where it is no sealed one."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    token = value.get(TEXT, value.get(NUMBER))
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def sealed_by(text: str) -> set[str]:
    """The ids of the keys whose tokens stand in a JSON text."""
    return {found[1] for found in re.finditer(r'\{"~n?": "([a-z0-9]{1,20})\.', text)}


def blind_index(keyset: Keyset, text: str) -> bytes:
    """What a person's rows are found by without their mail address or number being in them.

    Upper and lower case, width and outer blanks make no difference.
    """
    return hmac.digest(keyset.derive("blind index"), normal(text).encode(), "sha256")


def normal(text: str) -> str:
    """A mail address or a number as it is compared. Source: UAX 15, NFKC."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded).encode("utf-8", "replace").decode()


def chain_hash(keyset: Keyset, parts: Iterable[bytes]) -> bytes:
    """A hash that nobody makes anew who has only the database: each part with its length."""
    chain = hmac.new(keyset.derive("audit chain"), digestmod=hashlib.sha256)
    for part in parts:
        chain.update(len(part).to_bytes(8, "big") + part)
    return chain.digest()


def _holds_token(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_token, value))
    return token_of(value) is not None


def _new_key() -> tuple[str, bytes]:
    return f"k{secrets.token_hex(4)}", secrets.token_bytes(KEY_BYTES)
