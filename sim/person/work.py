"""How anybody works: look at the screen, do its step, give up loudly if it never goes right."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from sim.floor import Floor
from sim.person.handheld import Handheld, HouseSilent, Screen
from sim.scenario.crew import Member
from sim.world import Impossible

WRONG_MAX = 20
Step = Callable[[Screen], Awaitable[Screen]]


class GaveUp(Exception):
    """A step never went right, or the screen asked for what cannot be done."""


@dataclass(slots=True)
class Worker:
    """One of the crew with a handheld, on a floor."""

    member: Member
    handheld: Handheld
    floor: Floor
    busy: str = field(default="")

    @property
    def hand(self) -> str:
        """The holder of what this person carries."""
        return f"hand {self.member.badge}"


async def follow_screens(worker: Worker, task: str, steps: Mapping[str, Step]) -> None:
    """Do step after step until cancelled; failures go into the tally and end this person's work.

    The step `idle` is done on an idle screen, where there is one.
    """
    handheld, member = worker.handheld, worker.member
    try:
        await handheld.sign_in(member.badge, member.pin)
        wrong_in_a_row = 0
        while True:
            screen = handheld.screen
            worker.busy = f"{screen.scenario}/{screen.step}"
            after = await _one_step(handheld, task, steps, screen)
            wrong_in_a_row = 0 if after.right else wrong_in_a_row + 1
            if wrong_in_a_row >= WRONG_MAX:
                raise GaveUp(f"{WRONG_MAX} wrong verdicts in a row, the last: {after.text}")
    except (GaveUp, HouseSilent, Impossible) as error:
        handheld.tally.fail(f"{member.name} at {worker.busy}: {error}")


async def _one_step(
    handheld: Handheld, task: str, steps: Mapping[str, Step], screen: Screen
) -> Screen:
    if screen.scenario == "menu":
        return await handheld.press(task)
    step = steps.get("idle" if screen.idle and "idle" in steps else screen.step)
    if step is None:
        raise GaveUp(f"no idea what to do at step {screen.step!r}")
    return await step(screen)
