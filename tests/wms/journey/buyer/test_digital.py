"""Digital goods: one code goes to one buyer ever, at once when it is paid, and never by parcel."""

import asyncio
from dataclasses import replace
from datetime import timedelta

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
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.items.item import Component, Item, ItemKind
from wms.journey import entry
from wms.journey.buyer import delivery as deliveries
from wms.journey.buyer import digital, vault
from wms.journey.order.hold import lift_hold
from wms.journey.request import Request
from wms.orders import commands as orders
from wms.orders.order import Fulfilment
from wms.tenants.shop import Shop
from wms.tenants.staff import Role


def request(shop: Shop, kind: str, key: str, said: bytes = b"x") -> Request:
    return Request(shop, key, kind, said)


async def test_a_paid_order_gets_its_code_and_a_mail_and_no_parcel(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=3)
    order = await buy_by_mail(pool, shop, ("GAME", 2))
    assert await availability(pool, shop, "GAME") == (3, 2)
    assert await codes_of(pool, order) == []
    await pay_and_work(pool, shop, order)
    assert await codes_of(pool, order) == ["CODE-0000", "CODE-0001"]
    assert await states(pool, order) == {True: "handed_over"}
    assert await availability(pool, shop, "GAME") == (1, 0)
    order_id = order_id_of(order)
    mails = await rows(pool, "select kind, to_whom from notice where order_id = $1", order_id)
    assert [(row["kind"], row["to_whom"]["email"]) for row in mails] == [
        ("digital", "ada@merton.example")
    ]
    number, _ = await parts(pool, order)
    assert await value(pool, "select count(*) from parcel where fulfilment_order_id = $1",
                       number) == 0  # fmt: skip
    assert await builders.differences(pool) == []


