"""Tickets over HTTP: a shop asks, staff answer, and nobody else sees a word of it."""

import asyncio
import json

import pytest

from tests.api.handoffs.clerk import Clerk, ask, events
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.builders import rows, value
from wms.tenants.staff import Role


async def test_a_ticket_carries_its_order_s_whole_timeline_as_it_is_now(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    order = await seller.order(("CUP", 1))
    ticket = await ask(seller, order_id=order["id"], kind="damage", urgency="high")
    assert (ticket["state"], ticket["role"], ticket["asked_by"]) == ("open", "planner", "shop")
    assert ticket["notes"][0]["words"] == "Where is it?"
    await seller.pay(order)
    shown = (await planner.get(f"/v1/handoffs/{ticket['id']}")).json()
    told = [one["type"] for one in shown["timeline"]]
    assert told[:2] == ["order.accepted", "handoff.opened"] and "order.paid" in told
    assert shown["order"]["payment_state"] == "paid"


async def test_the_same_request_twice_is_one_ticket(seller: Seller) -> None:
    key = unique("ask")
    first = await seller.post("/v1/handoffs", {"words": "Hello?"}, key)
    again = await seller.post("/v1/handoffs", {"words": "Hello?"}, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true" and first.json() == again.json()
    other = await seller.post("/v1/handoffs", {"words": "Hello there?"}, key)
    is_problem(other, 422, "idempotency_key_reused")
    assert len((await seller.get("/v1/handoffs")).json()["items"]) == 1


async def test_an_answer_flows_back_to_the_shop_as_an_event(seller: Seller, planner: Clerk) -> None:
    order = await seller.order(("CUP", 1))
    ticket = await ask(seller, order_id=order["id"])
    is_problem(await planner.post(f"{ticket['id']}/answer", {"words": "x"}), 409, "wrong_state")
    claimed = (await planner.post(f"{ticket['id']}/claim")).json()
    assert claimed["state"] == "claimed" and claimed["holder"]
    answered = await planner.post(f"{ticket['id']}/answer", {"words": "It left <today>."})
    assert answered.json()["state"] == "answered"
    [event] = await events(seller, "handoff.answered")
    assert event["data"]["answer"] == {"words": "It left <today>."}
    assert (event["order_id"], event["data"]["handoff_id"]) == (order["id"], ticket["id"])
    again = await seller.post(f"/v1/handoffs/{ticket['id']}/words", {"words": "Which carrier?"})
    assert again.json()["state"] == "open"
    closed = await seller.post(f"/v1/handoffs/{ticket['id']}/close", {})
    assert closed.json()["state"] == "closed"
    late = await seller.post(f"/v1/handoffs/{ticket['id']}/words", {"words": "One more."})
    is_problem(late, 409, "wrong_state")


async def test_words_are_kept_sealed(service: Service, seller: Seller, planner: Clerk) -> None:
    order = await seller.order(("CUP", 1))
    ticket = await ask(seller, "My name is Ada Secret", order_id=order["id"])
    await planner.post(f"{ticket['id']}/claim")
    await planner.post(f"{ticket['id']}/answer", {"words": "Dear Ada Secret"})
    for query in (
        "select count(*) from handoff_note where said::text like '%Secret%'",
        "select count(*) from command where response::text like '%Secret%'",
        "select count(*) from event where data::text like '%Secret%'",
    ):
        assert await value(service.pool, query) == 0, query


async def test_two_planners_want_one_ticket_and_one_gets_it(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    other = Clerk(service.client, await service.sign_in(Role.PLANNER))
    answers = await asyncio.gather(
        *(clerk.post(f"{ticket['id']}/claim") for clerk in (planner, other))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_planners_who_ask_for_the_next_get_different_ones_by_their_due_moments(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    await rows(service.pool, "update handoff set state = 'closed', holder_id = null returning 1")
    low = await ask(seller, urgency="low")
    normal = await ask(seller)
    urgent = await ask(seller, urgency="urgent")
    queue = (await planner.get("/v1/handoffs")).json()["items"]
    assert [one["id"] for one in queue] == [urgent["id"], normal["id"], low["id"]]
    first = (await planner.get("/v1/handoffs", limit=2)).json()
    rest = (await planner.get("/v1/handoffs", limit=2, after=first["next"])).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in queue]
    other = Clerk(service.client, await service.sign_in(Role.PLANNER))
    taken = await asyncio.gather(planner.post("next/claim"), other.post("next/claim"))
    assert {one.json()["id"] for one in taken} == {urgent["id"], normal["id"]}
    assert (await planner.post("next/claim")).json()["id"] == low["id"]
    is_problem(await planner.post("next/claim"), 404, "queue_empty")


async def test_only_whoever_has_a_ticket_or_a_supervisor_answers_it(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    await planner.post(f"{ticket['id']}/claim")
    other = Clerk(service.client, await service.sign_in(Role.PLANNER))
    for path, body in (("answer", {"words": "x"}), ("release", None), ("close", {"words": "x"})):
        is_problem(await other.post(f"{ticket['id']}/{path}", body), 409, "held_by_other")
    boss = Clerk(service.client, await service.sign_in(Role.SUPERVISOR))
    assert (await boss.post(f"{ticket['id']}/answer", {"words": "Done."})).status_code == 200


async def test_a_ticket_that_was_given_back_keeps_the_time_that_it_waited(
    seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    await planner.post(f"{ticket['id']}/claim")
    back = (await planner.post(f"{ticket['id']}/release")).json()
    assert (back["state"], back["due_at"]) == ("open", ticket["due_at"])


async def test_an_escalated_ticket_waits_for_the_next_role(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    raised = (await planner.post(f"{ticket['id']}/escalate", {"words": "Not mine."})).json()
    assert (raised["state"], raised["role"]) == ("open", "supervisor")
    is_problem(await planner.post(f"{ticket['id']}/claim"), 409, "wrong_role")
    boss = Clerk(service.client, await service.sign_in(Role.SUPERVISOR))
    assert (await boss.post(f"{ticket['id']}/claim")).status_code == 200


async def test_without_an_answer_staff_close_a_ticket_only_with_a_reason(
    seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    is_problem(await planner.post(f"{ticket['id']}/close", {}), 409, "reason_wanted")
    closed = await planner.post(f"{ticket['id']}/close", {"words": "Asked twice."})
    assert closed.json()["notes"][-1]["kind"] == "reason"


async def test_another_tenant_s_ticket_is_not_there(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    order = await seller.order(("CUP", 1))
    for thief in (await service.seller(CUP=1), await service.sibling(seller)):
        assert (await thief.get("/v1/handoffs")).json()["items"] == []
        is_problem(await thief.get(f"/v1/handoffs/{ticket['id']}"), 404, "unknown_handoff")
        for path, body in (("words", {"words": "x"}), ("close", {})):
            answer = await thief.post(f"/v1/handoffs/{ticket['id']}/{path}", body)
            is_problem(answer, 404, "unknown_handoff")
        body = {"words": "Where?", "order_id": order["id"]}
        is_problem(await thief.post("/v1/handoffs", body), 404, "unknown_order", "/order_id")
        link = await thief.post("/v1/handoffs/links", {"order_id": order["id"]})
        is_problem(link, 404, "unknown_order")


async def test_an_answer_about_no_order_is_told_to_none_of_the_shop_s_siblings(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller)
    await planner.post(f"{ticket['id']}/claim")
    await planner.post(f"{ticket['id']}/answer", {"words": "Between us."})
    [event] = await events(seller, "handoff.answered")
    assert event["data"]["answer"] == {"words": "Between us."}
    sibling = await service.sibling(seller)
    assert await events(sibling, "handoff.answered") == []
    assert await events(sibling, "handoff.opened") == []
    shown = (await seller.get(f"/v1/handoffs/{ticket['id']}")).json()
    assert shown["notes"][-1]["words"] == "Between us."


async def test_a_shop_has_no_way_to_the_desk_and_an_operator_none_to_tickets(
    service: Service, seller: Seller
) -> None:
    ticket = await ask(seller)
    for path, body in (("claim", None), ("answer", {"words": "x"}), ("release", None)):
        answer = await seller.post(f"/v1/handoffs/{ticket['id']}/{path}", body)
        is_problem(answer, 401, "no_session")
    operator = Clerk(service.client, await service.sign_in(Role.OPERATOR))
    is_problem(await operator.get("/v1/handoffs"), 403, "wrong_role")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"words": ""},
        {"words": "a\x00b"},
        {"words": "x" * 10_001},
        {"words": "x", "urgency": "now"},
        {"words": "x", "kind": "magic"},
        {"words": "x", "order_id": 0},
        {"words": "x", "priority": 1},
        {"words": "\ud800"},
    ],
)
async def test_a_question_that_is_none_is_refused_by_its_field(seller: Seller, body: Json) -> None:
    headers = bearer(seller.key) | {
        "Idempotency-Key": unique("key"),
        "Content-Type": "application/json",
    }
    answer = await seller.client.post("/v1/handoffs", content=json.dumps(body), headers=headers)
    assert answer.status_code == 422 and answer.json()["pointer"].startswith("/")


async def test_a_sandbox_s_ticket_bothers_nobody(service: Service, planner: Clerk) -> None:
    spare = await service.seller(CUP=1)
    await rows(service.pool, "update api_key set sandbox = true where shop_id = $1 returning 1",
               spare.shop.shop_id)  # fmt: skip
    ticket = await ask(spare)
    assert ticket["sandbox"] is True
    queue = (await planner.get("/v1/handoffs", limit=500)).json()["items"]
    assert ticket["id"] not in [one["id"] for one in queue]


async def test_a_supervisor_sets_limits_and_a_planner_reads_them(
    service: Service, seller: Seller, planner: Clerk
) -> None:
    ticket = await ask(seller, urgency="low")
    limits = (await planner.get("/v1/sop")).json()["items"]
    assert {one["step"] for one in limits} >= {"waybill", "pick", "hold", "ticket"}
    boss = bearer(await service.sign_in(Role.SUPERVISOR))
    body = {"role": "planner", "limit_s": 60, "escalate_s": 60}
    put = await service.client.put("/v1/sop/ticket?kind=low", json=body, headers=boss)
    assert put.status_code == 200, put.text
    [low] = [one for one in put.json()["items"] if one["kind"] == "low"]
    assert low["limit_s"] == 60 and low["changed_by"].startswith("staff:")
    after = (await seller.get(f"/v1/handoffs/{ticket['id']}")).json()
    assert after["due_at"] < ticket["due_at"]
    wrong = await service.client.put("/v1/sop/pick?kind=fast", json=body, headers=boss)
    is_problem(wrong, 422, "bad_sop", "/kind")
    nothing = await service.client.put("/v1/sop/dance", json=body, headers=boss)
    assert nothing.status_code == 422
    refused = await service.client.put("/v1/sop/pick", json=body, headers=bearer(planner._token))
    is_problem(refused, 403, "wrong_role")
    detail = await value(
        service.pool, "select detail->>'limit_s' from audit_note where action = 'sop.changed'"
    )
    assert detail == "60"


async def test_metrics_tell_of_tickets_and_overdue_steps(service: Service, seller: Seller) -> None:
    await ask(seller, urgency="urgent")
    text = (await service.client.get("/metrics")).text
    assert 'stowline_tickets{urgency="urgent"}' in text
    assert "stowline_steps_overdue" in text
