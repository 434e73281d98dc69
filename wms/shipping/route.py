"""The versions of a departure's route plan, and what of a departure they are made from."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from routing.road.point import Point
from wms.shipping.drop import Drop
from wms.shipping.van import Van
from wms.shipping.wish import Wish
from wms.state import follow

# A parcel that is put out one by one would else have everything planned anew each time.
REPLAN_EVERY = timedelta(seconds=60)
# Who is told a time plans by it: a change within it is what a day on the road brings anyway.
TOLD_AGAIN_AFTER = timedelta(minutes=15)
# Vans that leave so much later than planned arrive so much later, and their shops should hear.
LEAVES_LATE = timedelta(minutes=5)


class State(StrEnum):
    REQUESTED = "requested"
    PLANNED = "planned"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


class Event(StrEnum):
    SAVE = "save"
    SUPERSEDE = "supersede"
    REFUSE = "refuse"


MOVES: dict[tuple[State, Event], State] = {
    (State.REQUESTED, Event.SAVE): State.PLANNED,
    (State.REQUESTED, Event.REFUSE): State.REFUSED,
    (State.PLANNED, Event.SUPERSEDE): State.SUPERSEDED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A route plan")


class Kind(StrEnum):
    """Whose vans a departure goes by."""

    CARRIER = "carrier"
    OWN_VANS = "own_vans"


class Outcome(StrEnum):
    """How far a stop is."""

    PLANNED = "planned"
    BEGUN = "begun"
    SERVED = "served"
    FAILED = "failed"


VISITED = (Outcome.SERVED, Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An order's place on the route of its van, and what became of it.

    leaves_at: when the van was planned to leave it; happened_at: when it was reported.
    """

    order_id: int
    van: str
    position: int
    outcome: Outcome
    earliest_at: datetime
    expected_at: datetime
    latest_at: datetime
    leaves_at: datetime
    happened_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything of a departure that its routes depend on.

    ready_at: when each van that is late can go on. plan: the one that stands, as it is kept, and
    its version and digest.
    """

    departure_id: int
    warehouse_id: int
    state: str
    kind: Kind
    cut_off_at: datetime | None
    closed_at: datetime | None
    depot: Point
    zone: str
    drops: tuple[Drop, ...]
    vans: tuple[Van, ...]
    wishes: dict[int, Wish]
    calls: dict[int, Call]
    ready_at: dict[str, datetime]
    plan: dict[str, Any] | None = None
    version: int = 0
    plan_digest: str | None = None

    @property
    def going(self) -> tuple[Drop, ...]:
        """What the routes are of: all that is put out, or all that is loaded once it is closed."""
        if self.state == "open":
            return self.drops
        return tuple(drop for drop in self.drops if drop.loaded)

    def aboard(self, order_id: int) -> str | None:
        """The van that an order's goods are in, once own vans are loaded and closed."""
        call = self.calls.get(order_id)
        if self.kind is not Kind.OWN_VANS or self.state == "open" or call is None:
            return None
        return call.van

    @property
    def digest(self) -> str:
        """Two readings of equal digest lead to the same routes.

        The moment is not in it, nor whether the departure is closed: neither changes a plan.
        """
        said = {
            "kind": self.kind,
            "cut_off_at": self.cut_off_at,
            "depot": self.depot,
            "drops": [
                # A parcel whose label was printed anew comes later in its drop: nothing changed.
                (drop.order_id, sorted(drop.parcel_ids), drop.mass_g, drop.volume_ml, drop.point)
                for drop in sorted(self.going, key=lambda each: each.order_id)
            ],
            "vans": [repr(van) for van in self.vans] if self.kind is Kind.OWN_VANS else [],
            "wishes": [repr(wish) for _, wish in sorted(self.wishes.items())],
            "calls": [
                (call.order_id, call.van, call.outcome, call.happened_at)
                for _, call in sorted(self.calls.items())
                if call.outcome is not Outcome.PLANNED
            ],
            "ready_at": sorted(self.ready_at.items()),
        }
        text = json.dumps(said, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def stale(self) -> bool:
        """Whether something has changed since the standing plan was made."""
        return self.plan is not None and self.plan_digest not in (None, self.digest)
