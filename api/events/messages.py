"""Events, as shops list them."""

from pydantic import AwareDatetime, BaseModel, Field


class EventView(BaseModel):
    """What happened; `sequence` counts the events of its `subject`, from 1 and without gaps."""

    cursor: str
    type: str
    subject: str
    sequence: int
    order_id: int | None
    data: dict[str, object]
    actor: str
    occurred_at: AwareDatetime


class EventList(BaseModel):
    """Events past the cursor asked for; `next` is the cursor to ask with the next time.

    Events are of one order of commits that never changes, so no cursor skips one that is late.
    """

    items: list[EventView]
    next: str
    kept_days: int | None = Field(
        default=None,
        description="how many days back events can be read; null: from the first one on, for ever",
    )
