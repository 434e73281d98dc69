"""What happens to an order becomes a mail to its buyer, once a cause, where its shop wants it."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests import builders
from tests.builders import NOW, order_id_of, rows, value
from tests.patience import PATIENCE_S
from tests.wms.journey.buyer.shelf import buy_by_mail, digital_shop, pay_and_work
from wms.database.pool import staff_transaction
from wms.error import NotFound, Refused
from wms.journey.buyer.news import tell_buyers
from wms.journey.buyer.notice import Choice, choice_of, choose, mail_of, notices_of
from wms.journey.order.cancel import cancel_order
from wms.journey.request import Request
from wms.notice.notice import Kind
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

EVERYTHING = tuple(Kind)


async def told(pool: asyncpg.Pool, order: Answer, *kinds: str) -> list[asyncpg.Record]:
    """The mails of an order, once there are these: a reader waits for older transactions to end."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await tell_buyers(pool, NOW)
            found = await rows(
                pool, "select * from notice where order_id = $1 order by id", order_id_of(order)
            )
            if len(found) >= len(kinds):
                break
            await asyncio.sleep(0.05)
    await tell_buyers(pool, NOW)
    found = await rows(
        pool, "select * from notice where order_id = $1 order by id", order_id_of(order)
    )
    assert [row["kind"] for row in found] == list(kinds)
    return found


async def a_shop(pool: asyncpg.Pool, *kinds: Kind, **quantities: int) -> Shop:
    """A shop whose buyers get these mails."""
    shop = await digital_shop(pool, **quantities)
    await choose(pool, shop, Choice(kinds))
    return shop


async def emit(pool: asyncpg.Pool, shop: Shop, order: Answer, event: str, **data: object) -> None:
    number = order_id_of(order)
    async with staff_transaction(pool) as connection:
        await outbox.emit(
            connection, shop.tenant_id, event, f"order/{number}", number,
            {"order_id": number, **data}, "test", NOW,
        )  # fmt: skip


async def text_of(pool: asyncpg.Pool, notice: asyncpg.Record) -> str:
    mail = await mail_of(pool, notice["id"])
    assert mail is not None
    return mail.letter.text


async def test_a_shop_that_has_said_nothing_has_nothing_written(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, MUG=5)
    assert await choice_of(pool, shop) == Choice()
    order = await buy_by_mail(pool, shop, ("MUG", 1))
    await tell_buyers(pool, NOW)
    await told(pool, order)


async def test_an_order_is_confirmed_once(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, Kind.ACCEPTED, MUG=5)
    order = await buy_by_mail(pool, shop, ("MUG", 1))
    [notice] = await told(pool, order, "accepted")
    assert str(order.body["external_order_id"]) in await text_of(pool, notice)
    await emit(pool, shop, order, "order.accepted")
    later = await buy_by_mail(pool, shop, ("MUG", 1))
    await told(pool, later, "accepted")
    await told(pool, order, "accepted")


async def test_what_happened_before_the_switch_is_no_news(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, MUG=5)
    old = await buy_by_mail(pool, shop, ("MUG", 1))
    await choose(pool, shop, Choice((Kind.ACCEPTED,)))
    new = await buy_by_mail(pool, shop, ("MUG", 1))
    await told(pool, new, "accepted")
    await told(pool, old)


async def test_many_readers_at_once_make_each_mail_once(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, *EVERYTHING, MUG=9)
    orders = [await buy_by_mail(pool, shop, ("MUG", 1)) for _ in range(9)]
    await asyncio.gather(*(tell_buyers(pool, NOW) for _ in range(8)))
    for order in orders:
        await told(pool, order, "accepted")


async def test_an_event_that_commits_late_is_not_skipped(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, Kind.ACCEPTED, Kind.DELIVERED, MUG=5)
    early = await buy_by_mail(pool, shop, ("MUG", 1))
    await told(pool, early, "accepted")
    async with staff_transaction(pool) as connection:
        number = order_id_of(early)
        await outbox.emit(
            connection, shop.tenant_id, "order.delivered", f"order/{number}", number,
            {"tracking_number": "T1", "delivered_at": NOW.isoformat()}, "test", NOW,
        )  # fmt: skip
        late = await buy_by_mail(pool, shop, ("MUG", 1))
        await tell_buyers(pool, NOW)
    found = await told(pool, early, "accepted", "delivered")
    assert "T1" in await text_of(pool, found[1])
    await told(pool, late, "accepted")


