"""The count scenario.

The house says where to go. The counter scans the place, then everything that lies there and how
many of it, with its lot, its last day or its serial numbers where the item has them; the last word
on an item stands. `That is all` ends the count, `Nothing is here` where the place is empty. What
the books say is never shown. A recount is for somebody else than the one whose count is in doubt.
"""

from dataclasses import asdict
from datetime import datetime

import asyncpg

from wms.counting import commands as counting
from wms.counting import queries as counts
from wms.journey.floor import message
from wms.journey.floor.finding import Finding, asked, finding_of, how_many, noted
from wms.journey.floor.screen import Action, Fact, Input, Screen, Verdict
from wms.journey.goods.variance import settle_count
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff


async def show(connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen:
    """The screen this counter is at; claims the next count where they have none."""
    task = await counting.claim_count(connection, staff.staff_id, staff.works_in, now)
    if task is None:
        return Screen(
            "count",
            "wait",
            "Nothing to count",
            lines=("The next count will show up here.",),
            actions=(message.REFRESH, message.LEAVE),
            idle=True,
        )
    return await _screen(connection, task, _state(staff, task))


async def take(connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime) -> Screen:
    """What a scan or an action at this step leads to."""
    task = await counting.claim_count(connection, staff.staff_id, staff.works_in, now)
    if task is None or given.action == message.REFRESH.code:
        return await show(connection, staff, now)
    if task["begun_at"] is None:
        verdict = await _take_place(connection, task, given, now)
        return (await show(connection, staff, now)).said(verdict)
    if given.action in (message.FINISH.code, message.EMPTY.code):
        return await _finish(connection, staff, task, given, now)
    state = _state(staff, task)
    if given.action == message.NOT_THIS.code:
        state, verdict = {}, message.right()
    elif "finding" in state:
        state, verdict = await _take_answer(connection, staff, task, state, given, now)
    else:
        state, verdict = await _take_item(connection, staff, task, state, given, now)
    state = state | {"task": task["id"]}
    await tenants.save_session(connection, staff.session_id, "count", state)
    return (await show(connection, staff.at("count", state), now)).said(verdict)


def _state(staff: Staff, task: asyncpg.Record) -> dict[str, object]:
    """What this person is at within the count; nothing where it was another count."""
    return dict(staff.state) if staff.state.get("task") == task["id"] else {}


async def _screen(
    connection: asyncpg.Connection, task: asyncpg.Record, state: dict[str, object]
) -> Screen:
    what = "everything in it" if task["item_id"] is None else f"SKU {task['sku']}, {task['name']}"
    if task["begun_at"] is None:
        return Screen(
            "count",
            "place",
            "Go and count",
            task["place"],
            lines=(f"Count {what}.",),
            expect="place",
            actions=(message.LEAVE,),
        )
    finding = finding_of(state)
    if finding is not None:
        return _finding_screen(task, finding)
    if "choice" in state:
        return _choice_screen(task, state)
    lines = await counts.counted_so_far(connection, task["id"])
    return Screen(
        "count",
        "item",
        "Scan what lies here",
        task["place"],
        lines=(f"Count {what}.",),
        facts=tuple(
            Fact(row["sku"] if not row["lot"] else f"{row['sku']} {row['lot']}", noted(row))
            for row in lines
        ),
        expect="item",
        actions=(message.FINISH if lines else message.EMPTY, message.LEAVE),
    )


def _finding_screen(task: asyncpg.Record, finding: Finding) -> Screen:
    """The question that is open about the goods just scanned."""
    named = (finding.name, f"SKU {finding.sku}")
    wanted = finding.wanted
    if wanted == "quantity":
        return Screen(
            "count",
            "quantity",
            "How many are here?",
            task["place"],
            named,
            ask=asked(finding),
            actions=(message.COUNTED, message.MORE, message.NOT_THIS),
        )
    titles = {
        "lot": "Scan its lot",
        "expiry": "Type its last day, as 2027-01-31",
        "serial": "Scan its serial numbers",
    }
    return Screen(
        "count",
        wanted,
        titles[wanted],
        task["place"],
        named,
        expect=wanted,
        actions=(message.NEXT_ITEM if wanted == "serial" else message.NOT_THIS,),
    )


def _choice_screen(task: asyncpg.Record, state: dict[str, object]) -> Screen:
    choice = state["choice"]
    assert isinstance(choice, list)
    return Screen(
        "count",
        "choice",
        "Whose goods are these?",
        task["place"],
        actions=(
            *(
                Action(f"item-{one['item_id']}", f"{one['sku']} of {one['owner']}")
                for one in choice
            ),
            message.NOT_THIS,
        ),
    )


async def _take_place(
    connection: asyncpg.Connection, task: asyncpg.Record, given: Input, now: datetime
) -> Verdict:
    if given.code != task["place"]:
        return message.wrong_bin(given.code or given.action, task["place"])
    await counting.begin_count(connection, task["id"], now)
    return message.right()


async def _take_item(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    state: dict[str, object],
    given: Input,
    now: datetime,
) -> tuple[dict[str, object], Verdict]:
    choice = state.get("choice")
    if isinstance(choice, list):
        chosen = [Finding(**one) for one in choice if given.action == f"item-{one['item_id']}"]
        if not chosen:
            return state, message.unknown_action(given.action or given.code)
        return await _ask_on(connection, staff, task, chosen[0], given, now)
    if given.action or not given.code:
        return {}, message.unknown_action(given.action)
    rows = await counts.items_scanned(connection, task["place_id"], task["tenant_id"], given.code)
    found = [Finding.of(row) for row in rows]
    if task["item_id"] is not None:
        found = [one for one in found if one.item_id == task["item_id"]]
        if not found:
            return {}, message.wrong_item(task["sku"])
    if not found:
        return {}, message.unknown_goods(given.code)
    if len(found) > 1:
        return {"choice": [asdict(one) for one in found]}, message.right()
    return await _ask_on(connection, staff, task, found[0], given, now)


async def _take_answer(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    state: dict[str, object],
    given: Input,
    now: datetime,
) -> tuple[dict[str, object], Verdict]:
    """The answer to the open question; what cannot be one leaves the question open."""
    finding = finding_of(state)
    assert finding is not None
    if finding.wanted == "serial" and given.action == message.NEXT_ITEM.code:
        return {}, message.right()
    if finding.wanted == "quantity":
        if given.action not in (message.COUNTED.code, message.MORE.code):
            return state, message.how_many_missing()
        more = given.action == message.MORE.code
        return await _note(connection, staff, task, finding, given.quantity, now, more=more)
    if given.action or not given.code:
        return state, message.unknown_action(given.action)
    answered = finding.answered(given.code.strip())
    if answered is None:
        return state, message.not_a_date(given.code)
    if finding.wanted == "lot":
        known = await counts.expiry_of_lot(connection, finding.item_id, answered.lot)
        if known is not None:
            answered = answered.in_known_lot(known["expires_on"])
    return await _ask_on(connection, staff, task, answered, given, now)


async def _ask_on(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    finding: Finding,
    given: Input,
    now: datetime,
) -> tuple[dict[str, object], Verdict]:
    """Asks what is still to be known of these goods, or notes them."""
    if finding.serial:
        _, verdict = await _note(connection, staff, task, finding, 1, now)
        return {"finding": asdict(finding.without_serial())}, verdict
    if finding.wanted == "quantity" and given.quantity is not None:
        return await _note(connection, staff, task, finding, given.quantity, now)
    return {"finding": asdict(finding)}, message.right()


async def _note(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    finding: Finding,
    quantity: int | None,
    now: datetime,
    *,
    more: bool = False,
) -> tuple[dict[str, object], Verdict]:
    counted = how_many(finding, quantity)
    if counted is None:
        return {"finding": asdict(finding)}, message.how_many_missing()
    if more:
        so_far = await counts.counted_so_far(connection, task["id"])
        counted += sum(row["counted"] for row in so_far if finding.is_of(row))
    await counting.note_line(
        connection,
        task["id"],
        finding.tenant_id,
        finding.goods(),
        counted,
        staff.actor,
        None,
        now,
    )
    return {}, message.noted(finding.sku)


async def _finish(
    connection: asyncpg.Connection,
    staff: Staff,
    task: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Screen:
    lines = await counts.counted_so_far(connection, task["id"])
    if bool(lines) == (given.action == message.EMPTY.code):
        shown = await show(connection, staff, now)
        return shown.said(message.unknown_action(given.action))
    await settle_count(
        connection,
        task,
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    await tenants.save_session(connection, staff.session_id, "count", {})
    return (await show(connection, staff.at("count", {}), now)).said(message.count_done())
