"""What a device proves itself with: a user name and a password that is shown once."""

import hashlib
import secrets
from base64 import b64encode
from dataclasses import dataclass

_SALT_BYTES = 12
# Mosquitto's own number. The password is 256 random bits, which no slow hash makes safer, and 500
# devices that come back at once are checked one after the other.
_ITERATIONS = 101


@dataclass(frozen=True, slots=True)
class Credential:
    """A password as it is shown once, and the hash that is kept."""

    username: str
    password: str
    password_hash: str


def username(site: str, name: str) -> str:
    """The name under which a device signs in to the broker."""
    return f"{site}/{name}"


def new_credential(site: str, name: str) -> Credential:
    """Draws a password."""
    password = secrets.token_urlsafe(32)
    salt = secrets.token_bytes(_SALT_BYTES)
    return Credential(username(site, name), password, password_hash(password, salt))


def password_hash(password: str, salt: bytes) -> str:
    """A salted hash as Mosquitto's password file has it.

    Source: mosquitto_passwd 2.0, type 7: PBKDF2 with HMAC-SHA-512, salt and 64 bytes in base64.
    """
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${b64encode(salt).decode()}${b64encode(derived).decode()}"
