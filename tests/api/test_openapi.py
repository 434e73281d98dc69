"""The OpenAPI document: valid, true, and with examples that work."""

from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from api.orders.messages import OrderRequest, PaymentRequest
from api.problems import MEDIA_TYPE
from tests.api.service import Service, is_problem, order_body, unique

Json = dict[str, Any]


@pytest.fixture
async def document(service: Service) -> Json:
    answer = await service.client.get("/openapi.json")
    assert answer.status_code == 200
    document: Json = answer.json()
    return document


def references(node: object) -> list[str]:
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        found = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return found + [one for value in node.values() for one in references(value)]
    if isinstance(node, list):
        return [one for value in node for one in references(value)]
    return []


def test_the_document_is_valid_and_closed(document: Json) -> None:
    OpenAPI.model_validate(document)
    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in document["components"]["schemas"]


async def test_every_path_in_it_is_built(service: Service, document: Json) -> None:
    for path, operations in document["paths"].items():
        for method in operations:
            url = path.replace("{order_id}", "1").replace("{wave_id}", "1")
            answer = await service.client.request(method, url)
            assert answer.status_code not in (405, 500, 501), (method, path)
            if answer.status_code == 404:
                assert answer.json()["code"] != "no_such_path", (method, path)


def test_every_operation_says_what_it_does_and_how_it_refuses(document: Json) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            refusals = {
                status: response
                for status, response in operation["responses"].items()
                if int(status) >= 400
            }
            if path.startswith(("/v1/", "/handheld/")):
                assert {"401", "422"} <= refusals.keys(), (method, path)
            for status, response in refusals.items():
                assert response["content"] == {MEDIA_TYPE: {"schema": problem}}, (path, status)


async def test_the_examples_of_orders_and_payments_work(service: Service, document: Json) -> None:
    schemas = document["components"]["schemas"]
    (order,) = schemas["OrderRequest"]["examples"]
    (payment,) = schemas["PaymentRequest"]["examples"]
    OrderRequest.model_validate(order)
    PaymentRequest.model_validate(payment)
    seller = await service.seller(**{order["lines"][0]["sku"]: 10})
    placed = await seller.post("/v1/orders", order)
    assert placed.status_code == 201
    paid = await seller.post(f"/v1/orders/{placed.json()['id']}/payments", payment)
    assert paid.json()["payment_state"] == "paid"


async def test_a_field_that_is_not_in_it_is_refused(service: Service) -> None:
    seller = await service.seller(CUP=1)
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), gift_wrap=True), unique("key"))
    is_problem(answer, 422, "invalid_body", "/gift_wrap")
