"""The screens of the receive scenario: which shipment, what, how many, and the end of it."""

import asyncpg

from wms.items.unit import format_quantity
from wms.journey.floor import message
from wms.journey.floor.amount import ask_of
from wms.journey.floor.screen import Fact, Progress, Screen
from wms.receiving.inbound import Difference, label_of
from wms.receiving.taking import Taking

ROWS_MAX = 8
MISSING_MAX = 4


def shipment_screen(waiting: list[asyncpg.Record]) -> Screen:
    """Which shipment is being unloaded."""
    return Screen(
        "receive",
        "shipment",
        "Which shipment?",
        "INBOUND",
        lines=("Scan its label, or the number on its papers.",),
        facts=tuple(
            Fact(label_of(row["id"]), row["reference"] or f"{row['kind']} for {row['owner']}")
            for row in waiting[:ROWS_MAX]
        ),
        expect="shipment",
        actions=(message.BLIND, message.REFRESH, message.LEAVE),
    )


def owner_screen(owners: list[asyncpg.Record]) -> Screen:
    """Whose goods they are that nobody announced."""
    return Screen(
        "receive",
        "owner",
        "Whose goods are they?",
        actions=(
            *(message.of_owner(row["id"], row["name"]) for row in owners),
            message.OTHER_SHIPMENT,
        ),
    )


def item_screen(
    shipment: asyncpg.Record, lines: list[asyncpg.Record], place: str, unit_code: str
) -> Screen:
    """What comes next out of the box."""
    missing = [line for line in lines if line["received"] < line["expected"]]
    stands = " on ".join(part for part in (place, unit_code) if part)
    facts = [Fact(line["sku"], _said(line)) for line in missing]
    if len(facts) > MISSING_MAX:
        more = len(facts) - MISSING_MAX + 1
        facts = [*facts[: MISSING_MAX - 1], Fact("And beside", f"{more} more items")]
    announced = [line for line in lines if line["expected"]]
    done = sum(line["received"] >= line["expected"] for line in announced)
    return Screen(
        "receive",
        "item",
        "Scan an item",
        label_of(shipment["id"]),
        lines=(
            shipment["reference"] or f"{shipment['kind']} for {shipment['owner']}",
            *((f"Goods stand at {stands}",) if stands else ()),
        ),
        facts=tuple(facts),
        expect="item",
        actions=(message.FINISH, message.OTHER_SHIPMENT, message.LEAVE),
        progress=Progress(done, len(announced)) if announced else None,
    )


def goods_screen(taking: Taking) -> Screen:
    """What is still to be known of the goods in hand."""
    wanted = taking.wanted
    known = [Fact("Lot", taking.lot)] if taking.lot else []
    known += [Fact("Expires", taking.expires_on)] if taking.expires_on else []
    known += [Fact("Serial", taking.serial)] if taking.serial else []
    title = {
        "lot": "Scan or type its lot",
        "expiry": "Type its last day, as 2027-01-31",
        "serial": "Scan its serial number",
        "condition": "How many, and in which condition?",
    }[wanted]
    counts = wanted == "condition"
    return Screen(
        "receive",
        wanted,
        title,
        taking.sku,
        lines=(taking.name,),
        facts=tuple(known),
        expect="none" if counts else wanted,
        ask=ask_of(taking.proposed, taking.unit, taking.scale) if counts else None,
        actions=(
            *((message.GOOD, message.DAMAGED) if counts else ()),
            message.NOT_THIS,
        ),
    )


def confirm_screen(shipment: asyncpg.Record, missing: list[Difference]) -> Screen:
    """Not all has come: does more of it come?"""
    return Screen(
        "receive",
        "confirm",
        "Not all of it has come",
        label_of(shipment["id"]),
        facts=tuple(
            Fact(each.sku, f"{format_quantity(each.under, each.scale)} missing")
            for each in missing[:ROWS_MAX]
        ),
        actions=(message.CLOSE_SHORT, message.MORE_COMES),
    )


def _said(line: asyncpg.Record) -> str:
    """How much of a line has come; of a scaled item with its unit."""
    received = format_quantity(line["received"], line["scale"])
    expected = format_quantity(line["expected"], line["scale"])
    return f"{received} of {expected}" + (f" {line['unit']}" if line["scale"] else "")
