"""The buyer's page: opened by its link alone, safe with any text, and over once it is used."""

import asyncio
import html
import re
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from tests.api.buyer.held import GOOD, doubtful, send, view_of
from tests.api.service import Seller, Service
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from wms.address.link import Links
from wms.database.pool import staff_transaction
from wms.journey.order.waybill import prepare_waybills

LINKS = Links(KEYSET.derive("buyer link"))


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


async def test_the_page_shows_the_form_and_is_nobody_else_s_business(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    page = await service.client.get(path)
    assert page.status_code == 200
    assert "Check your delivery address" in page.text
    assert 'value="Luton"' in page.text and "12 Mill Lane" in page.text
    assert "Addresses there have a postal code." in page.text
    assert order["external_order_id"] in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    for personal in ("Merton", "Mill", "Luton"):
        assert personal not in path
    style = await service.client.get("/buyer/style.css")
    assert style.headers["content-type"].startswith("text/css")


async def test_it_speaks_the_buyer_s_language(service: Service, seller: Seller) -> None:
    _, path = await doubtful(seller)
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
    by_browser = await service.client.get(path, headers=chinese)
    assert "请核对收货地址" in by_browser.text and 'lang="zh-Hans"' in by_browser.text
    by_wish = await service.client.get(f"{path}?lang=en", headers=chinese)
    assert "Check your delivery address" in by_wish.text
    other = await service.client.get(path, headers={"Accept-Language": "fr"})
    assert "Check your delivery address" in other.text


async def test_mending_the_address_lifts_the_hold_and_tells_the_shop(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    await seller.pay(order)
    answer = await send(service, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "?lang=en")
    after = await view_of(seller, order)
    assert [hold["lifted_at"] is not None for hold in after["holds"]] == [True]
    assert after["ship_to"]["postal_code"] == "LU1 2AB"
    assert after["ship_to"]["phone"] == "+441582123456"
    kinds = [event["type"] for event in after["timeline"]]
    assert "order.address_fixed" in kinds and "order.hold_lifted" in kinds
    now = datetime.fromisoformat(after["received_at"])
    number = after["fulfilment_orders"][0]["id"]
    assert await prepare_waybills(service.pool, number, now)


async def test_a_link_is_used_once(service: Service, seller: Seller) -> None:
    order, path = await doubtful(seller)
    await send(service, path)
    again = await service.client.get(path)
    assert again.status_code == 200
    assert "settled" in again.text and "Mill Lane" not in again.text
    await send(service, path, lines="99 Elsewhere Road")
    assert (await view_of(seller, order))["ship_to"]["lines"] == ["12 Mill Lane"]


async def test_what_is_still_doubtful_is_shown_and_may_be_confirmed(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    answer = await send(service, path, postal_code="nowhere")
    assert answer.status_code == 422
    assert "Postal codes there are written otherwise." in answer.text
    assert 'name="confirm"' in answer.text
    assert (await view_of(seller, order))["holds"][0]["lifted_at"] is None
    answer = await send(service, path, postal_code="nowhere", confirm="yes")
    assert answer.status_code == 303
    after = await view_of(seller, order)
    assert after["ship_to"]["postal_code"] == "nowhere"
    assert after["holds"][0]["lifted_at"] is not None


async def test_an_expired_link_says_so(service: Service, seller: Seller) -> None:
    order, _ = await doubtful(seller)
    hold = order["holds"][0]["id"]
    over = datetime.fromisoformat(order["received_at"]) - timedelta(days=1)
    expired = LINKS.token("address", order["id"], hold, over)
    for answer in (
        await service.client.get(f"/buyer/address/{expired}"),
        await send(service, f"/buyer/address/{expired}"),
    ):
        assert answer.status_code == 410
        assert "expired" in answer.text
    assert (await view_of(seller, order))["holds"][0]["lifted_at"] is None


async def test_a_tampered_link_shows_nothing(service: Service, seller: Seller) -> None:
    order, path = await doubtful(seller)
    other = order["id"] + 1
    later = datetime.fromisoformat(order["received_at"]) + timedelta(days=900)
    forged = Links(b"x" * 32).token("address", order["id"], order["holds"][0]["id"], later)
    wrong_purpose = LINKS.token("erasure", order["id"], order["holds"][0]["id"], later)
    for token in (path.rpartition("/")[2][:-1] + "!", forged, wrong_purpose, f"{other}", "%00"):
        answer = await service.client.get(f"/buyer/address/{token}")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "Merton" not in answer.text
    long = await service.client.get(f"/buyer/address/{'x' * 1_500}")
    assert long.status_code == 404


async def test_after_the_hand_over_the_link_is_too_late(service: Service, seller: Seller) -> None:
    order, path = await doubtful(seller)
    number = order["fulfilment_orders"][0]["id"]
    async with staff_transaction(service.pool) as connection:
        for state in ("released", "picking", "picked", "sorted", "packed", "handed_over"):
            await connection.execute(
                "update fulfilment_order set state = $2 where id = $1", number, state
            )
    answer = await send(service, path)
    assert answer.status_code == 410
    assert "too late" in answer.text


async def test_a_waybill_for_the_old_address_is_voided_and_made_anew(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    await seller.pay(order)
    number = order["fulfilment_orders"][0]["id"]
    now = datetime.fromisoformat(order["received_at"])
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update hold set lifted_at = now() where fulfilment_order_id = $1", number
        )
    assert await prepare_waybills(service.pool, number, now)
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update hold set lifted_at = null where fulfilment_order_id = $1", number
        )
    before = (await view_of(seller, order))["parcels"]
    await send(service, path)
    after = (await view_of(seller, order))["parcels"]
    assert [one["waybill_state"] for one in after] == ["void", "made"]
    assert after[1]["sscc"] != before[0]["sscc"]
    async with staff_transaction(service.pool) as connection:
        sent = await connection.fetch(
            "select payload from outbox where subject = $1 order by id", f"parcel/{before[0]['id']}"
        )
    assert [one["payload"]["path"] for one in sent] == ["/pickups", "/voids", "/pickups"]
    assert sent[2]["payload"]["body"]["ship_to"]["postal_code"] == "LU1 2AB"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7 * 7 }}",
        "=cmd()",
        "^XZ",
        "\u202eevil",
        "👩‍👧 flat",
    ],
)
async def test_dirt_is_shown_as_text_and_kept_as_text(
    service: Service, seller: Seller, text: str
) -> None:
    order, path = await doubtful(seller, lines=[f"12 {text}"])
    page = (await service.client.get(path)).text
    assert "<script>" not in page and "<img" not in page and "12 49" not in page
    shown = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert shown is not None and html.unescape(shown[1]) == f"12 {text}"
    answer = await send(service, path, city=f"L {text}", confirm="yes")
    assert answer.status_code == 303
    kept = (await view_of(seller, order))["ship_to"]["city"]
    assert kept == f"L {text}".replace("\u202e", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 10_000), ("name", "A\x00da"), ("name", ""), ("country", "Britain"),
     ("lines", "\n".join("123456")), ("city", " ")],
)  # fmt: skip
async def test_what_is_no_address_is_marked_and_changes_nothing(
    service: Service, seller: Seller, field: str, value: str
) -> None:
    order, path = await doubtful(seller)
    answer = await send(service, path, **{field: value})
    assert answer.status_code == 422
    assert 'class="field wrong"' in answer.text
    assert (await view_of(seller, order))["holds"][0]["lifted_at"] is None


