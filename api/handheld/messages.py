"""What handhelds send and get: screens as data."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from wms.journey.floor.screen import Input


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    badge: Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
    pin: Annotated[str, StringConstraints(min_length=1, max_length=20), NO_NUL]
    device: Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]


class InputRequest(BaseModel):
    """One thing an operator did; its `id` makes it repeatable."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"id": "6f1c…", "input": "A-03-07-2", "quantity": None}]},
    )

    id: Annotated[str, StringConstraints(min_length=8, max_length=100), NO_NUL]
    input: Annotated[str, StringConstraints(max_length=500), NO_NUL] | None = None
    action: Annotated[str, StringConstraints(max_length=40), NO_NUL] | None = None
    quantity: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None

    def given(self) -> Input:
        """The input in the house's own words."""
        return Input(self.id, (self.input or "").strip(), self.action or "", self.quantity)


class FactView(BaseModel):
    label: str
    value: str


class ActionView(BaseModel):
    code: str
    label: str


class VerdictView(BaseModel):
    ok: bool
    code: str
    text: str


class ProgressView(BaseModel):
    done: int
    total: int


class AskView(BaseModel):
    """A quantity in smallest units; people see it with `scale` decimal places of `unit`."""

    quantity: int
    unit: str
    scale: int


class ScreenView(BaseModel):
    """One screen: one thing to do."""

    scenario: str
    step: str
    title: str
    target: str
    lines: list[str]
    facts: list[FactView]
    expect: str
    ask: AskView | None
    actions: list[ActionView]
    verdict: VerdictView | None
    progress: ProgressView | None
    idle: bool


class StaffView(BaseModel):
    name: str
    role: str


class SessionView(BaseModel):
    token: str
    staff: StaffView
    screen: ScreenView
