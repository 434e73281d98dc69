"""The people of the house: roles, what each may do, and their sessions."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import argon2

# A PIN is short, so its hash is slow on purpose; 16 MiB keeps a handheld's sign-in under 50 ms.
HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=16_384, parallelism=1)


class Role(StrEnum):
    OPERATOR = "operator"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


RANK = {Role.OPERATOR: 0, Role.PLANNER: 1, Role.SUPERVISOR: 2, Role.ADMIN: 3}


@dataclass(frozen=True, slots=True)
class Staff:
    """One of the staff, signed in; `warehouse_id` is where they said that they work."""

    staff_id: int
    name: str
    role: Role
    session_id: int
    device: str
    scenario: str
    state: dict[str, object]
    expires_at: datetime
    warehouse_id: int | None = None

    @property
    def actor(self) -> str:
        return f"staff:{self.name}"

    @property
    def works_in(self) -> int:
        """The warehouse of one who has said in which one they work."""
        assert self.warehouse_id is not None, "a handheld asks for it before anything else"
        return self.warehouse_id

    def at(self, scenario: str, state: dict[str, object]) -> "Staff":
        """The same person at another scenario or state."""
        return replace(self, scenario=scenario, state=state)

    def within(self, warehouse_id: int) -> "Staff":
        """The same person in a warehouse."""
        return replace(self, warehouse_id=warehouse_id)

    def may(self, role: Role) -> bool:
        """Whether the rank of this person is at least that of `role`."""
        return RANK[self.role] >= RANK[role]


def hash_pin(pin: str) -> str:
    """An argon2 hash of a PIN."""
    return HASHER.hash(pin)


def pin_matches(pin_hash: str, pin: str) -> bool:
    """Whether a PIN is the one that was hashed."""
    try:
        return HASHER.verify(pin_hash, pin)
    except argon2.exceptions.VerificationError:
        return False


def new_token() -> str:
    """A session token of 192 random bits."""
    return secrets.token_urlsafe(24)
