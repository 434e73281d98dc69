"""What all that a shop's gateway told of an order's payment comes to, in whatever order it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PaymentState(StrEnum):
    PENDING = "pending"
    AUTHORISED = "authorised"
    PAID = "paid"
    FAILED = "failed"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


# The money is the shop's, or some of it.
IN_HAND = (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED)
# Of what was said of the same moment the later one here counts.
_RANK = {PaymentState.PENDING: 0, PaymentState.AUTHORISED: 1, PaymentState.FAILED: 2}


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the gateway; `at` is when it happened there, `reference` its own number.

    Of money that goes back the amount is that of this time.
    The same message told again is equal to the first.
    """

    state: str
    amount_minor: int
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a payment stands; refunds count once something was paid, and up to that."""

    state: PaymentState
    refunded_minor: int


def standing(told: Sequence[Told], paid_minor: int) -> Standing:
    """How a payment stands after these messages, in whatever order they came.

    What was paid, `paid_minor` in all, stays paid: an authorisation or an attempt that failed
    changes nothing, however late it is told. Only a failure of the same reference takes it back
    that happened afterwards, as of a debit that bounced. Money that was given back counts against
    what was paid.
    """
    if not any(one.state == PaymentState.PAID and not _bounced(one, told) for one in told):
        others = [one for one in told if one.state in _RANK]
        last = max(others, key=lambda one: (one.at, _RANK[PaymentState(one.state)]), default=None)
        return Standing(PaymentState.PENDING if last is None else PaymentState(last.state), 0)
    refunded_minor = min(refunds_minor(told), paid_minor)
    if refunded_minor < paid_minor or not any(_gives_back(one) for one in told):
        state = PaymentState.PARTIALLY_REFUNDED if refunded_minor else PaymentState.PAID
        return Standing(state, refunded_minor)
    return Standing(PaymentState.REFUNDED, refunded_minor)


def refunds_minor(told: Sequence[Told]) -> int:
    """All that was given back, whether or not it is known yet that it was paid."""
    return sum(one.amount_minor for one in told if _gives_back(one))


def _gives_back(one: Told) -> bool:
    return one.state in (PaymentState.REFUNDED, PaymentState.PARTIALLY_REFUNDED)


def _bounced(paid: Told, told: Sequence[Told]) -> bool:
    return any(
        one.state == PaymentState.FAILED and one.reference == paid.reference and one.at > paid.at
        for one in told
    )
