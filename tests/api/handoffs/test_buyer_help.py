"""A buyer asks for a human by a link: reads the answer there, and nothing that is not theirs."""

import pytest

from tests.api.handoffs.clerk import Clerk, ask, buyer_link
from tests.api.service import Seller, Service
from tests.builders import rows, value

HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "^XZ^XA",
    "\u202egnp.exe",
    "👩‍👩‍👧 李 " + "x" * 9_000,
    "{{ 7 * 7 }}",
)


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_are_kept_and_shown_as_text(
    service: Service, seller: Seller, words: str
) -> None:
    ticket = await ask(seller, words)
    assert ticket["notes"][0]["words"] == words.strip()
    order = await seller.order(("CUP", 1))
    path = await buyer_link(seller, order)
    posted = await service.client.post(path, data={"words": words})
    assert posted.status_code == 303, posted.text
    page = (await service.client.get(path)).text
    assert "<script>alert" not in page and "49" not in page.partition("<ol")[2][:9_500]


async def test_a_buyer_asks_by_the_link_and_reads_the_answer_there(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    order = await seller.order(("CUP", 1))
    path = await buyer_link(seller, order)
    assert "Ask a human" in (await service.client.get(path)).text
    sent = {"words": "Where is\r\nmy cup?", "email": "ada@example.org"}
    for _ in range(2):
        assert (await service.client.post(path, data=sent)).status_code == 303
    [ticket] = (await seller.get("/v1/handoffs", order_id=order["id"])).json()["items"]
    assert (ticket["asked_by"], ticket["external_order_id"]) == (
        "buyer",
        order["external_order_id"],
    )
    shown = (await seller.get(f"/v1/handoffs/{ticket['id']}")).json()
    assert [note["words"] for note in shown["notes"]] == ["Where is\nmy cup?"]
    await planner.post(f"{ticket['id']}/claim")
    long = "On its way. " * 100
    await planner.post(f"{ticket['id']}/answer", {"words": long})
    assert "On its way." in (await service.client.get(path)).text
    [mail] = await rows(service.pool, "select * from notice where order_id = $1", order["id"])
    assert (mail["kind"], mail["to_whom"]["email"]) == ("handoff", "ada@example.org")
    assert " ".join(mail["facts"]["answer"]["lines"]) == long.strip()
    assert "On its way" not in str(
        await value(service.pool, "select facts::text from notice where id = $1", mail["id"])
    )
    await service.client.post(path, data={"words": "Thanks, when?"})
    [again] = (await seller.get("/v1/handoffs", order_id=order["id"])).json()["items"]
    assert (again["id"], again["state"]) == (ticket["id"], "open")
    await seller.post(f"/v1/handoffs/{ticket['id']}/close", {})
    await service.client.post(path, data={"words": "Still not here."})
    both = (await seller.get("/v1/handoffs", order_id=order["id"])).json()["items"]
    assert [one["state"] for one in both] == ["closed", "open"]


async def test_a_buyer_sees_no_word_that_staff_say_among_themselves(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    order = await seller.order(("CUP", 1))
    path = await buyer_link(seller, order)
    await service.client.post(path, data={"words": "Hello"})
    [ticket] = (await seller.get("/v1/handoffs", order_id=order["id"])).json()["items"]
    await planner.post(f"{ticket['id']}/escalate", {"words": "A difficult one."})
    assert "difficult" not in (await service.client.get(path)).text


async def test_a_link_that_is_none_or_for_something_else_opens_nothing(
    service: Service, seller: Seller
) -> None:
    order = await seller.order(("CUP", 1))
    path = await buyer_link(seller, order)
    for bad in (path[:-3] + "AAA", "/buyer/help/x.y", path.replace("help", "address")):
        assert (await service.client.get(bad)).status_code == 404
        assert (await service.client.post(bad, data={"words": "Hello"})).status_code == 404
    assert (await seller.get("/v1/handoffs", order_id=order["id"])).json()["items"] == []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"words": " "}, 422),
        ({}, 422),
        ({"words": "a\x00"}, 422),
        ({"words": "x" * 10_001}, 422),
        ({"words": "Hello", "email": "nobody"}, 422),
    ],
)
async def test_a_buyer_s_form_says_what_is_wrong_and_loses_nothing(
    service: Service, seller: Seller, said: dict[str, str], status: int
) -> None:
    order = await seller.order(("CUP", 1))
    answer = await service.client.post(await buyer_link(seller, order), data=said)
    assert answer.status_code == status
    # The field that is wrong says why, and is known by it to who hears the page.
    assert 'aria-invalid="true"' in answer.text and 'class="why"' in answer.text
    assert said.get("words", "").strip("\x00 ") in answer.text


async def test_a_forgotten_buyer_s_words_are_gone_and_the_link_with_them(
    service: Service, seller: Seller
) -> None:
    order = await seller.order(("CUP", 1))
    path = await buyer_link(seller, order)
    await service.client.post(path, data={"words": "I am Ada."})
    gone = f"/v1/orders/{order['id']}/cancellation-requests"
    assert (await seller.post(gone, {"reason": "ordered twice"})).status_code == 201
    erased = await seller.post("/v1/privacy/erasures", {"order_id": order["id"]})
    assert erased.status_code in (200, 201), erased.text
    [ticket] = (await seller.get("/v1/handoffs", order_id=order["id"])).json()["items"]
    shown = (await seller.get(f"/v1/handoffs/{ticket['id']}")).json()
    assert [note["words"] for note in shown["notes"]] == ["erased"]
    assert (await service.client.get(path)).status_code == 410
