"""Mails that come back, handed on over HTTP: told once, and refused for what they are not."""

import asyncio
import re

import asyncpg
import httpx
import pytest

from api.dispatch.report import NESTED_MAX, REPORT_BYTES_MAX
from api.notices.report_routes import EXAMPLE
from tests.api.digital.maker import bought as ordered
from tests.api.digital.maker import seller_of
from tests.api.dispatch.post_office import post_office
from tests.api.dispatch.receiver import settle
from tests.api.dispatch.test_mail import bought, notice_of, number_of, sending
from tests.api.dispatch.test_report import UNFINISHED, bounces, report_of, sent
from tests.api.service import Service, bearer, is_problem
from tests.builders import NOW, order_id_of
from tests.key import KEYSET
from tests.wms.journey.buyer.shelf import codes_of
from wms.journey.buyer.digital import deliver
from wms.notice.notice import tag_of
from wms.outbox.command import Answer
from wms.tenants.staff import Role

PATH = "/v1/mail-reports"
REASON = "5.1.1 550 (an address) is unknown here"
# What is nested, or has parameters, that Python's own parser has been seen to stumble over.
BROKEN = {
    "empty": b"",
    "bytes": b"\x00\xff" * 999,
    "a mail": b"Subject: out of office\r\n\r\nBack on Monday.",
    "json": b'{"notificationType": "Bounce", "mail": {"messageId": "1"}}',
    "unfinished": UNFINISHED,
    "utf-16": report_of("<mail_1.0123456789abcdef@house.example>").decode().encode("utf-16"),
    "a NUL in a charset": b"Content-Type: multipart/report; boundary*=a\x00b'en'xyz\r\n\r\n--xyz",
    "half continued": b"Content-Type: multipart/report; boundary*0*=a'en'x; boundary*=y\r\n\r\n--x",
    "no such charset": b"Content-Type: text/rfc822-headers; charset=klingon\r\n\r\nA: \xff",
    "wrong base64": b"Content-Type: text/rfc822-headers\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n\x00=A=B",
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 8_000,
    "parts in parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(4_000)
    ),
}


async def hand_on(service: Service, key: str, content: bytes, **headers: str) -> httpx.Response:
    """The answer to a report, sent as a mail server's pipe sends it."""
    sent_with = {"Content-Type": "message/rfc822"} | headers | bearer(key)
    return await service.client.post(PATH, content=content, headers=sent_with)


@pytest.fixture
async def key(service: Service) -> str:
    """The key of a mail server."""
    return await service.key_of((await service.seller()).shop, "carrier")


async def state_of(pool: asyncpg.Pool, order: Answer) -> str:
    return str((await notice_of(pool, order))["state"])


async def test_a_mail_that_comes_back_is_given_up_and_told_once(service: Service, key: str) -> None:
    order, mail = await sent(service.pool)
    notice = await notice_of(service.pool, order)
    answer = await hand_on(service, key, report_of(mail))
    assert answer.status_code == 200, answer.text
    said = {
        "notice_id": notice["id"],
        "order_id": order_id_of(order),
        "kind": "digital",
        "state": "bounced",
        "action": "failed",
        "reason": REASON,
    }
    assert answer.json() == said | {"done": "given_up"}
    again = await hand_on(service, key, report_of(mail, status="5.9.9", whole=False))
    assert again.json() == said | {"done": "known"}
    [told] = await bounces(service.pool, order)
    assert told["data"]["notice_id"] == notice["id"]


async def test_the_same_report_ten_times_at_once_is_told_once(service: Service, key: str) -> None:
    order, mail = await sent(service.pool)
    answers = await asyncio.gather(*(hand_on(service, key, report_of(mail)) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    done = sorted(answer.json()["done"] for answer in answers)
    assert done == ["given_up", *["known"] * 9]
    assert len(await bounces(service.pool, order)) == 1


async def test_what_came_back_before_its_server_said_that_it_took_it_is_not_sent_again(
    service: Service, key: str
) -> None:
    order = await bought(service.pool)
    notice = await notice_of(service.pool, order)
    answer = await hand_on(service, key, report_of(number_of(notice)))
    assert answer.json()["done"] == "given_up"
    async with post_office() as office, sending(service.pool, office) as (_, sender):
        await settle(sender)
    assert office.taken == []
    assert await state_of(service.pool, order) == "bounced"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
async def test_what_is_only_late_or_has_arrived_changes_nothing(
    service: Service, key: str, action: str
) -> None:
    order, mail = await sent(service.pool)
    answer = await hand_on(service, key, report_of(mail, action.title(), "4.4.1"))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["action"], said["done"], said["state"]) == (action, "nothing", "sent")
    assert said["reason"].startswith("4.4.1")
    assert await state_of(service.pool, order) == "sent"
    assert await bounces(service.pool, order) == []


async def test_neither_the_answer_nor_what_is_kept_says_whom_the_mail_was_for(
    service: Service, key: str
) -> None:
    order, mail = await sent(service.pool)
    answer = await hand_on(service, key, report_of(mail))
    [code] = await codes_of(service.pool, order)
    told = [str(row["data"]) for row in await bounces(service.pool, order)]
    for said in (answer.text, str((await notice_of(service.pool, order))["error"]), *told):
        assert "merton.example" not in said and code not in said


async def test_the_shop_hears_of_it(service: Service, key: str) -> None:
    seller = await seller_of(service, "A-1")
    order = await ordered(seller)
    await deliver(service.pool, order["fulfilment_orders"][0]["id"], NOW)
    async with post_office() as office, sending(service.pool, office) as (_, sender):
        await settle(sender)
    [mail] = [one for one in office.taken if order["external_order_id"] in str(one["Subject"])]
    await hand_on(service, key, report_of(mail))
    [notice] = (await seller.get(f"/v1/orders/{order['id']}/notices")).json()["items"]
    assert (notice["state"], notice["error"]) == ("bounced", REASON)
    told = [one for one in await seller.news() if one["type"] == "notice.bounced"]
    assert [one["data"]["notice_id"] for one in told] == [notice["id"]]


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
async def test_what_is_no_report_is_refused_with_a_pointer_and_is_no_fault_of_ours(
    service: Service, key: str, content: bytes
) -> None:
    assert len(content) <= REPORT_BYTES_MAX
    found = is_problem(await hand_on(service, key, content), 422, "no_report")
    assert found.pointer is not None


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b"Subject: hello\r\n\r\nhello", "/delivery-status"),
        (report_of("<mail_1.0123456789abcdef@x.example>", "gone"), "/delivery-status/action"),
        (report_of("<something@else.example>"), "/message-id"),
        (report_of("<mail_1@house.example>", whole=False), "/message-id"),
        (b"boundary " * (NESTED_MAX + 1), ""),
    ],
)
async def test_the_pointer_says_what_a_report_lacks(
    service: Service, key: str, content: bytes, pointer: str
) -> None:
    found = is_problem(await hand_on(service, key, content), 422, "no_report")
    assert found.pointer == pointer


