"""What came of deliveries can be read, and any of them begins anew when its shop asks for it."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from api.dispatch.sender import Sender, open_sender
from api.settings import Settings
from tests.api.dispatch.receiver import ClockHouse, Receiver, listening, settle
from tests.api.service import Json, Seller, Service, bearer, is_problem
from tests.key import KEYSET
from wms.database.pool import staff_transaction
from wms.outbox import commands as outbox
from wms.outbox.schedule import WEBHOOK_WAITS

LONG_AGO = "2010-12-01T08:00:00+00:00"


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller()


@pytest.fixture
def house(service: Service) -> ClockHouse:
    """A house whose webhooks may go to this machine, with a clock of the test's own."""
    return ClockHouse(Settings(webhook_private="yes"), service.pool, random.Random(1), KEYSET)


@pytest.fixture
async def sender(house: ClockHouse) -> AsyncIterator[Sender]:
    async with open_sender(house) as sender:
        yield sender


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


async def entered(seller: Seller, receiver: Receiver) -> str:
    """The path of a new endpoint."""
    answer = await seller.post("/v1/webhook-endpoints", {"url": receiver.url})
    assert answer.status_code == 201
    return f"/v1/webhook-endpoints/{answer.json()['id']}"


async def tell(house: ClockHouse, seller: Seller, *subjects: str) -> None:
    """Something happens to each of these subjects, one after the other."""
    async with staff_transaction(house.pool) as connection:
        for subject in subjects:
            await outbox.emit(
                connection, seller.shop.tenant_id, "a", subject, None, {"n": 1}, "test",
                house.now(),
            )  # fmt: skip


async def deliveries(seller: Seller, path: str, **asked: str | int) -> list[Json]:
    answer = await seller.get(f"{path}/deliveries", **asked)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def given_up(house: ClockHouse, sender: Sender) -> None:
    """All the tries of what waits."""
    for wait in WEBHOOK_WAITS:
        await settle(sender)
        house.pass_time(seconds=1.1 * wait.total_seconds())
    await settle(sender)


async def test_a_delivery_says_what_came_of_its_last_attempt(
    seller: Seller, house: ClockHouse, sender: Sender, receiver: Receiver
) -> None:
    path = await entered(seller, receiver)
    receiver.answers = [204, 503]
    await tell(house, seller, "x/1", "x/1", "x/1")
    await settle(sender)
    behind, failed, done = await deliveries(seller, path)
    assert (done["state"], done["attempts"], done["last_status"]) == ("delivered", 1, 204)
    assert done["last_error"] is None and done["delivered_at"] is not None
    assert (failed["state"], failed["attempts"], failed["last_status"]) == ("waiting", 1, 503)
    assert failed["last_error"] == "HTTP 503" and failed["last_attempt_at"] is not None
    again_at = datetime.fromisoformat(failed["next_try_at"])
    tried_at = datetime.fromisoformat(failed["last_attempt_at"])
    assert timedelta(seconds=4) < again_at - tried_at < timedelta(seconds=6)
    # It waits for the one before, whose time is not yet its own.
    assert (behind["state"], behind["attempts"], behind["next_try_at"]) == ("waiting", 0, None)
    assert [row["sequence"] for row in (behind, failed, done)] == [3, 2, 1]
    one = (await seller.get(f"{path}/deliveries/{failed['id']}")).json()
    assert one.pop("payload")["data"] == {"n": 1}
    assert one == failed


async def test_deliveries_are_listed_by_pages_and_by_state(
    seller: Seller, house: ClockHouse, sender: Sender, receiver: Receiver
) -> None:
    path = await entered(seller, receiver)
    receiver.answers = [204, 204, 500]
    await tell(house, seller, "x/1", "x/1", "x/1", "x/1")
    await settle(sender)
    every = await deliveries(seller, path)
    page = (await seller.get(f"{path}/deliveries", limit=3)).json()
    rest = (await seller.get(f"{path}/deliveries", limit=3, after=page["next"])).json()
    assert page["items"] + rest["items"] == every
    assert (rest["next"], rest["kept_days"]) == (None, 30)
    states = [
        len(await deliveries(seller, path, state=s)) for s in ("delivered", "waiting", "dead")
    ]
    assert states == [2, 2, 0]
    assert (await seller.get(f"{path}/deliveries", state="lost")).status_code == 422
    missing = await seller.get(f"{path}/deliveries/999999999")
    is_problem(missing, 404, "delivery_not_found")


