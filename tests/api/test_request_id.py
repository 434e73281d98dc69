"""Every answer has an id, and everything that its request did can be found by it."""

import pytest
import structlog

from tests import builders
from tests.api.service import Service, bearer, is_problem, order_body, unique


@pytest.mark.parametrize("path", ["/health", "/v1/orders", "/v1/nothing", "/openapi.json"])
async def test_every_answer_has_an_id_of_its_own(service: Service, path: str) -> None:
    one, other = [await service.client.get(path) for _ in range(2)]
    assert one.headers["x-request-id"].startswith("req_")
    assert one.headers["x-request-id"] != other.headers["x-request-id"]


async def test_an_id_that_the_caller_gave_comes_back_and_one_that_is_no_id_does_not(
    service: Service,
) -> None:
    given = "7c1f9e0e-0d3c-4e5b-9f3f-1a2b3c4d5e6f"
    answer = await service.client.get("/health", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given
    for bad in ("", "two words", "x" * 101, "a\tb", 'say "hello"', "<script>"):
        answer = await service.client.get("/health", headers={"X-Request-Id": bad})
        assert answer.headers["x-request-id"].startswith("req_"), bad


async def test_a_problem_names_its_request(service: Service) -> None:
    headers = {"X-Request-Id": "mine"}
    answer = await service.client.get("/v1/orders", headers=headers)
    assert is_problem(answer, 401, "no_key").request_id == "mine"
    big = {"content-length": "9999999999"} | headers
    answer = await service.client.post("/v1/orders", headers=big)
    assert answer.headers["x-request-id"] == "mine"
    assert is_problem(answer, 413, "too_large").request_id == "mine"


async def test_even_our_own_fault_names_its_request_in_answer_and_log(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("api.keys.routes.keys.shop_keys", fail)
    seller = await service.seller()
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        answer = await service.client.get(
            "/v1/keys", headers=bearer(seller.key) | {"X-Request-Id": "mine"}
        )
    assert answer.headers["x-request-id"] == "mine"
    assert is_problem(answer, 500, "internal").request_id == "mine"
    assert [line["request_id"] for line in lines if line["event"] == "request_failed"] == ["mine"]


async def test_what_a_request_wrote_is_found_by_its_id(service: Service) -> None:
    seller = await service.seller(CUP=1)
    request_id = unique("request")
    headers = bearer(seller.key) | {"Idempotency-Key": unique("k"), "X-Request-Id": request_id}
    answer = await service.client.post("/v1/orders", json=order_body(("CUP", 1)), headers=headers)
    assert answer.status_code == 201
    told = await builders.rows(
        service.pool, "select order_id from event where request_id = $1", request_id
    )
    assert {row["order_id"] for row in told} == {answer.json()["id"]}
    asked = await builders.rows(
        service.pool, "select status from command where request_id = $1", request_id
    )
    assert [row["status"] for row in asked] == [201]
