"""Nothing of a forgotten buyer can be read anywhere, whichever way their data came in.

A buyer with words that nobody else uses orders through every channel, is written to, asks, and has
parcels made. Before the erasure those words stand in no table in clear; after it none is to be had
from any table with all keys at hand.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg

from tests.api.connectors.platform import (
    Shopify,
    WooCommerce,
    let_in,
    shopify_line,
    shopify_order,
    woo_order,
)
from tests.api.service import Json, Seller, Service, bearer, order_body, payment_of, unique
from tests.builders import NOW, rows, settle
from tests.key import KEYSET
from tests.wms.journey.people import packer_at_carton, sorted_order
from wms.database import data_key
from wms.database.pool import staff_transaction
from wms.database.seal import PERSONAL, SealError
from wms.journey.buyer.digital import deliver
from wms.journey.buyer.erasure import REPEATS_LAST, erase_old
from wms.journey.buyer.news import tell_buyers
from wms.journey.buyer.trail import chain_news
from wms.journey.order.waybill import prepare_waybills
from wms.tenants.staff import Role

MAIL = "zephyrine@quuxmail.example"
FIRST, LAST = "Zephyrine", "Wyvernhill"
PERSON = f"{FIRST} {LAST}"
SECOND = "Thrumbleton"
WORDS = {
    "name": LAST,
    "first name": FIRST,
    "mail": "quuxmail",
    "phone": "7946095817",
    "street": "Quillfeather",
    "district": "Snorkelby",
    "place": "51.918273",
    "reference": "CUST-ZX81",
    "note": "Fennimore",
    "gift": "Ottilie",
    "ticket": "Blatherskite",
    "answer": "Crumpetworth",
    "new name": SECOND,
}
ADDRESS: Json = {
    "name": PERSON,
    "lines": ["17 Quillfeather Row"],
    "district": "Snorkelby",
    "postal_code": "LU1 2AB",
    "city": "Luton",
    "country": "GB",
    "latitude": 51.918273,
    "longitude": -0.4,
    "phone": "+447946095817",
}
BUYER: Json = {"name": PERSON, "email": MAIL, "phone": "+447946095817", "reference": "CUST-ZX81"}
TOKEN = re.compile(r"[a-z0-9]{1,20}\.[A-Za-z0-9_-]{38,}={0,2}")


def body(*lines: tuple[str, int], **changed: object) -> Json:
    said = {
        "customer": BUYER,
        "ship_to": ADDRESS,
        "buyer_note": "Leave it with Mrs Fennimore",
        "gift_message": "Happy birthday, Ottilie",
    }
    return order_body(*lines) | said | changed


async def found(url: str, *, opened: bool) -> dict[str, set[str]]:
    """By each word the tables in which it stands: in clear, or with all keys at hand."""
    owner = await asyncpg.connect(url)
    where: dict[str, set[str]] = {name: set() for name in WORDS}
    try:
        tables = await owner.fetch(
            "select c.oid::regclass::text as name from pg_class c "
            "where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace "
            "and not c.relispartition"
        )
        for (table,) in tables:
            for row in await owner.fetch(f"select to_jsonb(t)::text as said from {table} t"):
                said = opened_all(row["said"]) if opened else row["said"]
                for name in matches(said):
                    where[name].add(table)
    finally:
        await owner.close()
    return {name: tables for name, tables in where.items() if tables}


def matches(said: str) -> Iterable[str]:
    """The names of the words in a row; in a column of bytes they stand in hexadecimal."""
    lower = said.casefold()
    for name, word in WORDS.items():
        if word.casefold() in lower or word.encode().hex() in lower:
            yield name


def opened_all(said: str) -> str:
    """A row with all that was sealed in it, whatever for."""

    def plain(token: re.Match[str]) -> str:
        try:
            return KEYSET.open(token[0], PERSONAL).decode()
        except SealError:
            return token[0]

    return TOKEN.sub(plain, said)


class Life:
    """All that a buyer may do at a shop, and all that is done for them."""

    def __init__(self, service: Service, seller: Seller) -> None:
        self.service, self.seller, self.orders = service, seller, list[int]()

    async def post(self, path: str, said: object, status: int = 201) -> Json:
        answer = await self.seller.post(path, said)
        assert answer.status_code == status, (path, answer.text)
        told: Json = answer.json()
        return told

    async def place_everywhere(self) -> None:
        """One order by each way in."""
        first = await self.post("/v1/orders", body(("CUP", 1)))
        bulk = await self.post("/v1/orders/bulk", {"orders": [body(("CUP", 1))]}, 200)
        self.orders += [first["id"], bulk["answers"][0]["order"]["id"]]
        sheet = (
            "external_order_id,placed_at,currency,name,customer_name,customer_email,phone,address,"
            "district,postal_code,city,country,sku,quantity,unit_price_minor,buyer_note,gift_message\n"
            f"{unique('csv')},2010-12-01T08:26:00+00:00,GBP,{PERSON},{PERSON},{MAIL},+447946095817,"
            "17 Quillfeather Row,Snorkelby,LU1 2AB,Luton,GB,CUP,1,255,For Fennimore,For Ottilie\n"
        )
        headers = bearer(self.seller.key) | {"Idempotency-Key": unique("key")}
        answer = await self.service.client.post(
            "/v1/orders/csv", content=sheet, headers=headers | {"Content-Type": "text/csv"}
        )
        [line] = answer.json()["lines"]
        assert line["result"] == "accepted", answer.text
        self.orders.append(line["order_id"])
        await self._quoted()
        await self._by_connectors()

    async def _quoted(self) -> None:
        lines = [{"sku": "CUP", "quantity": 1}]
        to = {name: ADDRESS[name] for name in ("country", "postal_code")}
        await self.post("/v1/quotes", {"lines": lines, "ship_to": to})
        await self.post("/v1/addresses/validate", ADDRESS, 200)
        sale = {"starts_at": "2020-12-01T00:00:00Z", "ends_at": "2090-12-24T00:00:00Z"}
        await self.seller.put("/v1/sales/DROP", sale | {"items": [{"sku": "DROP"}], "queue": {}})
        buyer = {"email": MAIL, "reference": "CUST-ZX81"}
        ticket = await self.post("/v1/admissions", {"sale": "DROP", "buyer": buyer})
        told = await self.post("/v1/orders", body(("DROP", 1), admission_id=ticket["id"]))
        self.orders.append(told["id"])
        await self.post("/v1/admissions", {"sale": "DROP", "buyer": buyer})

    async def _by_connectors(self) -> None:
        shopify = Shopify(self.seller, await let_in(self.seller, "shopify"))
        address = shopify_order()["shipping_address"] | {
            "name": PERSON, "address1": "17 Quillfeather Row", "phone": "+447946095817",
        }  # fmt: skip
        said = shopify_order(
            email=MAIL, note="Ask Fennimore", shipping_address=address, billing_address=address,
            customer={"id": 81, "first_name": FIRST, "last_name": LAST},
            line_items=[shopify_line(11, "CUP", 1)], total_price="9.90",
        )  # fmt: skip
        heard = await shopify.heard("orders/create", said)
        assert heard["state"] == "done", heard
        self.orders.append(heard["order_id"])
        # This one is refused, so that its body is kept.
        again = said | {"id": 81, "name": "#81", "line_items": [shopify_line(1, "NOTHING", 1)]}
        assert (await shopify.heard("orders/create", again))["state"] == "refused"
        woo = WooCommerce(self.seller, await let_in(self.seller, "woocommerce"))
        billing = woo_order()["billing"] | {
            "first_name": FIRST, "last_name": LAST, "address_1": "17 Quillfeather Row",
            "email": MAIL, "phone": "+447946095817",
        }  # fmt: skip
        line = {"id": 315, "name": "Cup", "quantity": 1, "total": "3.00", "sku": "CUP"}
        bought = woo_order(
            billing=billing, line_items=[line], customer_note="Ask Fennimore",
            total="3.00", total_tax="0.00",
        )  # fmt: skip
        heard = await woo.heard("order.created", bought)
        assert heard["state"] == "done", heard
        self.orders.append(heard["order_id"])

    async def be_served(self) -> None:
        """Paid, edited, written to, and packed."""
        for number in self.orders:
            order = (await self.seller.get(f"/v1/orders/{number}")).json()
            if order["payment_state"] != "paid":
                await self.post(f"/v1/orders/{number}/payments", payment_of(order), 200)
        order = (await self.seller.get(f"/v1/orders/{self.orders[0]}")).json()
        moved = {"ship_to": ADDRESS | {"name": f"{FIRST} {SECOND}"}, "reason": "moved"}
        headers = bearer(self.seller.key) | {
            "Idempotency-Key": unique("key"), "If-Match": f'"{order["version"]}"',
        }  # fmt: skip
        edited = await self.service.client.post(
            f"/v1/orders/{order['id']}/edits", json=moved, headers=headers
        )
        assert edited.status_code in (200, 201), edited.text
        await self._doubtful()
        await self._digital()
        pool = self.service.pool
        for number in self.orders:
            for row in await rows(pool, "select id from fulfilment_order where order_id = $1 "
                                        "and not digital", number):  # fmt: skip
                await prepare_waybills(pool, row["id"], self.service.app.state.house.now())
        await self._packed()
        await settle(pool)
        await tell_buyers(pool, self.service.app.state.house.now())

    async def _packed(self) -> None:
        """The first order is packed as far as its words are shown, and its label drawn."""
        pool = self.service.pool
        [row] = await rows(pool, "select id from fulfilment_order where order_id = $1",
                           self.orders[0])  # fmt: skip
        await sorted_order(pool, row["id"])
        packer = await packer_at_carton(pool, row["id"])
        screen = await packer.scan(packer.screen["target"])
        assert "Ottilie" in str(screen["lines"]) and "Fennimore" in str(screen["lines"])

    async def _doubtful(self) -> None:
        """An order whose address its buyer mends by the link."""
        told = await self.post(
            "/v1/orders", body(("CUP", 1), ship_to=ADDRESS | {"postal_code": ""})
        )
        await settle(self.service.pool)
        [event] = await rows(
            self.service.pool,
            "select data from event where type = 'order.address_doubtful' and order_id = $1",
            told["id"],
        )
        path = urlsplit(event["data"]["link"]).path
        form = {
            "name": PERSON, "lines": "17 Quillfeather Row", "postal_code": "LU1 2AB",
            "city": "Luton", "country": "GB", "district": "Snorkelby",
        }  # fmt: skip
        mended = await self.service.client.post(path, data=form)
        assert mended.status_code == 303, mended.text
        self.orders.append(told["id"])

    async def _digital(self) -> None:
        item = {"name": "Game", "width_mm": 1, "depth_mm": 1, "height_mm": 1, "mass_g": 1}
        await self.seller.put("/v1/items/GAME", item | {"digital": "code"})
        await self.post("/v1/items/GAME/codes", {"codes": [{"code": "AAAA-1"}]}, 200)
        order = await self.post("/v1/orders", body(("GAME", 1)))
        await self.post(f"/v1/orders/{order['id']}/payments", payment_of(order), 200)
        now = self.service.app.state.house.now()
        await deliver(self.service.pool, order["fulfilment_orders"][0]["id"], now)
        self.orders.append(order["id"])

    async def ask(self) -> None:
        """For a human: by the shop with an order and without, and by the buyer's own link."""
        number, words = self.orders[1], f"{PERSON} asks: Blatherskite"
        asked = await self.post("/v1/handoffs", {"order_id": number, "words": words})
        loose = await self.post("/v1/handoffs", {"words": f"{words}, from {MAIL}"})
        link = await self.post("/v1/handoffs/links", {"order_id": number})
        sent = await self.service.client.post(
            urlsplit(link["link"]).path, data={"words": "Blatherskite", "email": MAIL}
        )
        assert sent.status_code < 400, sent.text
        clerk = bearer(await self.service.sign_in(Role.PLANNER))
        for ticket in (asked, loose):
            for step, said in (("claim", None), ("answer", {"words": "Crumpetworth"})):
                done = await self.service.client.post(
                    f"/v1/handoffs/{ticket['id']}/{step}",
                    json=said,
                    headers=clerk | {"Idempotency-Key": unique("key")},
                )
                assert done.status_code == 200, done.text

    async def read(self) -> None:
        """Whoever may read their data does, and all of it is exported."""
        house = self.service.app.state.house
        exported = await self.post("/v1/privacy/exports", {"email": MAIL}, 200)
        assert {order["id"] for order in exported["orders"]} == set(self.orders)
        kept = {one["where"] for one in exported["kept"]}
        assert {"handoff_note.said", "notice.to_whom", "order_edit.before"} <= kept
        await house.reads.write(house.pool)

    async def be_over(self, url: str) -> None:
        """Nothing is under way any more, and all that was to be sent was sent."""
        owner = await asyncpg.connect(url)
        try:
            # However an order got there: no table of moves is asked.
            await owner.execute("set session_replication_role = replica")
            await owner.execute("update fulfilment_order set state = 'closed'")
        finally:
            await owner.close()
        async with staff_transaction(self.service.pool) as connection:
            await connection.execute(
                "update outbox set done_at = now() where topic <> 'webhook' and done_at is null"
            )


