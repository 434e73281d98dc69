"""What tests ask of a floor with a sorter."""

import asyncio
from collections.abc import Callable

from devices.sorter.message import Command
from tests.api.gateway.test_gateway import Line
from tests.patience import PATIENCE_S
from wms.database.pool import staff_transaction


async def until(true: Callable[[], bool], line: Line) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            line.scanner.send_again()
            await asyncio.sleep(0.03)


async def told(line: Line, track: int, lanes: list[int]) -> None:
    """Until the PLC was told these lanes for a track, one after the other."""
    await until(lambda: lanes_of(line, track) == lanes, line)


async def until_row(line: Line, query: str, wanted: object) -> None:
    """Until a question to the database has this answer."""
    async with asyncio.timeout(PATIENCE_S):
        while await line.floor.value(query) != wanted:
            line.scanner.send_again()
            await asyncio.sleep(0.05)


async def plan(line: Line, **plan: object) -> None:
    """Lays the sorter's lanes out, before a gateway reads it."""
    async with staff_transaction(line.floor.pool) as c:
        await c.execute(
            "update device set config = config || $2 where site = $1 and name = 'PLC-1'",
            line.floor.site,
            plan,
        )


async def sorter_id(line: Line) -> int:
    found = await line.floor.value(
        f"select id from device where site = '{line.floor.site}' and name = 'PLC-1'"
    )
    assert isinstance(found, int)
    return found


def lanes_of(line: Line, track: int) -> list[int]:
    return [command.lane for command in line.plc.done if command.track == track]


def last(line: Line, track: int) -> Command:
    return [command for command in line.plc.done if command.track == track][-1]


async def item(line: Line, column: str) -> object:
    return await line.floor.value(
        f"select {column} from sort_item i join device d on d.id = i.device_id "
        f"where d.site = '{line.floor.site}' order by i.id desc limit 1"
    )


def alarm(line: Line, kind: str, *, standing: bool) -> str:
    state = "is null" if standing else "is not null"
    return (
        "select count(*) from sorter_alarm a join device d on d.id = a.device_id "
        f"where d.site = '{line.floor.site}' and a.kind = '{kind}' and cleared_at {state}"
    )


def newest(line: Line) -> str:
    return (
        "select i.* from sort_item i join device d on d.id = i.device_id "
        f"where d.site = '{line.floor.site}' order by i.id desc limit 1"
    )


def state_of(line: Line) -> str:
    return f"select state from ({newest(line)}) newest"


def rule_of(line: Line) -> str:
    return f"select decision ->> 'rule' from ({newest(line)}) newest"
