"""Orders of the sandbox get samples of codes: seen as such, told as codes are, and nobody's."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests import builders
from tests.builders import NOW, availability, order_id_of, rows, value
from tests.wms.journey.buyer.shelf import (
    a_game,
    buy_by_mail,
    codes_of,
    digital_shop,
    parts,
    pay_and_work,
    put_codes,
    states,
)
from wms.database.pool import staff_transaction
from wms.digital.digital import check_code
from wms.digital.queries import codes_to_send
from wms.digital.sample import sample_code
from wms.error import Conflict, Refused
from wms.journey.buyer import delivery as deliveries
from wms.journey.buyer import digital, vault
from wms.journey.order.hold import lift_hold
from wms.journey.order.split import split_fulfilment
from wms.journey.request import Request
from wms.orders import commands as orders
from wms.orders.mailed import SAMPLES_MAX
from wms.outbox.command import Answer
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

DELIVERED, REVOKED = "order.digital_delivered", "order.digital_revoked"


def sandbox(shop: Shop) -> Shop:
    """The same shop, as a key of its sandbox says it."""
    return replace(shop, sandbox=True)


async def bought(pool: asyncpg.Pool, shop: Shop, quantity: int = 1, sku: str = "GAME") -> Answer:
    """A paid order with all done that this asks for."""
    order = await buy_by_mail(pool, shop, (sku, quantity))
    await pay_and_work(pool, shop, order)
    return order


async def told(pool: asyncpg.Pool, order: Answer, kind: str = DELIVERED) -> list[dict[str, Any]]:
    """What the events of a kind say of an order."""
    found = await rows(
        pool,
        "select data from event where order_id = $1 and type = $2 order by seq",
        order_id_of(order),
        kind,
    )
    return [row["data"] for row in found]


async def delivery_of(pool: asyncpg.Pool, shop: Shop, order: Answer) -> int:
    [view] = await deliveries.deliveries_of_order(pool, shop, order_id_of(order))
    return int(str(view["id"]))


async def vault_of(pool: asyncpg.Pool, shop: Shop) -> dict[str, object]:
    return await vault.vault_view(pool, shop, "GAME")


def shape(node: object) -> object:
    """Names and kinds of all that is in a value, and nothing that it says."""
    if isinstance(node, dict):
        return {name: shape(part) for name, part in node.items()}
    if isinstance(node, list):
        return [shape(part) for part in node]
    return type(node).__name__


def is_sample(code: str) -> bool:
    return "SAMPLE-" in code


async def test_an_order_of_the_sandbox_takes_no_code_out_of_the_vault(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=3)
    before = await vault_of(pool, shop)
    order = await bought(pool, sandbox(shop), 2)
    got = await codes_of(pool, order)
    assert len(set(got)) == 2 and all(map(is_sample, got))
    assert await vault_of(pool, shop) == before
    assert await availability(pool, shop, "GAME") == (3, 0)
    assert await builders.differences(pool) == []
    live = await bought(pool, shop, 3)
    assert await codes_of(pool, live) == ["CODE-0000", "CODE-0001", "CODE-0002"]


async def test_it_needs_no_code_in_the_vault_and_asks_no_generator(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    assert await states(pool, await bought(pool, sandbox(shop))) == {True: "closed"}
    await vault.set_generator(pool, shop, "GAME", "https://codes.example", 5)
    order = await bought(pool, sandbox(shop))
    [code] = await codes_of(pool, order)
    assert is_sample(code)
    assert (await vault_of(pool, shop))["quota"] == 5
    asked = "select count(*) from job where kind = 'generate' and subject = 'delivery/' || $1"
    number = await delivery_of(pool, shop, order)
    assert await value(pool, asked, str(number)) == 0


async def test_an_unpaid_order_of_the_sandbox_gets_no_sample(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    order = await buy_by_mail(pool, sandbox(shop), ("GAME", 1))
    number, _ = await parts(pool, order)
    assert not await digital.deliver(pool, number, NOW)
    assert await codes_of(pool, order) == []


async def test_its_payment_asks_for_the_samples(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, MUG=1)
    order = await buy_by_mail(pool, sandbox(shop), ("MUG", 1), ("GAME", 1))
    await builders.pay(pool, sandbox(shop), order)
    digital_part, shipped = await parts(pool, order)
    asked = await rows(
        pool,
        "select kind, subject from job where subject = any($1)",
        [f"fulfilment/{digital_part}", f"fulfilment/{shipped}"],
    )
    assert [tuple(row) for row in asked] == [("digital", f"fulfilment/{digital_part}")]


async def test_its_event_has_the_shape_of_a_real_one(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=2)
    live, tried = await bought(pool, shop, 2), await bought(pool, sandbox(shop), 2)
    [real], [sample] = await told(pool, live), await told(pool, tried)
    assert shape(sample) == shape(real)
    assert sample["external_order_id"] == tried.body["external_order_id"]
    shown = [one["content"]["code"] for one in sample["deliveries"]]
    assert shown == await codes_of(pool, tried)
    views = [
        await deliveries.deliveries_of_order(pool, shop, order_id_of(order))
        for order in (live, tried)
    ]
    assert shape(views[0]) == shape(views[1])


async def test_its_events_are_those_of_a_buyer_whom_nobody_can_write_to(
    pool: asyncpg.Pool,
) -> None:
    shop = await digital_shop(pool, codes=1)
    live = await buy_by_mail(pool, shop, ("GAME", 1), customer={})
    await pay_and_work(pool, shop, live)
    tried = await bought(pool, sandbox(shop))
    types = [
        [row["type"] for row in await rows(
            pool, "select type from event where order_id = $1 order by seq", order_id_of(order)
        )]
        for order in (live, tried)
    ]  # fmt: skip
    assert types[0] == types[1]


@pytest.mark.parametrize("kind", ["code", "voucher", "link"])
async def test_a_sample_is_of_its_kind_and_leads_nowhere(pool: asyncpg.Pool, kind: str) -> None:
    shop = await digital_shop(pool)
    await builders.add_items(pool, shop, a_game("BOOK", kind))
    order = await bought(pool, sandbox(shop), 1, "BOOK")
    [code] = await codes_of(pool, order)
    check_code(code, kind)
    if kind == "link":
        host = urlsplit(code).hostname
        assert host is not None and host.endswith(".example")
    else:
        assert code.startswith("SAMPLE-")


def test_a_sample_follows_from_order_and_line() -> None:
    made = {
        sample_code("code", order, line, number)
        for order in (1, 2)
        for line in (1, 2)
        for number in range(1, 100)
    }
    assert len(made) == 2 * 2 * 99
    assert sample_code("code", 1, 1, 1) == sample_code("code", 1, 1, 1)
    assert sample_code("link", 1, 1, 1).endswith(sample_code("code", 1, 1, 1))


async def test_the_same_job_again_changes_nothing(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    order = await buy_by_mail(pool, sandbox(shop), ("GAME", 3))
    await builders.pay(pool, sandbox(shop), order)
    number, _ = await parts(pool, order)
    await asyncio.gather(*(digital.deliver(pool, number, NOW) for _ in range(4)))
    first = await codes_of(pool, order)
    assert not await digital.deliver(pool, number, NOW)
    assert await codes_of(pool, order) == first
    assert len(first) == 3 and len(await told(pool, order)) == 1


async def test_sent_again_it_is_the_same_sample_and_nobody_is_mailed(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    order = await bought(pool, sandbox(shop))
    number = await delivery_of(pool, shop, order)
    [before] = await codes_of(pool, order)
    for times, key in ((2, "a"), (2, "a"), (3, "b")):
        request = Request(sandbox(shop), key, "resend", key.encode())
        answer = await deliveries.resend(pool, request, number, "ada@new.example", NOW)
        assert (answer.status, answer.body["sent_times"]) == (202, times)
    async with staff_transaction(pool) as connection:
        [sent] = await codes_to_send(connection, [number])
    assert sent["content"]["code"] == before
    assert await codes_of(pool, order) == [before]
    mails = "select count(*) from notice where order_id = $1"
    assert await value(pool, mails, order_id_of(order)) == 0
    with pytest.raises(Refused) as refusal:
        request = Request(sandbox(shop), "c", "resend", b"c")
        await deliveries.resend(pool, request, number, "nobody", NOW)
    assert refusal.value.code == "bad_mail_address"


async def test_a_sample_is_revoked_as_a_code_is(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    live, tried = await bought(pool, shop), await bought(pool, sandbox(shop))
    before = await vault_of(pool, shop)
    for by, order in ((sandbox(shop), tried), (shop, live)):
        number = await delivery_of(pool, shop, order)
        request = Request(by, f"revoke {number}", "revoke", b"x")
        answer = await deliveries.revoke(pool, request, number, "charged back", NOW)
        assert answer.body["state"] == "revoked"
        again = Request(by, f"resend {number}", "resend", b"x")
        with pytest.raises(Conflict):
            await deliveries.resend(pool, again, number, None, NOW)
        if order is tried:
            assert await vault_of(pool, shop) == before
    [real], [sample] = await told(pool, live, REVOKED), await told(pool, tried, REVOKED)
    assert shape(sample) == shape(real)
    assert await builders.differences(pool) == []


async def test_what_is_kept_and_shipped_stays_off_the_floor(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=2)
    order = await buy_by_mail(pool, sandbox(shop), ("MUG", 1), ("GAME", 1))
    await pay_and_work(pool, sandbox(shop), order)
    assert await states(pool, order) == {True: "closed", False: "open"}
    _, shipped = await parts(pool, order)
    made = await value(pool, "select count(*) from parcel where fulfilment_order_id = $1", shipped)
    assert made == 0
    assert await availability(pool, shop, "MUG") == (2, 0)


async def test_a_hold_keeps_the_sample_back_and_lifting_it_claims_nothing(
    pool: asyncpg.Pool,
) -> None:
    shop = await digital_shop(pool, codes=1, MUG=1)
    order = await buy_by_mail(pool, sandbox(shop), ("MUG", 1), ("GAME", 1))
    holds = {}
    for number in await parts(pool, order):
        assert number is not None
        async with staff_transaction(pool) as connection:
            hold = await orders.hold_and_tell(connection, number, "suspicious", "why", "test", NOW)
        holds[number] = hold
    await pay_and_work(pool, sandbox(shop), order)
    assert await codes_of(pool, order) == []
    supervisor = replace(builders.planner(), role=Role.SUPERVISOR)
    for number, hold in holds.items():
        await lift_hold(pool, order_id_of(order), hold, supervisor, NOW)
        await digital.deliver(pool, number, NOW)
    assert len(await codes_of(pool, order)) == 1
    for sku in ("GAME", "MUG"):
        assert await availability(pool, shop, sku) == (1, 0)
    assert await builders.differences(pool) == []


async def test_each_part_of_an_order_that_is_parted_gets_its_own_samples(
    pool: asyncpg.Pool,
) -> None:
    shop = sandbox(await digital_shop(pool))
    order = await buy_by_mail(pool, shop, ("GAME", 3))
    await builders.pay(pool, shop, order)
    number, _ = await parts(pool, order)
    request = Request(shop, "split", "parts", b"x")
    await split_fulfilment(pool, request, number, [(1, 2)], None, NOW)
    found = await rows(
        pool, "select id from fulfilment_order where order_id = $1 order by id", order_id_of(order)
    )
    asked = await rows(
        pool,
        "select subject, kind from job where subject = any($1) and done_at is null",
        [f"fulfilment/{row['id']}" for row in found],
    )
    assert {row["subject"] for row in asked} == {f"fulfilment/{row['id']}" for row in found}
    for row in found:
        assert await digital.deliver(pool, row["id"], NOW)
    assert len(set(await codes_of(pool, order))) == 3
    assert sorted(len(one["deliveries"]) for one in await told(pool, order)) == [1, 2]


async def test_no_order_gets_samples_without_end_and_the_refusal_is_no_demand(
    pool: asyncpg.Pool,
) -> None:
    shop = await digital_shop(pool)
    with pytest.raises(Refused) as refusal:
        await buy_by_mail(pool, sandbox(shop), ("GAME", SAMPLES_MAX + 1))
    assert (refusal.value.code, refusal.value.pointer) == ("not_available", "/lines/0/quantity")
    noted = "select count(*) from refused_demand where tenant_id = $1"
    assert await value(pool, noted, shop.tenant_id) == 0
    order = await bought(pool, sandbox(shop), SAMPLES_MAX)
    assert len(await codes_of(pool, order)) == SAMPLES_MAX


async def test_a_code_of_the_shop_that_reads_like_a_sample_is_no_sample(
    pool: asyncpg.Pool,
) -> None:
    shop = await digital_shop(pool)
    [sample] = await codes_of(pool, await bought(pool, sandbox(shop)))
    answer = await put_codes(pool, shop, sample)
    assert (answer.body["added"], answer.body["free"]) == (1, 1)
    assert await codes_of(pool, await bought(pool, shop)) == [sample]


async def test_a_sample_stands_sealed_wherever_it_is_kept(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    [sample] = await codes_of(pool, await bought(pool, sandbox(shop)))
    for table in ("digital_code", "digital_delivery", "event", "outbox"):
        found = f"select count(*) from {table} t where strpos(t::text, $1) > 0"
        assert await value(pool, found, sample) == 0, table
