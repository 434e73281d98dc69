"""The chain of a tenant's batches: what each is made of, and where it is broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wms.database.seal import Keyset, chain_hash

FIRST = b""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is kept; upto: the last transaction that it takes in."""

    tenant_id: int
    number: int
    entries: int
    upto: int
    previous: bytes
    hash: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What is kept of a chain's last batch beside it; the seal is made with our keys."""

    number: int
    hash: bytes
    seal: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """Where a tenant's log says something else than it did."""

    tenant_id: int
    batch: int
    reason: str

    def __str__(self) -> str:
        """One plain sentence."""
        whose = f"tenant {self.tenant_id}" if self.tenant_id else "the house"
        return f"{whose}, batch {self.batch}: {self.reason}"


def batch_hash(
    keyset: Keyset,
    tenant_id: int,
    number: int,
    upto: int,
    made_at: datetime,
    previous: bytes,
    said: Sequence[str],
) -> bytes:
    """The hash of a batch: over its own head, the batch before it, and what each entry says."""
    head = f"{tenant_id}/{number}/{upto}/{made_at.astimezone(UTC).isoformat()}/{len(said)}"
    return chain_hash(keyset, [head.encode(), previous, *(line.encode() for line in said)])


def head_seal(keyset: Keyset, tenant_id: int, number: int, digest: bytes) -> bytes:
    """The seal of a chain's head."""
    return chain_hash(keyset, [b"head", f"{tenant_id}/{number}".encode(), digest])


def cut_at(
    keyset: Keyset, tenant_id: int, head: Head | None, last: tuple[int, bytes]
) -> Break | None:
    """What shows that a chain does not end where it did, or None.

    last: number and hash of the last batch that is there, 0 and `FIRST` without any.
    """
    number = last[0]
    if head is None:
        return Break(tenant_id, number, "its head is gone") if number else None
    if head.seal != head_seal(keyset, tenant_id, head.number, head.hash):
        return Break(tenant_id, head.number, "its head is not what it was")
    if head.number > number:
        return Break(tenant_id, number + 1, "it is gone")
    if (head.number, head.hash) != last:
        return Break(tenant_id, number, "its head is another batch's")
    return None


def break_at(
    keyset: Keyset, batch: Batch, said: Sequence[str], before: tuple[int, int, bytes]
) -> Break | None:
    """What shows that a batch is not what it was when it was made, or None.

    said: what its entries say; before: number, `upto` and hash of the batch before it.
    """
    tenant_id, (number, upto, previous) = batch.tenant_id, before
    number += 1
    if batch.number != number:
        return Break(tenant_id, number, "it is gone")
    if batch.previous != previous or batch.upto <= upto:
        return Break(tenant_id, number, "it does not follow the batch before it")
    if len(said) != batch.entries:
        return Break(
            tenant_id, number, f"it has {len(said)} entries, and was made with {batch.entries}"
        )
    if batch.hash != batch_hash(
        keyset, tenant_id, number, batch.upto, batch.made_at, previous, said
    ):
        return Break(tenant_id, number, "its entries are not what they were")
    return None