async def test_an_unpaid_order_gets_no_code(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    number, _ = await parts(pool, order)
    assert not await digital.deliver(pool, number, NOW)
    assert await codes_of(pool, order) == []


async def test_what_is_not_in_the_vault_is_not_sold(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    with pytest.raises(Refused) as refusal:
        await buy_by_mail(pool, shop, ("GAME", 2))
    assert (refusal.value.code, refusal.value.pointer) == ("not_available", "/lines/0/quantity")
    assert await availability(pool, shop, "GAME") == (1, 0)


async def test_of_two_hundred_buyers_at_once_a_hundred_get_a_code_of_their_own(
    pool: asyncpg.Pool,
) -> None:
    shop = await digital_shop(pool, codes=100)
    places = asyncio.Semaphore(8)

    async def one() -> list[str] | None:
        async with places:
            try:
                order = await buy_by_mail(pool, shop, ("GAME", 1))
            except Refused:
                return None
            await pay_and_work(pool, shop, order)
            return await codes_of(pool, order)

    answers = await asyncio.gather(*(one() for _ in range(200)))
    given = [code for codes in answers if codes is not None for code in codes]
    assert len(given) == 100
    assert len(set(given)) == 100
    assert await availability(pool, shop, "GAME") == (0, 0)


async def test_the_digital_part_of_an_order_waits_for_no_parcel(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=5)
    order = await buy_by_mail(pool, shop, ("MUG", 2), ("GAME", 1))
    await pay_and_work(pool, shop, order)
    assert await states(pool, order) == {True: "handed_over", False: "open"}
    assert await codes_of(pool, order) == ["CODE-0000"]
    _, shipped = await parts(pool, order)
    parcels = await rows(pool, "select id from parcel where fulfilment_order_id = $1", shipped)
    assert len(parcels) == 1


async def test_what_falls_short_of_one_kind_keeps_the_whole_order_back(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=1)
    for lines in ((("MUG", 2), ("GAME", 1)), (("MUG", 1), ("GAME", 2))):
        with pytest.raises(Refused) as refusal:
            await buy_by_mail(pool, shop, *lines)
        assert refusal.value.code == "not_available"
    assert await availability(pool, shop, "GAME") == (1, 0)
    assert await availability(pool, shop, "MUG") == (1, 0)


async def test_a_shop_that_wants_what_is_there_gets_the_codes_that_are(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=0)
    order = await buy_by_mail(
        pool, shop, ("GAME", 3), ("MUG", 1), fulfilment=Fulfilment.FILL_AVAILABLE
    )
    await pay_and_work(pool, shop, order)
    assert await codes_of(pool, order) == ["CODE-0000"]
    lines = await rows(
        pool, "select cancelled from order_line where order_id = $1 order by line",
        order_id_of(order),
    )  # fmt: skip
    assert [row["cancelled"] for row in lines] == [2, 1]


async def test_a_hold_keeps_the_code_back_until_it_is_lifted(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    number, _ = await parts(pool, order)
    async with staff_transaction(pool) as connection:
        hold_id = await orders.hold_and_tell(connection, number, "suspicious", "why", "test", NOW)
    await pay_and_work(pool, shop, order)
    assert await codes_of(pool, order) == []
    supervisor = replace(builders.planner(), role=Role.SUPERVISOR)
    await lift_hold(pool, order_id_of(order), hold_id, supervisor, NOW)
    assert not await waybill_asked(pool, number)
    await digital.deliver(pool, number, NOW)
    assert await codes_of(pool, order) == ["CODE-0000"]


async def waybill_asked(pool: asyncpg.Pool, number: int) -> bool:
    """Whether a waybill was made of it."""
    made = await value(
        pool, "select waybill_ready_at is not null from fulfilment_order where id = $1", number
    )
    return bool(made)


async def test_a_doubtful_address_keeps_no_code_back(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    assert order.body["holds"] == []


async def test_without_a_mail_address_the_code_goes_to_the_shop_alone(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    order = await buy_by_mail(pool, shop, ("GAME", 1), customer={})
    await pay_and_work(pool, shop, order)
    assert await states(pool, order) == {True: "closed"}
    told = await rows(
        pool,
        "select data from event where order_id = $1 and type = 'order.digital_delivered'",
        order_id_of(order),
    )
    [one] = told[0]["data"]["deliveries"]
    assert one["content"] == {"code": "CODE-0000"}


async def test_no_code_stands_in_the_database_as_it_is(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    await put_codes(pool, shop, "PLAINLY-TO-BE-FOUND")
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, order)
    tables = await rows(
        pool,
        "select c.oid::regclass::text as name from pg_class c where c.relkind in ('r', 'p') "
        "and not c.relispartition and c.relnamespace = 'public'::regnamespace",
    )
    for table in tables:
        found = await value(
            pool,
            f"select count(*) from {table['name']} t where t::text like '%PLAINLY-TO-BE-FOUND%'",
        )
        assert found == 0, table["name"]


async def test_a_code_comes_into_the_vault_once(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    await put_codes(pool, shop, "A", "B")
    again = await put_codes(pool, shop, "C", "B", "C", "D\u202e", " E", "")
    assert again.body["added"] == 1
    refused = again.body["refused"]
    assert isinstance(refused, list)
    assert [(one["pointer"], one["code"]) for one in refused] == [
        ("/codes/1", "duplicate_code"),
        ("/codes/2", "duplicate_code"),
        ("/codes/3", "bad_code"),
        ("/codes/4", "bad_code"),
        ("/codes/5", "bad_code"),
    ]
    assert again.body["free"] == 3
    assert await availability(pool, shop, "GAME") == (3, 0)


async def test_the_same_upload_again_adds_nothing(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    first = await put_codes(pool, shop, "A", "B", key="one")
    again = await put_codes(pool, shop, "A", "B", key="one")
    assert (again.body, again.replayed) == (first.body, True)


async def test_a_shop_never_reads_its_vault(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    async with shop_transaction(pool, shop.tenant_id) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select content from digital_code")


async def test_a_code_never_changes_hands_nor_comes_back(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=2)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, order)
    for change in (
        "update digital_code set state = 'free', delivery_id = null where state = 'assigned'",
        "update digital_code set delivery_id = null, state = 'revoked' where state = 'assigned'",
        "delete from digital_code where state = 'free'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await rows(pool, change)


async def test_a_link_is_an_https_address(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    await builders.add_items(pool, shop, a_game("BOOK", "link"))
    answer = await put_codes(
        pool, shop, "https://books.example/x?t=1", "http://books.example", "words", sku="BOOK"
    )
    assert answer.body["added"] == 1


async def test_what_is_not_digital_has_no_vault(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, MUG=1)
    with pytest.raises(Conflict) as refusal:
        await put_codes(pool, shop, "A", sku="MUG")
    assert refusal.value.code == "not_digital"
    with pytest.raises(NotFound):
        await put_codes(pool, shop, "A", sku="NOTHING")


async def test_digital_goods_are_never_put_into_a_bin(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1)
    with pytest.raises((asyncpg.CheckViolationError, Refused, Conflict)):
        await builders.add_stock(pool, shop, "GAME", bin0=5)
    assert await availability(pool, shop, "GAME") == (1, 0)


async def test_whether_an_item_in_the_books_is_digital_stays(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=1)
    with pytest.raises(Conflict) as refusal:
        await builders.add_items(pool, shop, builders.an_item("GAME"))
    assert refusal.value.code == "digital_fixed"
    with pytest.raises(Conflict):
        await builders.add_items(pool, shop, a_game("MUG"))


async def test_a_digital_item_is_a_part_of_no_other(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    async with shop_transaction(pool, shop.tenant_id) as connection:
        parts = (Component("GAME", 1),)
        box = Item("BOX", "BOX", 1, 1, 1, 1, kind=ItemKind.BUNDLE, components=parts)
        with pytest.raises(Refused) as refusal:
            await entry.enter_items(connection, shop, [box])
    assert refusal.value.code == "bad_component"


async def test_a_revoked_code_is_never_given_again(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=2)
    first = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, first)
    [delivery] = await deliveries.deliveries_of_order(pool, shop, order_id_of(first))
    number = int(str(delivery["id"]))
    answer = await deliveries.revoke(pool, request(shop, "revoke", "a"), number, "fraud", NOW)
    assert answer.body["state"] == "revoked"
    again = await deliveries.revoke(pool, request(shop, "revoke", "b"), number, "fraud", NOW)
    assert again.status == 200
    second = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, second)
    assert await codes_of(pool, second) == ["CODE-0001"]
    assert await value(pool, "select count(*) from event where order_id = $1 and type = $2",
                       order_id_of(first), "order.digital_revoked") == 1  # fmt: skip
    with pytest.raises(Conflict):
        await deliveries.resend(pool, request(shop, "resend", "c"), number, None, NOW)
    known = await put_codes(pool, shop, "CODE-0000")
    assert known.body["added"] == 0


async def test_it_is_sent_again_with_the_same_code_to_a_mended_address(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=2)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, order)
    [delivery] = await deliveries.deliveries_of_order(pool, shop, order_id_of(order))
    number = int(str(delivery["id"]))
    answer = await deliveries.resend(
        pool, request(shop, "resend", "again"), number, "ada@new.example", NOW
    )
    assert answer.body["sent_times"] == 2
    await deliveries.resend(pool, request(shop, "resend", "again"), number, "ada@new.example", NOW)
    mails = await rows(
        pool, "select to_whom, facts from notice where order_id = $1 order by id",
        order_id_of(order),
    )  # fmt: skip
    assert [row["to_whom"]["email"] for row in mails] == ["ada@merton.example", "ada@new.example"]
    assert await codes_of(pool, order) == ["CODE-0000"]
    with pytest.raises(Refused) as refusal:
        await deliveries.resend(pool, request(shop, "resend", "bad"), number, "nobody", NOW)
    assert refusal.value.code == "bad_mail_address"


async def test_another_shop_s_delivery_is_unknown(pool: asyncpg.Pool) -> None:
    shop, other = await digital_shop(pool, codes=1), await digital_shop(pool)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, order)
    [delivery] = await deliveries.deliveries_of_order(pool, shop, order_id_of(order))
    number = int(str(delivery["id"]))
    with pytest.raises(NotFound):
        await deliveries.find_delivery(pool, other, number)
    with pytest.raises(NotFound):
        await deliveries.revoke(pool, request(other, "revoke", "x"), number, "mine", NOW)


async def test_a_code_that_is_of_no_use_any_more_is_sold_to_nobody(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    later = NOW + timedelta(days=1)
    await put_codes(pool, shop, "SOON", until=later)
    await put_codes(pool, shop, "EVER")
    first = await buy_by_mail(pool, shop, ("GAME", 1))
    second = await buy_by_mail(pool, shop, ("GAME", 1))
    for order in (first, second):
        await builders.pay(pool, shop, order)
    assert await vault.expire_codes(pool, later) >= 1
    assert await availability(pool, shop, "GAME") == (1, 1)
    held = await rows(
        pool,
        "select h.kind from hold h join fulfilment_order f on f.id = h.fulfilment_order_id "
        "where f.order_id = $1",
        order_id_of(second),
    )
    assert [row["kind"] for row in held] == ["stock_lost"]
    number, _ = await parts(pool, first)
    assert await digital.deliver(pool, number, later)
    assert await codes_of(pool, first) == ["EVER"]
    assert await builders.differences(pool) == []


async def test_a_quota_below_what_is_promised_is_refused(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool)
    made = await vault.set_generator(pool, shop, "GAME", "https://codes.example", 5)
    await buy_by_mail(pool, shop, ("GAME", 3))
    with pytest.raises(Conflict) as refusal:
        await vault.set_generator(pool, shop, "GAME", "https://codes.example", 2)
    assert refusal.value.code == "quota_promised"
    with pytest.raises(Conflict):
        await vault.drop_generator(pool, shop, "GAME")
    again = await vault.set_generator(pool, shop, "GAME", "https://codes.example/2", 3)
    assert again["secret"] == made["secret"]
    assert await availability(pool, shop, "GAME") == (3, 3)