async def test_each_event_is_a_mail_in_the_buyer_s_language(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, *EVERYTHING, MUG=5)
    order = await buy_by_mail(pool, shop, ("MUG", 1), language="zh")
    day = NOW + timedelta(days=2)
    eta = {name: day.isoformat() for name in ("earliest", "expected", "latest")}
    await emit(pool, shop, order, "order.expected", expected_at=day.isoformat())
    await emit(pool, shop, order, "order.eta_changed", eta=eta, tracking_numbers=["T1"])
    await emit(pool, shop, order, "order.eta_changed", eta=None, tracking_numbers=["T1"])
    await emit(pool, shop, order, "order.delivered", tracking_number="T1")
    amount = {"amount_minor": 1999, "currency": "EUR"}
    await emit(pool, shop, order, "order.refund_advised", amount=amount)
    found = await told(pool, order, "accepted", "delayed", "arriving", "delivered", "refund")
    texts = [await text_of(pool, notice) for notice in found]
    assert "2010年12月3日" in texts[1]
    assert "08:26" in texts[2]
    assert "：€19.99。" in texts[4]
    assert all("您好" in text for text in texts)


async def test_a_doubtful_address_brings_its_link(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, Kind.ADDRESS, MUG=5)
    order = await buy_by_mail(pool, shop, ("MUG", 1))
    await emit(pool, shop, order, "order.address_doubtful",
               link="https://house.example/buyer/address/x", expires_at=None)  # fmt: skip
    [notice] = await told(pool, order, "address")
    assert "https://house.example/buyer/address/x" in await text_of(pool, notice)


async def test_a_hold_is_no_news_but_where_goods_are_waited_for(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, Kind.DELAYED, MUG=5)
    order = await buy_by_mail(pool, shop, ("MUG", 1))
    await emit(pool, shop, order, "order.held", kind="suspicious", reason="why")
    await emit(pool, shop, order, "order.held", kind="short", reason="why")
    await told(pool, order, "delayed")


async def test_an_order_of_two_parts_is_cancelled_in_one_mail(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=5)
    await choose(pool, shop, Choice((Kind.CANCELLED,)))
    order = await buy_by_mail(pool, shop, ("MUG", 1), ("GAME", 1))
    await cancel_order(
        pool, Request(shop, "cancel", "cancel", b"x"), order_id_of(order), "changed mind", NOW
    )
    await told(pool, order, "cancelled")


async def test_codes_that_are_sent_are_not_told_as_shipped(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, codes=1, MUG=5)
    await choose(pool, shop, Choice((Kind.SHIPPED,)))
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    await pay_and_work(pool, shop, order)
    await told(pool, order, "digital")


async def test_whoever_left_no_address_is_not_written_to(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, Kind.ACCEPTED, MUG=5)
    order = await buy_by_mail(pool, shop, ("MUG", 1), customer={"name": "A", "email": "nobody"})
    after = await buy_by_mail(pool, shop, ("MUG", 1))
    await told(pool, after, "accepted")
    await told(pool, order)


async def test_a_mail_comes_in_the_shop_s_name(pool: asyncpg.Pool) -> None:
    shop = await digital_shop(pool, MUG=5)
    name = "Mugs\r\nBcc: all@example.com"
    await choose(pool, shop, Choice((Kind.ACCEPTED,), name, "Help@Mugs.example"))
    order = await buy_by_mail(pool, shop, ("MUG", 1))
    [notice] = await told(pool, order, "accepted")
    mail = await mail_of(pool, notice["id"])
    assert mail is not None
    assert mail.sender_name == "Mugs Bcc: all@example.com"
    assert mail.reply_to == "Help@mugs.example"
    with pytest.raises(Refused) as refusal:
        await choose(pool, shop, Choice((), "", "nobody"))
    assert refusal.value.pointer == "/reply_to"


async def test_a_shop_sees_what_was_written_and_no_other_does(pool: asyncpg.Pool) -> None:
    shop, other = await a_shop(pool, Kind.ACCEPTED, MUG=5), await builders.add_shop(pool)
    order = await buy_by_mail(pool, shop, ("MUG", 1))
    await told(pool, order, "accepted")
    [view] = await notices_of(pool, shop, order_id_of(order))
    assert (view["to"], view["state"], view["attempts"]) == ("ada@merton.example", "waiting", 0)
    with pytest.raises(NotFound):
        await notices_of(pool, other, order_id_of(order))


async def test_the_address_of_a_mail_is_sealed(pool: asyncpg.Pool) -> None:
    shop = await a_shop(pool, Kind.ACCEPTED, MUG=5)
    order = await buy_by_mail(
        pool, shop, ("MUG", 1), customer={"name": "Seldom", "email": "seldom@merton.example"}
    )
    await told(pool, order, "accepted")
    assert await value(pool, "select count(*) from notice where to_whom::text ~ 'eldom'") == 0
