"""What we ask of devices over a real broker: once, in order, and never after it has expired."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from devices.error import DeviceError
from devices.link.client import BrokerAddress, DeviceLink
from devices.link.message import Reply
from devices.link.topic import DeviceName
from tests.devices.journal import MemoryEventJournal
from tests.devices.link.broker import AT, Broker
from tests.devices.link.journal import MemoryCommandJournal
from tests.devices.link.light import Light
from tests.devices.link.test_client import until
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio
LIGHT = DeviceName("main", "pick", "light", "LGT-01")
LATER = AT + timedelta(seconds=60)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path)
    await broker.start()
    yield broker
    broker.kill()


@asynccontextmanager
async def linked(broker: Broker, journal: MemoryCommandJournal) -> AsyncIterator[DeviceLink]:
    address = BrokerAddress(host="127.0.0.1", port=broker.port)
    events = MemoryEventJournal()
    link = DeviceLink(
        address, "main", events, client_id="link-test", commands=journal, now=journal.now
    )
    task = asyncio.create_task(link.run())
    try:
        await until(link.connected.is_set)
        yield link
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


@asynccontextmanager
async def lit(broker: Broker, boot: int = 1) -> AsyncIterator[Light]:
    light = Light(broker, LIGHT, boot)
    await light.subscribed.wait()
    try:
        yield light
    finally:
        light.stop()


async def test_commands_are_carried_out_in_order_and_settled_with_their_answers(
    broker: Broker,
) -> None:
    journal = MemoryCommandJournal(AT)
    async with lit(broker) as light, linked(broker, journal) as link:
        numbers = [journal.add(str(LIGHT), "light", LATER) for _ in range(5)]
        link.ring()
        await until(lambda: all(journal.states[n] == "done" for n in numbers))
        assert light.lit == [1, 2, 3, 4, 5]
        assert all(command.args == {"colour": "green"} for command in light.heard)
        assert not any(light.retained)
        assert all(expiry is not None and 0 < expiry <= 60 for expiry in light.expiries)
    assert journal.answers[5].data == {"lit": True}


async def test_a_refusal_settles_only_its_own_command_with_the_reason(broker: Broker) -> None:
    journal = MemoryCommandJournal(AT)
    async with lit(broker) as light, linked(broker, journal) as link:
        light.refuse = "no such colour"
        number = journal.add(str(LIGHT), "light", LATER)
        link.ring()
        await until(lambda: journal.states[number] == "refused")
        light.refuse = ""
        after = journal.add(str(LIGHT), "light", LATER)
        link.ring()
        await until(lambda: journal.states[after] == "done")
    assert journal.answers[number].reason == "no such colour"
    assert light.lit == [2]


async def test_a_command_whose_answer_is_lost_is_sent_again_and_carried_out_once(
    broker: Broker,
) -> None:
    journal = MemoryCommandJournal(AT)
    async with lit(broker) as light, linked(broker, journal) as link:
        light.mute = True
        numbers = [journal.add(str(LIGHT), "light", LATER) for _ in range(2)]
        link.ring()
        await until(lambda: light.lit == [1])
        broker.kill()
        await until(lambda: not link.connected.is_set())
        light.mute = False
        await broker.start()
        await until(lambda: all(journal.states[n] == "done" for n in numbers))
        assert [command.seq for command in light.heard][0:2] == [1, 1]
        assert light.lit == [1, 2]


async def test_a_link_that_begins_anew_sends_what_is_open_with_its_old_number(
    broker: Broker,
) -> None:
    journal = MemoryCommandJournal(AT)
    async with lit(broker) as light:
        async with linked(broker, journal) as link:
            light.mute = True
            journal.add(str(LIGHT), "light", LATER)
            link.ring()
            await until(lambda: light.lit == [1])
        light.mute = False
        async with linked(broker, journal):
            await until(lambda: journal.states[1] == "done")
        assert light.lit == [1]
        assert {command.seq for command in light.heard} == {1}


async def test_a_command_waits_for_a_device_that_is_away_until_it_expires(broker: Broker) -> None:
    journal = MemoryCommandJournal(AT)
    async with linked(broker, journal) as link:
        async with lit(broker) as light:
            await until(lambda: LIGHT in link.devices and link.devices[LIGHT].online is True)
            light.drop()
            await until(lambda: link.devices[LIGHT].online is False)
        early = journal.add(str(LIGHT), "light", AT + timedelta(seconds=5))
        late = journal.add(str(LIGHT), "light", LATER)
        link.ring()
        journal.clock = AT + timedelta(seconds=6)
        await until(lambda: journal.states[early] == "never sent", link.ring)
        async with lit(broker, boot=2) as light:
            await until(lambda: journal.states[late] == "done")
            assert light.lit == [1] and {command.seq for command in light.heard} == {1}
        assert early not in journal.numbers


async def test_what_expired_while_the_broker_was_away_is_not_sent(broker: Broker) -> None:
    journal = MemoryCommandJournal(AT)
    async with lit(broker) as light, linked(broker, journal) as link:
        light.mute = True
        number = journal.add(str(LIGHT), "light", AT + timedelta(seconds=5))
        link.ring()
        await until(lambda: bool(light.heard))
        broker.kill()
        await until(lambda: not link.connected.is_set())
        heard = len(light.heard)
        journal.clock = LATER
        await until(lambda: journal.states[number] == "not acknowledged", link.ring)
        light.mute = False
        await broker.start()
        await until(link.connected.is_set)
        assert (await answer(link)).data == {"volts": 24}
        assert not [command for command in light.heard[heard:] if command.seq is not None]
    assert light.lit == [1]


async def answer(link: DeviceLink) -> Reply:
    """A question that the device answers once it is back itself."""
    while True:
        try:
            return await link.ask(LIGHT, "status", within_s=1)
        except DeviceError:
            continue


async def test_a_question_is_answered_or_given_up_in_time(broker: Broker) -> None:
    journal = MemoryCommandJournal(AT)
    async with lit(broker) as light, linked(broker, journal) as link:
        reply = await link.ask(LIGHT, "status", {"lamp": 1}, within_s=PATIENCE_S)
        assert reply.ok and reply.data == {"volts": 24}
        light.mute = True
        with pytest.raises(DeviceError, match="did not answer"):
            await link.ask(LIGHT, "status", within_s=0.2)
        broker.kill()
        await until(lambda: not link.connected.is_set())
        with pytest.raises(DeviceError, match="broker is away"):
            await link.ask(LIGHT, "status", within_s=PATIENCE_S)
    assert light.lit == [] and {command.seq for command in light.heard} == {None}