async def test_a_dead_delivery_is_replayed_under_its_own_id_before_what_came_later(
    seller: Seller, house: ClockHouse, sender: Sender, receiver: Receiver
) -> None:
    path = await entered(seller, receiver)
    receiver.status = 500
    await tell(house, seller, "x/1")
    await given_up(house, sender)
    (dead,) = await deliveries(seller, path)
    assert (dead["state"], dead["attempts"], dead["next_try_at"]) == ("dead", 10, None)
    await tell(house, seller, "x/1")
    answer = await seller.post(f"{path}/deliveries/{dead['id']}/replay", {})
    assert (answer.status_code, answer.json()) == (202, {"delivery_id": dead["id"]})
    receiver.status = 204
    del receiver.heard[:]
    house.pass_time(hours=1)
    await settle(sender)
    assert [one.data["sequence"] for one in receiver.heard] == [1, 2]
    assert receiver.heard[0].headers["webhook-id"] == dead["message_id"]
    _, replayed = await deliveries(seller, path)
    assert (replayed["state"], replayed["replays"], replayed["attempts"]) == ("delivered", 1, 1)


async def test_a_delivered_one_is_sent_again_and_a_waiting_one_at_once(
    seller: Seller, house: ClockHouse, sender: Sender, receiver: Receiver
) -> None:
    path = await entered(seller, receiver)
    await tell(house, seller, "x/1")
    house.stop_clock()
    await settle(sender)
    (done,) = await deliveries(seller, path)
    key = "one key"
    for _ in range(2):
        answer = await seller.post(f"{path}/deliveries/{done['id']}/replay", {}, key)
        assert answer.status_code == 202
    receiver.answers = [503]
    house.pass_time(seconds=1)
    await settle(sender)
    assert len(receiver.heard) == 2
    await seller.post(f"{path}/deliveries/{done['id']}/replay", {})
    house.pass_time(seconds=1)
    await settle(sender)
    assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1
    assert len(receiver.heard) == 3
    (done,) = await deliveries(seller, path)
    assert (done["state"], done["replays"]) == ("delivered", 2)


async def test_all_that_was_missed_since_a_moment_comes_again(
    seller: Seller, house: ClockHouse, sender: Sender, receiver: Receiver
) -> None:
    await tell(house, seller, "x/0")
    path = await entered(seller, receiver)
    await tell(house, seller, "x/1")
    await settle(sender)
    receiver.status = 500
    await tell(house, seller, "x/2", "x/2")
    await given_up(house, sender)
    receiver.status = 204
    del receiver.heard[:]
    future = (house.now() + timedelta(days=9)).isoformat()
    nothing = await seller.post(f"{path}/replay", {"since": future})
    assert nothing.json() == {"replayed": 0, "next_since": None}
    answer = await seller.post(f"{path}/replay", {"since": LONG_AGO})
    assert (answer.status_code, answer.json()["replayed"]) == (202, 2)
    house.pass_time(seconds=1)
    await settle(sender)
    assert receiver.told() == {"x/0": [1], "x/2": [1, 2]}
    every = await seller.post(f"{path}/replay", {"since": LONG_AGO, "which": "all"})
    assert every.json()["replayed"] == 4
    house.pass_time(seconds=1)
    await settle(sender)
    assert receiver.told() == {"x/0": [1], "x/1": [1], "x/2": [1, 2]}


async def test_a_disabled_endpoint_is_told_nothing_again(
    service: Service, seller: Seller, house: ClockHouse, receiver: Receiver
) -> None:
    path = await entered(seller, receiver)
    await tell(house, seller, "x/1")
    (delivery,) = await deliveries(seller, path)
    await service.client.patch(path, json={"active": False}, headers=bearer(seller.key))
    for way, body in ((f"deliveries/{delivery['id']}/replay", {}), ("replay", {"since": LONG_AGO})):
        is_problem(await seller.post(f"{path}/{way}", body), 409, "endpoint_disabled")


@pytest.mark.parametrize(
    "body",
    [{}, {"since": "yesterday"}, {"since": "2010-12-01T08:00:00"}, {"since": LONG_AGO, "to": 1}],
)
async def test_a_replay_names_a_moment(seller: Seller, receiver: Receiver, body: Json) -> None:
    path = await entered(seller, receiver)
    assert (await seller.post(f"{path}/replay", body)).status_code == 422


async def test_what_follows_the_oldest_thousands_is_asked_for_with_the_next_moment(
    seller: Seller,
    house: ClockHouse,
    sender: Sender,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wms.outbox.endpoint_commands.REPLAY_MAX", 2)
    for number in range(5):
        await tell(house, seller, f"x/{number}")
    path = await entered(seller, receiver)
    since, replayed = LONG_AGO, 0
    while since is not None:
        answer = (await seller.post(f"{path}/replay", {"since": since})).json()
        replayed, since = replayed + answer["replayed"], answer["next_since"]
    assert replayed == 5
    house.pass_time(seconds=1)
    await settle(sender)
    assert len(receiver.told()) == 5