async def test_a_form_that_is_none_is_answered_with_the_form(
    service: Service, seller: Seller
) -> None:
    _, path = await doubtful(seller)
    for body in (b"", b"\xff\xfe", b"&" * 50_000, b"x=" + b"y" * 200_000):
        answer = await service.client.post(path, content=body)
        assert answer.status_code == 422
        assert "<form" in answer.text


def asked_at(page: str) -> str | None:
    """The path of the page on which a buyer may ask a human, where this one leads there."""
    found = re.search(r'href="\.\./help/([^"?]+)', page)
    return None if found is None else f"/buyer/help/{found[1]}"


async def test_whoever_has_a_link_that_holds_may_ask_a_human(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    instead = asked_at((await service.client.get(path)).text)
    assert instead is not None
    help_page = await service.client.get(instead)
    assert help_page.status_code == 200 and order["external_order_id"] in help_page.text
    # It is a link of its own, which mends nothing.
    assert (await service.client.get(instead.replace("help", "address", 1))).status_code == 404
    await send(service, path)
    assert asked_at((await service.client.get(path)).text) == instead


async def test_no_link_to_a_human_comes_from_one_that_is_over_or_none_of_ours(
    service: Service, seller: Seller
) -> None:
    order, path = await doubtful(seller)
    await send(service, path)
    hold, over = order["holds"][0]["id"], datetime.fromisoformat(order["received_at"])
    expired = LINKS.token("address", order["id"], hold, over - timedelta(days=1))
    for token in (expired, path.rpartition("/")[2][:-1]):
        answer = await service.client.get(f"/buyer/address/{token}")
        assert answer.status_code in (404, 410)
        assert asked_at(answer.text) is None


async def test_whoever_guesses_links_takes_no_connection_of_the_database(
    service: Service, seller: Seller
) -> None:
    _, path = await doubtful(seller)
    guess = path[:-1] + ("A" if path[-1] != "A" else "B")
    async with AsyncExitStack() as stack:
        for _ in range(service.pool.get_max_size()):
            await stack.enter_async_context(service.pool.acquire())
        async with asyncio.timeout(PATIENCE_S):
            for wrong in (guess, guess.replace("address", "help", 1)):
                assert (await service.client.get(wrong)).status_code == 404
                assert (await service.client.post(wrong, data=GOOD)).status_code == 404
