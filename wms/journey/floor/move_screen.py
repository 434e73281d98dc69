"""What somebody who moves goods is shown: from where, which item, to where, how many."""

import asyncpg

from wms.journey.floor import amount, message
from wms.journey.floor.screen import Action, Ask, Fact, Screen

TITLES = {
    "putaway": "Put away",
    "cross_dock": "Bring to the orders that wait",
    "refill": "Refill",
    "reslot": "Move to a new place",
    "put_back": "Put back",
}
NOTHING = Screen(
    "move",
    "wait",
    "Nothing to move",
    lines=("The next move will show up here.",),
    actions=(message.LEAVE,),
    idle=True,
)


def source_code(task: asyncpg.Record) -> str:
    """What is scanned where goods are taken: the handling unit they are in, or their place."""
    code: str = task["from_unit"] or task["from_place"]
    return code


def amount_of(task: asyncpg.Record) -> str:
    """How much is to be moved, as people say it."""
    return amount.amount_of(task["quantity"], task["unit"], task["scale"])


def task_screen(task: asyncpg.Record) -> Screen:
    """One of the three screens of a move: from where, which item, to where."""
    if task["step"] == "from":
        return _from_screen(task)
    if task["step"] == "item":
        return _item_screen(task)
    return _to_screen(task)


def _from_screen(task: asyncpg.Record) -> Screen:
    at = (Fact("At", task["from_place"]),) if task["from_unit"] else ()
    return Screen(
        "move",
        "from",
        f"{TITLES[task['kind']]}: go to",
        source_code(task),
        (task["name"], f"SKU {task['sku']}"),
        (Fact("Take", amount_of(task)), *_facts(task), *at, Fact("To", task["to_place"])),
        "tote" if task["from_unit"] else "bin",
        actions=_actions(task, message.SHORT),
    )


def _item_screen(task: asyncpg.Record) -> Screen:
    return Screen(
        "move",
        "item",
        f"Take {amount_of(task)} and scan one",
        task["name"],
        (f"SKU {task['sku']}",),
        (*_facts(task), Fact("From", source_code(task)), Fact("To", task["to_place"])),
        "item",
        _ask(task, task["quantity"]),
        _actions(task, message.SHORT),
    )


def _to_screen(task: asyncpg.Record) -> Screen:
    return Screen(
        "move",
        "to",
        f"{TITLES[task['kind']]}: put {amount_of(task)} into",
        task["to_place"],
        (task["name"], f"SKU {task['sku']}"),
        (*_facts(task), Fact("From", source_code(task))),
        "bin",
        _ask(task, task["quantity"]),
        _actions(task),
    )


def count_screen(task: asyncpg.Record) -> Screen:
    """The question of how many there are, before anything is taken."""
    return Screen(
        "move",
        "short",
        "How many are here in all?",
        source_code(task),
        (task["name"], f"SKU {task['sku']}"),
        (Fact("Wanted", amount_of(task)),),
        ask=_ask(task, 0),
        actions=(message.COUNT,),
    )


def paused_screen(task: asyncpg.Record, what: str) -> Screen:
    """The screen that waits for the end of a pause."""
    return Screen(
        "move",
        "paused",
        f"Paused: {what}",
        lines=("Your work stays as it is.",),
        actions=_actions(task, message.REFRESH),
        idle=True,
    )


def all_paused_screen(pauses: list[asyncpg.Record]) -> Screen:
    """There are moves, but all of them where the work is paused."""
    return Screen(
        "move",
        "paused",
        "Wait: work is paused",
        ", ".join(dict.fromkeys(zone_words(row["zone"]) for row in pauses)),
        lines=tuple(dict.fromkeys(row["reason"] for row in pauses)),
        facts=(Fact("Moves that wait", str(sum(row["tasks"] for row in pauses))),),
        actions=(message.REFRESH, message.LEAVE),
        idle=True,
    )


def zone_words(zone: str) -> str:
    """A paused zone as it is shown large; '' is the whole house."""
    return f"ZONE {zone}" if zone else "ALL ZONES"


def _facts(task: asyncpg.Record) -> tuple[Fact, ...]:
    marks = [Fact(name.title(), task[name]) for name in ("lot", "serial") if task[name]]
    if task["status"] != "available":
        marks.append(Fact("Status", task["status"]))
    return tuple(marks)


def _actions(task: asyncpg.Record, *others: Action) -> tuple[Action, ...]:
    """The actions at a step; what is in somebody's hands is not left for later."""
    later = () if task["step"] == "to" else (message.SKIP,)
    return (*others, *later, message.LEAVE)


def _ask(task: asyncpg.Record, quantity: int) -> Ask:
    return amount.ask_of(quantity, task["unit"], task["scale"])
