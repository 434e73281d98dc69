"""Where everybody starts: the menu, and before it the warehouse that they work in.

Whoever signs in works in the only warehouse. Where there are several they scan its label, or that
of any place in it, or choose it from the list; all that they are offered then, and all that they
may scan, is of that warehouse. The menu leads to another one.
"""

import asyncpg

from devices.gs1 import ScanKind, parse_scan
from wms.bins import queries as bins
from wms.journey.floor import message
from wms.journey.floor.screen import Input, Screen
from wms.tenants import commands as tenants
from wms.tenants.staff import Staff

# So many buttons fit on a handheld; the others are scanned.
WAREHOUSES_MAX = 6


async def settled(connection: asyncpg.Connection, staff: Staff) -> Staff:
    """The same person, at work in the only warehouse where they have not said in which."""
    if staff.warehouse_id is not None:
        return staff
    warehouses = await bins.warehouses(connection)
    if len(warehouses) != 1:
        return staff
    return await _enter(connection, staff, warehouses[0]["id"])


async def menu(connection: asyncpg.Connection, staff: Staff) -> Screen:
    """What there is to do, and where; or the question where."""
    if staff.warehouse_id is None:
        return await show(connection)
    hello = f"Hello {staff.name}"
    warehouses = await bins.warehouses(connection)
    if len(warehouses) == 1:
        return Screen("menu", "menu", hello, actions=message.MENU)
    [here] = [row for row in warehouses if row["id"] == staff.warehouse_id]
    return Screen(
        "menu",
        "menu",
        hello,
        lines=(f"Warehouse {here['code']}, {here['name']}",),
        actions=(*message.MENU, message.OTHER_WAREHOUSE),
    )


async def show(connection: asyncpg.Connection) -> Screen:
    """The question in which warehouse somebody works."""
    warehouses = await bins.warehouses(connection)
    if not warehouses:
        return Screen(
            "menu",
            "warehouse",
            "There is no warehouse yet",
            lines=("It is entered with the first places.",),
            actions=(message.REFRESH,),
        )
    return Screen(
        "menu",
        "warehouse",
        "Where do you work?",
        "WAREHOUSE",
        lines=("Scan the label of any place there, or choose.",),
        expect="warehouse",
        actions=tuple(
            message.of_warehouse(row["id"], row["name"]) for row in warehouses[:WAREHOUSES_MAX]
        ),
    )


async def take(connection: asyncpg.Connection, staff: Staff, given: Input) -> Screen:
    """What a scan or a choice at that question leads to."""
    if given.action == message.REFRESH.code:
        return await show(connection)
    if given.action:
        found = [
            row
            for row in await bins.warehouses(connection)
            if message.of_warehouse(row["id"], row["name"]).code == given.action
        ]
        wrong = message.unknown_action(given.action)
    else:
        scan = parse_scan(given.code)
        if scan.kind is ScanKind.FAULT:
            return (await show(connection)).said(message.unreadable(scan.value))
        found = await bins.warehouses_of_label(connection, scan.value)
        wrong = message.unknown_warehouse(scan.value)
        if len(found) > 1:
            wrong = message.several_warehouses(scan.value, [row["code"] for row in found])
    if len(found) != 1:
        return (await show(connection)).said(wrong)
    await tenants.save_session(connection, staff.session_id, "menu", {})
    staff = await _enter(connection, staff, found[0]["id"])
    return (await menu(connection, staff)).said(message.right())


async def leave(connection: asyncpg.Connection, staff: Staff) -> Screen:
    """The question again, for somebody at the menu who goes elsewhere."""
    await tenants.set_warehouse(connection, staff.session_id, None)
    return await show(connection)


async def _enter(connection: asyncpg.Connection, staff: Staff, warehouse_id: int) -> Staff:
    await tenants.set_warehouse(connection, staff.session_id, warehouse_id)
    return staff.within(warehouse_id)
