"""The words of the double-entry ledger: every change of stock is one movement with lines."""

from dataclasses import asdict, dataclass
from datetime import date

# Kinds of movements that are undone by a reversal; on others hang papers of their own.
REVERSIBLE = frozenset(
    {
        "opening",
        "receipt",
        "adjustment",
        "status",
        "count",
        "move",
        "putaway",
        "refill",
        "reslot",
        "assemble",
        "disassemble",
    }
)


@dataclass(frozen=True, slots=True)
class Goods:
    """What a balance is kept of, apart from where it lies."""

    owner_id: int
    item_id: int
    lot: str = ""
    serial: str = ""
    status: str = "available"
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Goods that go from one place to another; `unreserve` of them were reserved at the source.

    `to_status` is what they become on the way; None leaves them as they are.
    """

    goods: Goods
    quantity: int
    from_place_id: int
    to_place_id: int
    from_unit_id: int = 0
    to_unit_id: int = 0
    unreserve: int = 0
    to_status: str | None = None

    def __post_init__(self) -> None:
        assert self.quantity > 0, "a line moves something"
        assert 0 <= self.unreserve <= self.quantity, "no more is unreserved than leaves"

    def row(self) -> dict[str, object]:
        """The line as the database's posting function reads it."""
        row = asdict(self.goods) | asdict(self)
        del row["goods"]
        if self.goods.expires_on is not None:
            row["expires_on"] = self.goods.expires_on.isoformat()
        return row


@dataclass(frozen=True, slots=True)
class Difference:
    """One row in which the balances and the ledger disagree."""

    kind: str
    where: str
    books: int
    ledger: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: books say {self.books}, the ledger says {self.ledger}"
