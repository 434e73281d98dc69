"""Pauses of the floor, as planners make and read them."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]


class PauseRequest(BaseModel):
    """A zone of a warehouse, or without one the whole of it, in which nobody works for a while."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"zone": "A", "reason": "the shelves are inspected"}]},
    )

    warehouse: Name | None = None
    zone: Name | None = None
    reason: Name


class PauseView(BaseModel):
    """A pause; without a zone it is of the whole house."""

    id: int
    warehouse: str
    zone: str | None
    reason: str
    started_by: str
    started_at: AwareDatetime
    ended_by: str | None
    ended_at: AwareDatetime | None


class PauseList(BaseModel):
    items: list[PauseView]
    next: str | None
