"""Why orders are kept back: who has to look at each kind of hold, and by when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

SHOP = "shop"
PLANNER = "planner"
SUPERVISOR = "supervisor"
# What the house keeps back because somebody has to approve it, because it looks wrong, because the
# money came too late, because it was given back, and because it bounced.
APPROVAL = "approval"
SUSPICIOUS = "suspicious"
PAID_TOO_LATE = "paid_too_late"
REFUND_OR_WAIT = "refund_or_wait"
REFUNDED = "refunded"
PAYMENT_FAILED = "payment_failed"
# What is asked for one that waits for goods, counted from the day that they are expected.
GOODS_LATE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Care:
    """Who owns a hold, and how long they have until it is overdue; what it is about."""

    owned_by: str
    lasts: timedelta
    about: str


CARE: dict[str, Care] = {
    "address": Care(SHOP, timedelta(days=3), "the address is doubtful; its buyer mends it"),
    APPROVAL: Care(SUPERVISOR, timedelta(hours=4), "goods that do not ship by themselves"),
    SUSPICIOUS: Care(SUPERVISOR, timedelta(hours=2), "price, quantity, total or country is odd"),
    PAID_TOO_LATE: Care(SHOP, timedelta(hours=24), "paid when the goods were gone; give it back"),
    REFUND_OR_WAIT: Care(
        SHOP, timedelta(hours=48), "paid when the goods were gone, and more comes on a known day"
    ),
    REFUNDED: Care(SUPERVISOR, timedelta(minutes=30), "all was given back after a parcel left"),
    PAYMENT_FAILED: Care(SHOP, timedelta(hours=24), "the money that had come went back"),
    "payment_due": Care(SHOP, timedelta(hours=72), "an edit left something to pay"),
    "no_carton": Care(PLANNER, timedelta(hours=1), "goods that fit no carton"),
    "stock_lost": Care(PLANNER, timedelta(hours=4), "promised goods turned out to be missing"),
    "supply_lost": Care(PLANNER, timedelta(hours=4), "goods on their way will not come"),
    "short": Care(PLANNER, GOODS_LATE, "waits for goods; counted from the day they are expected"),
    "requested": Care(SHOP, timedelta(hours=4), "the shop asks for it"),
    "fraud": Care(SHOP, timedelta(hours=4), "the shop asks for it"),
    "buyer": Care(SHOP, timedelta(hours=4), "the shop asks for it"),
    "inspection": Care(SHOP, timedelta(hours=4), "the shop asks for it"),
    "other": Care(SHOP, timedelta(hours=4), "the shop asks for it"),
}
# Whatever else keeps an order back.
OTHERWISE = Care(PLANNER, timedelta(hours=4), "anything else")
# Of goods that do not ship by themselves: who approves, and how long they may lie.
APPROVALS: dict[str, Care] = {
    "fresh": Care(PLANNER, timedelta(hours=1), "fresh goods"),
    "luxury": Care(SUPERVISOR, timedelta(hours=4), "luxury"),
    "bulky": Care(PLANNER, timedelta(hours=8), "bulky goods"),
    "inspection": Care(SUPERVISOR, timedelta(hours=24), "to be inspected before it leaves"),
    "": Care(SUPERVISOR, timedelta(hours=4), "no kind is said"),
}


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval that a fulfilment order needs: its kind, whose it is, and for which SKUs."""

    kind: str
    care: Care
    reason: str


def care_of(kind: str) -> Care:
    """Who looks at holds of a kind, and by when."""
    return CARE.get(kind, OTHERWISE)


def approvals(items: Iterable[tuple[str, Iterable[str]]]) -> tuple[Approval, ...]:
    """The approvals that items need, one a kind, from their SKUs with the kinds of each."""
    skus: dict[str, set[str]] = {}
    for sku, kinds in items:
        for kind in kinds:
            skus.setdefault(kind, set()).add(sku)
    return tuple(
        Approval(kind, APPROVALS[kind], _why(kind, sorted(skus[kind]))) for kind in sorted(skus)
    )


def _why(kind: str, skus: list[str]) -> str:
    said = f" ({kind})" if kind else ""
    return f"Somebody has to approve{said}: {', '.join(skus)}."[:500]
