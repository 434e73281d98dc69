"""The link of a whole site over the real database: every device heard, and bad ones kept apart."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from api.gateway.bell import Bell, listen
from api.gateway.lease import Lease, hold
from api.gateway.link import Site, serve_site
from api.gateway.roster import Roster
from devices.link.client import BrokerAddress
from devices.link.topic import DeviceName
from tests.api.gateway.floor import Floor, build_floor
from tests.devices.link.broker import Broker, Scanner
from tests.devices.link.crowd import Crowd
from tests.devices.link.light import Light
from tests.patience import PATIENCE_S
from wms.database.pool import staff_transaction
from wms.equipment import queries as equipment
from wms.equipment.device import CommandEntry
from wms.journey.device.order import ask_device
from wms.journey.device.register import enter_gateway, forget_telegrams

CROWD = 120


async def until(
    true: Callable[[], Awaitable[bool]], also: Callable[[], None] = lambda: None
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():
            also()
            await asyncio.sleep(0.05)


@dataclass
class Clock:
    """A clock that the test moves."""

    at: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class House:
    """A site with a broker, and links that can come and go."""

    floor: Floor
    broker: Broker
    clock: Clock
    counts: Counter[str]

    def name(self, device_class: str, device: str) -> DeviceName:
        return DeviceName(self.floor.site, "sort", device_class, device)

    @asynccontextmanager
    async def linked(self, holder: str = "one", over_sorter: str = "") -> AsyncIterator[Site]:
        floor = self.floor
        async with staff_transaction(floor.pool) as connection:
            await enter_gateway(connection, floor.site)
            rows = await equipment.devices_of_site(connection, floor.site)
        roster, commands = Roster(), Bell()
        others = {self.name("scanner", over_sorter)} if over_sorter else set()
        roster.replace(rows, frozenset(others))
        site = Site(
            BrokerAddress(host="127.0.0.1", port=self.broker.port),
            floor.site,
            self.clock.now,
            commands,
            Bell(),
            roster,
            self.counts,
        )
        (house,) = [row for row in rows if row["class"] == "gateway"]

        async def work(lease: Lease) -> None:
            await serve_site(lease, site)

        holding = asyncio.create_task(hold(floor.pool, house["id"], "link", holder, work))
        hearing = asyncio.create_task(listen(floor.pool, {"device_command": commands}))
        try:
            yield site
        finally:
            for task in (holding, hearing):
                task.cancel()
            await asyncio.wait({holding, hearing})

    async def state_of(self, device: str) -> asyncpg.Record:
        async with staff_transaction(self.floor.pool) as connection:
            row = await equipment.device(connection, self.floor.site, device)
        assert row is not None
        return row

    async def ask(self, device: str, op: str, expires_s: float = 60) -> int:
        async with staff_transaction(self.floor.pool) as connection:
            return await ask_device(
                connection,
                self.floor.site,
                device,
                CommandEntry(op, {"colour": "green"}, expires_s),
                "test",
                self.clock.now(),
            )

    async def command(self, number: int) -> asyncpg.Record:
        async with staff_transaction(self.floor.pool) as connection:
            row = await equipment.command(connection, number)
        assert row is not None
        return row

    def is_in_state(self, number: int, state: str) -> Callable[[], Awaitable[bool]]:
        async def is_so() -> bool:
            return bool((await self.command(number))["state"] == state)

        return is_so

    def is_online(self, device: str, online: bool) -> Callable[[], Awaitable[bool]]:
        async def is_so() -> bool:
            return (await self.state_of(device))["online"] is online

        return is_so


@pytest.fixture
async def house(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[House]:
    broker, floor = Broker(tmp_path), await build_floor(pool)
    await broker.start()
    yield House(floor, broker, Clock(), Counter())
    broker.kill()


async def heard(floor: Floor, name: DeviceName) -> object:
    found = "select string_agg(payload->>'raw', ' ' order by boot, seq) from device_inbox "
    return await floor.value(f"{found} where device = $1", str(name))


async def test_devices_of_every_class_are_heard_once_and_acknowledged(house: House) -> None:
    names = [house.name("scanner", "SCN-09"), house.name("handheld", "HH-01")]
    for name in names:
        await house.floor.enter_device(name.device, name.device_class, None, {})
    scanners = [Scanner(house.broker, name, 7) for name in names]
    async with house.linked():
        for scanner in scanners:
            scanner.scan("one")
            scanner.scan("two")

        async def acknowledged() -> bool:
            return not any(scanner.kept for scanner in scanners)

        def again() -> None:
            for scanner in scanners:
                scanner.send_again()

        await until(acknowledged, again)
    for scanner, name in zip(scanners, names, strict=True):
        scanner.stop()
        assert await heard(house.floor, name) == "one two"


async def test_events_of_a_scanner_over_a_sorter_are_left_to_its_sorter(house: House) -> None:
    await house.floor.enter_device("SCN-01", "scanner", None, {"sorter": "PLC-1"})
    await house.floor.enter_device("SCN-02", "scanner", None, {})
    over = Scanner(house.broker, house.name("scanner", "SCN-01"), 7)
    free = Scanner(house.broker, house.name("scanner", "SCN-02"), 7)
    async with house.linked(over_sorter="SCN-01"):
        over.scan("T-00001")
        free.scan("here")

        async def acknowledged() -> bool:
            return not free.kept

        await until(acknowledged, free.send_again)
        await until(house.is_online("SCN-01", True))
        over.send(b"garbage over the sorter")

        async def told() -> bool:
            found = "select count(*) from bad_message where device = $1 and kind = 'event'"
            return await house.floor.value(found, str(over.name)) == 1

        await until(told)
    over.stop()
    free.stop()
    assert list(over.kept) == [1] and await heard(house.floor, over.name) is None


async def test_who_is_there_is_written_when_it_changes_and_not_with_every_message(
    house: House,
) -> None:
    await house.floor.enter_device("SCN-02", "scanner", None, {})
    scanner = Scanner(house.broker, house.name("scanner", "SCN-02"), 7)
    async with house.linked():
        await until(house.is_online("SCN-02", True))
        row = await house.state_of("SCN-02")
        assert (row["boot"], row["birth"]["capabilities"]) == (7, ["code128"])
        house.clock.at += timedelta(minutes=5)
        scanner.scan("one")

        async def acknowledged() -> bool:
            return not scanner.kept

        await until(acknowledged, scanner.send_again)
        assert (await house.state_of("SCN-02"))["changed_at"] == row["changed_at"]
        scanner.drop()
        await until(house.is_online("SCN-02", False))
        gone = await house.state_of("SCN-02")
        assert gone["changed_at"] == house.clock.at
        assert (house.counts["device.online"], house.counts["device.offline"]) == (2, 1)
        own = await house.state_of("stowline")
        assert (own["online"], own["link"], own["boot"]) == (True, "up", 1)
        house.broker.kill()
        await until(house.is_online("stowline", False))
    scanner.stop()


async def test_a_command_goes_out_when_it_is_asked_and_its_answer_is_kept(house: House) -> None:
    await house.floor.enter_device("LGT-01", "light", None, {})
    light = Light(house.broker, house.name("light", "LGT-01"))
    await light.subscribed.wait()
    async with house.linked():
        first = await house.ask("LGT-01", "light")
        await until(house.is_in_state(first, "done"))
        row = await house.command(first)
        assert (row["epoch"], row["seq"], row["answer"]) == (1, 1, {"lit": True})
        light.refuse = "no such colour"
        second = await house.ask("LGT-01", "light")
        await until(house.is_in_state(second, "refused"))
        assert (await house.command(second))["reason"] == "no such colour"
    light.stop()
    assert light.lit == [1]


async def test_what_nobody_took_in_time_expires_and_says_whether_it_ever_left(
    house: House,
) -> None:
    await house.floor.enter_device("LGT-01", "light", None, {})
    await house.floor.enter_device("LGT-02", "light", None, {})
    light = Light(house.broker, house.name("light", "LGT-01"))
    away = Light(house.broker, house.name("light", "LGT-02"))
    await light.subscribed.wait()
    await away.subscribed.wait()
    light.mute = True
    async with house.linked():
        away.drop()
        await until(house.is_online("LGT-02", False))
        sent = await house.ask("LGT-01", "light", expires_s=5)
        unsent = await house.ask("LGT-02", "light", expires_s=5)
        await until(house.is_in_state(sent, "sent"))
        house.clock.at += timedelta(seconds=6)
        await until(house.is_in_state(sent, "expired"))
        await until(house.is_in_state(unsent, "expired"))
    light.stop()
    away.stop()
    assert (await house.command(sent))["reason"] == "not acknowledged"
    assert (await house.command(unsent))["reason"] == "never sent"
    assert (await house.command(unsent))["seq"] is None and away.heard == []


async def test_a_device_that_knows_numbers_we_never_gave_begins_another_epoch(
    house: House,
) -> None:
    await house.floor.enter_device("LGT-01", "light", None, {})
    light = Light(house.broker, house.name("light", "LGT-01"))
    light.last = (1, 40)
    await light.subscribed.wait()
    async with house.linked():
        number = await house.ask("LGT-01", "light")
        await until(house.is_in_state(number, "done"))
    light.stop()
    row = await house.command(number)
    assert (row["epoch"], row["seq"]) == (2, 1) and light.lit == [1]


async def test_bad_messages_are_kept_one_row_a_kind_and_device(house: House) -> None:
    elsewhere = await build_floor(house.floor.pool)
    await elsewhere.enter_device("SCN-77", "scanner", None, {})
    await house.floor.enter_device("SCN-02", "scanner", None, {})
    scanner = Scanner(house.broker, house.name("scanner", "SCN-02"), 7)
    stranger = Scanner(house.broker, house.name("scanner", "SCN-66"), 7)
    astray = Scanner(house.broker, house.name("scanner", "SCN-77"), 7)

    async def rows() -> dict[tuple[str, str], asyncpg.Record]:
        async with staff_transaction(house.floor.pool) as connection:
            found = await equipment.bad_messages(connection, house.floor.site)
        return {(row["device"].rpartition("/")[2], row["kind"]): row for row in found}

    async with house.linked():
        await until(house.is_online("SCN-02", True))
        for _ in range(20):
            scanner.send(b"\xff\x00garbage")
        scanner.send(b"x" * 1_000_000)
        stranger.scan("nobody knows me")
        astray.scan("wrong door")

        async def all_told() -> bool:
            told = await rows()
            garbage = told.get(("SCN-02", "event"))
            others = {
                ("SCN-02", "too_large"),
                ("SCN-66", "unknown_device"),
                ("SCN-77", "wrong_site"),
            }
            return garbage is not None and garbage["count"] == 20 and others <= told.keys()

        await until(all_told, astray.send_again)
    for one in (scanner, stranger, astray):
        one.stop()
    told = await rows()
    assert told["SCN-02", "event"]["payload"] == b"\xff\x00garbage"
    assert told["SCN-02", "too_large"]["payload_bytes"] == 1_000_000
    assert len(told["SCN-02", "too_large"]["payload"]) == 512
    assert elsewhere.site in told["SCN-77", "wrong_site"]["reason"]
    assert stranger.kept and await heard(house.floor, stranger.name) is None


async def test_one_link_at_a_time_and_the_next_goes_on_where_the_last_stood(house: House) -> None:
    await house.floor.enter_device("SCN-02", "scanner", None, {})
    scanner = Scanner(house.broker, house.name("scanner", "SCN-02"), 7)

    async def acknowledged() -> bool:
        return not scanner.kept

    async with house.linked("two"):
        async with house.linked("one"):
            scanner.scan("one")
            await until(acknowledged, scanner.send_again)
        scanner.scan("two")
        await until(acknowledged, scanner.send_again)
    scanner.stop()
    assert await heard(house.floor, scanner.name) == "one two"


async def test_a_crowd_that_speaks_at_once_is_acknowledged_and_the_lease_stays(
    house: House,
) -> None:
    names = [house.name("scanner", f"SCN-{number:03d}") for number in range(1, CROWD + 1)]
    for name in names:
        await house.floor.enter_device(name.device, "scanner", None, {})
    crowd = Crowd(house.broker, names)
    async with house.linked():
        await until(house.is_online(names[-1].device, True), crowd.be_born)
        crowd.speak()

        async def acknowledged() -> bool:
            return crowd.upto == dict.fromkeys(names, 2)

        await until(acknowledged, crowd.speak)
        own = await house.state_of("stowline")
        assert own["boot"] == 1, "the fence of the first lease"
    crowd.stop()
    found = "select count(*) from device_inbox where device like $1 || '/%'"
    assert await house.floor.value(found, house.floor.site) == 2 * CROWD


async def test_a_device_that_counts_its_boots_anew_keeps_its_events_until_it_is_forgotten(
    house: House,
) -> None:
    await house.floor.enter_device("SCN-02", "scanner", None, {})
    name = house.name("scanner", "SCN-02")
    old = Scanner(house.broker, name, 7)

    def is_empty(scanner: Scanner) -> Callable[[], Awaitable[bool]]:
        async def is_so() -> bool:
            return not scanner.kept

        return is_so

    async with house.linked() as site:
        old.scan("of before")
        await until(is_empty(old), old.send_again)
        old.stop()
        new = Scanner(house.broker, name, 1)
        new.scan("of the new board")

        async def told() -> bool:
            found = "select string_agg(reason, ' ') from bad_message where device = $1"
            reason = await house.floor.value(f"{found} and kind = 'old_boot'", str(name))
            return reason is not None and "stowline device forget SCN-02" in str(reason)

        await until(told, new.send_again)
        assert new.kept and await heard(house.floor, name) == "of before"
        async with staff_transaction(house.floor.pool) as connection:
            assert await forget_telegrams(connection, site.name, "SCN-02", "test", site.now()) == 1
        await until(is_empty(new), new.send_again)
    new.stop()
    assert await heard(house.floor, name) == "of the new board"
