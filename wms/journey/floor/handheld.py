"""The handheld's one door: a scan or an action in, the next screen out, once for each id."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

import asyncpg

from devices.gs1 import ScanKind, parse_scan, without_aim
from wms.audit import commands as audit
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound
from wms.journey.floor import count, house, load, message, move, pack, pick, receive
from wms.journey.floor.screen import Input, Screen
from wms.outbox import commands as outbox
from wms.outbox.command import Answer, body_hash
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows
from wms.tenants.staff import Staff

NO_TENANT = 0


class Scenario(Protocol):
    """What the modules pick, pack and load have in common: what they show, and what a scan does."""

    async def show(self, connection: asyncpg.Connection, staff: Staff, now: datetime) -> Screen: ...

    async def take(
        self, connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime
    ) -> Screen: ...


SCENARIOS: dict[str, Scenario] = {
    "pick": pick,
    "pack": pack,
    "load": load,
    "count": count,
    "move": move,
    "receive": receive,
}


@again_on_deadlock
async def take_input(
    pool: asyncpg.Pool, token: str, given: Input, now: datetime
) -> dict[str, object]:
    """Answers one input with the next screen; a repeat of its id gets the first answer again.

    Raises:
        NotFound: `no_session`, nobody is signed in with this token.
        Conflict: `in_flight`, the same input is being worked on.
    """
    async with staff_transaction(pool) as connection:
        staff = await _staff(connection, token, now, lock=True)
        scope = f"handheld/{staff.session_id}"
        digest = body_hash([given.code, given.action, given.quantity])
        # The session's lock, taken above, lets its inputs in one by one.
        first = await outbox.answer_before(connection, NO_TENANT, scope, given.id, digest)
        if first is not None:
            return first.body
        screen = await _seen(connection, staff, await _answer(connection, staff, given, now), now)
        data = screen.data()
        await outbox.remember(
            connection,
            NO_TENANT,
            scope,
            given.id,
            f"{staff.scenario}.{screen.step}",
            digest,
            Answer(200, data),
            staff.actor,
        )
        return data


@again_on_deadlock
async def current_screen(pool: asyncpg.Pool, token: str, now: datetime) -> dict[str, object]:
    """The screen that a session is at, for a page that was loaded anew.

    Raises:
        NotFound: `no_session`.
    """
    async with staff_transaction(pool) as connection:
        staff = await _staff(connection, token, now, lock=True)
        scenario = SCENARIOS.get(staff.scenario)
        if scenario is None or staff.warehouse_id is None:
            return (await house.menu(connection, staff)).data()
        shown = await scenario.show(connection, staff, now)
        return (await _seen(connection, staff, shown, now)).data()


async def _seen(
    connection: asyncpg.Connection, staff: Staff, screen: Screen, now: datetime
) -> Screen:
    """The same screen; where a buyer's words stand on it, it is noted that they were read."""
    if screen.order_id is not None:
        await audit.note_look(connection, staff.actor, "handheld", screen.order_id, now)
    return screen


async def _staff(connection: asyncpg.Connection, token: str, now: datetime, lock: bool) -> Staff:
    staff = await tenant_rows.staff_of_token(connection, token, now, lock=lock)
    if staff is None:
        raise NotFound("no_session", "Sign in first.")
    return await house.settled(connection, staff)


async def _answer(
    connection: asyncpg.Connection, staff: Staff, given: Input, now: datetime
) -> Screen:
    if given.action == message.LEAVE.code:
        await tenants.save_session(connection, staff.session_id, "menu", {})
        return await house.menu(connection, staff)
    if staff.warehouse_id is None:
        return await house.take(connection, staff, given)
    if given.action == message.OTHER_WAREHOUSE.code and staff.scenario == "menu":
        return await house.leave(connection, staff)
    entered = SCENARIOS.get(given.action)
    if entered is not None and staff.scenario in ("menu", given.action):
        if staff.scenario == "menu":
            await tenants.save_session(connection, staff.session_id, given.action, {})
            staff = staff.at(given.action, {})
        return await entered.show(connection, staff, now)
    scenario = SCENARIOS.get(staff.scenario)
    if scenario is None:
        shown = await house.menu(connection, staff)
        return shown.said(message.unknown_action(given.action or given.code))
    if given.code:
        scan = parse_scan(given.code)
        # A lot or a serial may look like a code that it is not; who asks for one says so.
        if scan.kind is ScanKind.FAULT and not staff.state.get("text"):
            shown = await scenario.show(connection, staff, now)
            return shown.said(message.unreadable(scan.value))
        # A lot or a serial may be any text, and its bar code's kind is no part of it.
        raw = given.code if scan.elements else without_aim(given.code)
        given = replace(given, code=scan.value, raw=raw)
    return await scenario.take(connection, staff, given, now)