@pytest.mark.parametrize("size", [REPORT_BYTES_MAX + 1, 10_000_000])
async def test_what_is_too_large_is_not_read(service: Service, key: str, size: int) -> None:
    order, mail = await sent(service.pool)
    content = report_of(mail)
    answer = await hand_on(service, key, content + b" " * (size - len(content)))
    is_problem(answer, 413, "too_large")
    assert await state_of(service.pool, order) == "sent"


async def test_what_is_large_and_no_larger_is_read(service: Service, key: str) -> None:
    order, mail = await sent(service.pool)
    content = report_of(mail)
    answer = await hand_on(service, key, content + b"\n" * (REPORT_BYTES_MAX - len(content)))
    assert answer.status_code == 200, answer.text
    assert await state_of(service.pool, order) == "bounced"


async def test_a_report_of_a_mail_that_nobody_has_had_is_unknown(
    service: Service, key: str
) -> None:
    order, _ = await sent(service.pool)
    notice = await notice_of(service.pool, order)
    never = f"mail_{2**62}"
    for number in (
        f"<mail_{notice['id']}.{'0' * 16}@house.example>",
        f"<{never}.{tag_of(KEYSET, never)}@house.example>",
    ):
        answer = await hand_on(service, key, report_of(number))
        is_problem(answer, 404, "unknown_mail", "/message-id")
    assert await state_of(service.pool, order) == "sent"


async def test_words_of_a_hostile_server_are_one_line_of_text(service: Service, key: str) -> None:
    order, mail = await sent(service.pool)
    words = b"smtp; 550 \x00<ada@merton.example>\xff \xe6\x9d\x8e \x1b[31m" + b"x" * 200_000
    content = report_of(mail).replace(b"smtp; 550 <ada@merton.example> is unknown here", words)
    answer = await hand_on(service, key, content)
    assert answer.status_code == 200, answer.text
    error = (await notice_of(service.pool, order))["error"]
    assert answer.json()["reason"] == error
    assert not re.search("[\x00\x1b]", error) and "ada@" not in error and len(error) < 1_000


async def test_the_door_is_for_mail_servers_and_no_shop(service: Service, key: str) -> None:
    order, mail = await sent(service.pool)
    seller = await service.seller()
    narrow = await service.key_of(seller.shop, "orders:write")
    staff = await service.sign_in(Role.ADMIN)
    for token in (seller.key, narrow):
        is_problem(await hand_on(service, token, report_of(mail)), 403, "wrong_scope")
    for token in (staff, "sk_0_0"):
        is_problem(await hand_on(service, token, report_of(mail)), 401, "unknown_key")
    nobody = await service.client.post(PATH, content=report_of(mail))
    is_problem(nobody, 401, "no_key")
    assert await state_of(service.pool, order) == "sent"


@pytest.mark.parametrize("media", ["message/rfc822; charset=utf-16", "text/plain", "no media type"])
async def test_what_it_is_called_on_the_way_does_not_matter(
    service: Service, key: str, media: str
) -> None:
    order, mail = await sent(service.pool)
    answer = await hand_on(service, key, report_of(mail), **{"Content-Type": media})
    assert answer.status_code == 200, answer.text
    assert await state_of(service.pool, order) == "bounced"


async def test_the_document_s_example_is_a_report(service: Service, key: str) -> None:
    document = (await service.client.get("/openapi.json")).json()
    operation = document["paths"][PATH]["post"]
    content = operation["requestBody"]["content"]["message/rfc822"]["example"]
    assert content == EXAMPLE
    order, mail = await sent(service.pool)
    found = re.search(r"^Message-ID: (.*)$", content, re.MULTILINE)
    assert found is not None
    answer = await hand_on(
        service, key, content.replace(found[1], str(mail["Message-ID"])).encode()
    )
    assert answer.json()["reason"] == REASON
    shown = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert answer.json().keys() == shown.keys()
    assert operation["security"] == [{"carrierKey": ["carrier"]}]
    assert await state_of(service.pool, order) == "bounced"
