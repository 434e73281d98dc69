"""What a handheld shows, as data: the server decides it, the page and the tests only obey."""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Action:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the house says to the scan before this screen."""

    ok: bool
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A quantity that goes with the next scan, with what is proposed.

    It is sent in smallest units; `scale` says how many decimal places of `unit` are shown.
    """

    quantity: int
    unit: str = "pcs"
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: one thing to do. `target` is what is shown largest, `expect` the scan wanted.

    `order_id` is the order whose buyer's words stand on it, as PersonalText.
    """

    scenario: str
    step: str
    title: str
    target: str = ""
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    expect: str = "none"
    ask: Ask | None = None
    actions: tuple[Action, ...] = ()
    verdict: Verdict | None = None
    progress: Progress | None = None
    idle: bool = False
    order_id: int | None = None

    def said(self, verdict: Verdict | None) -> "Screen":
        """The same screen with a verdict on what was just scanned."""
        return replace(self, verdict=verdict)

    def data(self) -> dict[str, object]:
        """The screen as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Input:
    """One thing an operator did: a code or an action, and the quantity shown with it.

    `raw` is the code as it was read, with all its element strings.
    """

    id: str
    code: str = ""
    action: str = ""
    quantity: int | None = None
    raw: str = ""
