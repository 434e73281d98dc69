"""No webhook knocks at our own doors, whatever a name resolves to and whenever it does."""

import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from api.dispatch import guard
from api.dispatch.guard import TargetRefused, check_target, guarded_socket, open_client
from api.dispatch.sender import Sender
from api.dispatch.webhook import webhook_topic
from api.settings import Settings
from tests import builders
from tests.api.dispatch.receiver import ClockHouse, listening, settle
from tests.key import KEYSET
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.outbox import commands as outbox
from wms.outbox import endpoint_commands as endpoints

PUBLIC, PRIVATE = "93.184.216.34", "127.0.0.1"


class Names(AbstractResolver):
    """Answers with the next of its answers, at last with the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        return


@asynccontextmanager
async def guarded(names: Names) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_client(connections=4, private=False, resolver=names) as client:
        yield client


@pytest.mark.parametrize(
    "address", [PRIVATE, "10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
)
async def test_a_name_that_leads_to_us_is_not_called(address: str) -> None:
    async with listening() as receiver, guarded(Names([address])) as client:
        port = receiver.url.rpartition(":")[2]
        with pytest.raises(aiohttp.ClientConnectorError) as refusal:
            await client.post(f"https://shop.example:{port}/")
    assert isinstance(refusal.value.os_error, TargetRefused)
    assert receiver.heard == []


async def test_one_address_of_ours_among_public_ones_is_enough() -> None:
    async with guarded(Names([PUBLIC, PRIVATE])) as client:
        with pytest.raises(aiohttp.ClientConnectorError) as refusal:
            await client.post("https://shop.example/")
    assert isinstance(refusal.value.os_error, TargetRefused)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0x7f.1"])
async def test_an_address_that_is_no_name_is_looked_at_too(host: str) -> None:
    async with listening() as receiver, guarded(Names([PRIVATE])) as client:
        port = receiver.url.rpartition(":")[2]
        with pytest.raises(aiohttp.ClientError):
            await client.post(f"http://{host}:{port}/")
    assert receiver.heard == []


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names, connected = Names([PUBLIC], [PRIVATE]), []

    def nowhere(found: AddrInfoType) -> socket.socket:
        connected.append(found[4][0])
        raise OSError("this test connects to nobody")

    monkeypatch.setattr(guard, "guarded_socket", nowhere)
    async with guarded(names) as client:
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.post("https://shop.example/")
    assert connected == [PUBLIC]
    assert names.asked == 1


async def test_a_name_that_is_public_at_first_and_ours_later_is_not_called() -> None:
    """DNS rebinding: checked when it was entered, and another answer when it is delivered."""
    names = Names([PUBLIC], [PRIVATE])
    await check_target("https://shop.example/", private=False, resolver=names)
    async with listening() as receiver, guarded(names) as client:
        port = receiver.url.rpartition(":")[2]
        with pytest.raises(aiohttp.ClientConnectorError) as refusal:
            await client.post(f"https://shop.example:{port}/")
    assert isinstance(refusal.value.os_error, TargetRefused)
    assert names.asked == 2
    assert receiver.heard == []


async def test_a_kept_answer_is_looked_at_again_when_it_is_connected_to() -> None:
    with pytest.raises(TargetRefused):
        guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (PRIVATE, 443)))
    guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (PUBLIC, 443))).close()


@pytest.mark.parametrize("answer", [[PRIVATE], [PUBLIC, "10.0.0.1"], ["fe80::1"]])
async def test_a_name_that_leads_to_us_is_refused_when_it_is_entered(answer: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        await check_target("https://shop.example/", private=False, resolver=Names(answer))
    assert refusal.value.code == "bad_url"


async def test_a_name_that_nobody_knows_yet_may_be_entered() -> None:
    class Unknown(Names):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            raise socket.gaierror("unknown")

    await check_target("https://shop.example/", private=False, resolver=Unknown([]))


async def test_what_was_entered_before_the_rule_is_not_called_either(pool: asyncpg.Pool) -> None:
    shop = await builders.add_shop(pool)
    house = ClockHouse(Settings(), pool, random.Random(1), KEYSET)
    async with listening() as receiver, guarded(Names([PRIVATE])) as client:
        port = receiver.url.rpartition(":")[2]
        for url in (receiver.url, f"https://localhost:{port}", f"https://127.0.0.1:{port}"):
            async with staff_transaction(pool) as connection:
                await endpoints.add_endpoint(connection, shop.tenant_id, shop.shop_id, url, ["*"])
        async with staff_transaction(pool) as connection:
            await outbox.emit(
                connection, shop.tenant_id, "a", "order/1", None, {}, "test", builders.NOW
            )
        async with Sender(house, [webhook_topic(house, client)]) as sender:
            await settle(sender)
    assert receiver.heard == []
    found = await builders.rows(
        pool, "select last_error from outbox where tenant_id = $1 order by id", shop.tenant_id
    )
    first, second, third = (row["last_error"] for row in found)
    assert "https only" in first
    assert "no public address" in second
    assert "no public address" in third
