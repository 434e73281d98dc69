"""What handhelds send and get: screens as data."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from devices.error import DecodeError
from devices.scan.datawedge import read_intent
from devices.scan.wedge import WedgeFormat, read_wedge
from wms.error import Refused
from wms.journey.floor.screen import Input


class SignIn(BaseModel):
    """Who signs in, and on which device."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"badge": "B-1001", "pin": "2468", "device": "HH-01"}]},
    )

    badge: Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
    pin: Annotated[str, StringConstraints(min_length=1, max_length=20), NO_NUL]
    device: Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]


class InputRequest(BaseModel):
    """One thing an operator did; its `id` makes it repeatable.

    `input` is a code as it was typed, by a person or by a reader: symbology identifier, FNC1 or
    what stands for it, line ends and the site's prefix and suffix may all be in it. `intent` is
    DataWedge's extras instead, `com.symbol.datawedge.data_string` and its fellows.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "6f1c2b7e-0001", "input": "A-03-07-2", "quantity": None}]
        },
    )

    id: Annotated[str, StringConstraints(min_length=8, max_length=100), NO_NUL]
    input: Annotated[str, StringConstraints(max_length=600), NO_NUL] | None = None
    intent: dict[str, Any] | None = None
    action: Annotated[str, StringConstraints(max_length=40), NO_NUL] | None = None
    quantity: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None

    def given(self, wedge: WedgeFormat) -> Input:
        """The input in the house's own words.

        Raises:
            Refused: `bad_intent`, `several_codes`.
        """
        code = read_wedge(self.input or "", wedge).text
        if self.intent is not None:
            code = _code_of(self.intent, wedge)
        return Input(self.id, code, self.action or "", self.quantity)


def _code_of(intent: dict[str, Any], wedge: WedgeFormat) -> str:
    try:
        codes = {reading.text for reading in read_intent(intent, wedge)}
    except DecodeError as error:
        raise Refused("bad_intent", f"The reader's intent makes no sense: {error}.") from error
    if len(codes) > 1:
        raise Refused("several_codes", "The reader saw several codes at once. Scan one of them.")
    (code,) = codes
    return code


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
    """One screen: one thing to do; `order_id` is the order whose buyer's words stand on it."""

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
    order_id: int | None


class StaffView(BaseModel):
    name: str
    role: str


class SessionView(BaseModel):
    token: str
    staff: StaffView
    screen: ScreenView
