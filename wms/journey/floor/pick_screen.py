"""What the picker sees between the walks, and before the first bin."""

import asyncpg

from wms.journey.floor import message
from wms.journey.floor.move_screen import zone_words
from wms.journey.floor.screen import Fact, Progress, Screen


def wait_screen() -> Screen:
    """No walk waits for anybody here."""
    return Screen(
        "pick",
        "wait",
        "Nothing to pick",
        lines=("The next wave will show up here.",),
        actions=(message.LEAVE,),
        idle=True,
    )


def to_fill(slots: list[asyncpg.Record]) -> list[asyncpg.Record]:
    """The slots that still need a tote: nothing will be picked into the others."""
    return [slot for slot in slots if slot["tote_id"] is None and slot["wanted"]]


def tote_screen(slots: list[asyncpg.Record]) -> Screen:
    """Which slot of the cart gets a tote next."""
    slot, wanted = to_fill(slots)[0], [slot for slot in slots if slot["wanted"]]
    bound = sum(slot["tote_id"] is not None for slot in wanted)
    return Screen(
        "pick",
        "tote",
        "Put an empty tote on the cart",
        f"SLOT {slot['slot']}",
        lines=("Then scan it.",),
        facts=(Fact("Order", str(slot["order_id"])),),
        expect="tote",
        progress=Progress(bound, len(wanted)),
    )


def drop_screen(empty: list[str]) -> Screen:
    """All totes go on the conveyor, but for those that nothing was put into."""
    return Screen(
        "pick",
        "drop",
        "Put all totes on the conveyor",
        "CONVEYOR",
        lines=("Then scan the conveyor.",),
        facts=tuple(Fact("Empty, keep", tote) for tote in empty),
        expect="place",
    )


def paused_screen(pauses: list[asyncpg.Record]) -> Screen:
    """Nothing is left to pick but where the work is paused."""
    return Screen(
        "pick",
        "paused",
        "Wait: work is paused",
        ", ".join(dict.fromkeys(zone_words(row["zone"]) for row in pauses)),
        lines=tuple(dict.fromkeys(row["reason"] for row in pauses)),
        facts=(Fact("Picks that wait", str(sum(row["tasks"] for row in pauses))),),
        actions=(message.REFRESH, message.LEAVE),
        idle=True,
    )


def elsewhere_screen(batch: asyncpg.Record) -> Screen:
    """Their cart, with goods on it, stands in another warehouse."""
    return Screen(
        "pick",
        "elsewhere",
        "Your cart stands in",
        batch["warehouse"],
        lines=("Finish its walk there first.",),
        actions=(message.REFRESH, message.LEAVE),
    )