async def test_no_word_of_a_forgotten_buyer_is_to_be_read_anywhere(
    service: Service, database: str
) -> None:
    seller = await service.seller(CUP=100, DROP=10)
    await seller.post("/v1/webhook-endpoints", {"url": "https://shop.example/hook"})
    await seller.put("/v1/shop/notices", {"kinds": ["accepted", "shipped"], "sender_name": "Shop"})
    life = Life(service, seller)
    await life.place_everywhere()
    await life.be_served()
    await life.ask()
    await life.read()

    assert await found(database, opened=False) == {}
    before = await found(database, opened=True)
    assert before.keys() == WORDS.keys()
    assert {
        "shop_order", "command", "outbox", "notice", "order_edit", "event", "handoff_note",
        "connector_delivery",
    } <= set().union(*before.values())  # fmt: skip
    # A new key reaches all that an old one sealed.
    async with staff_transaction(service.pool) as connection:
        reached = {table for table, _ in await data_key.columns_with_tokens(connection)}
    assert set().union(*before.values()) <= reached

    await life.be_over(database)
    erased = await seller.post("/v1/privacy/erasures", {"email": MAIL})
    assert erased.status_code == 200, erased.text
    assert {order["id"] for order in erased.json()["orders"]} == set(life.orders)
    # An address that was only looked at is kept for a repeat, and no longer.
    left = await found(database, opened=True)
    assert set().union(set(), *left.values()) <= {"command"}
    later = service.app.state.house.now() + REPEATS_LAST + timedelta(seconds=1)
    await erase_old(service.pool, timedelta(days=365), later)
    assert await found(database, opened=True) == {}
    again = await life.post("/v1/privacy/exports", {"email": MAIL}, 200)
    assert again == {"orders": [], "kept": []}
    await settle(service.pool)
    await chain_news(service.pool, NOW)
    assert await found(database, opened=True) == {}
