"""The OpenAPI document: valid, true, and with examples that work."""

import re
from typing import Any

import jsonschema_rs
import pytest
from fastapi.openapi.models import OpenAPI

from api.example import Exampler
from api.openapi import CARRIER, SHOP, SIGNED, STAFF
from api.orders.messages import OrderRequest
from api.orders.payment_messages import PaymentRequest
from api.problems import MEDIA_TYPE
from tests.api.belonging import body_schema, example_of, resolved
from tests.api.service import Service, bearer, is_problem, order_body, unique
from wms.tenants.scope import SCOPES
from wms.tenants.staff import Role

Json = dict[str, Any]
# Whoever knocks may read these.
OPEN = {"/health", "/ready", "/metrics", "/handheld/sessions"}
# Nobody reads these in a document.
DRAWN = {"image/png", "application/pdf", "application/zpl"}
# Of these parameters not every text is one.
SEGMENTS = {"op": "open", "prefix": "0" * 12}


def every_operation(document: Json) -> list[tuple[str, str, Json]]:
    """Method, path and operation of all that there is."""
    return [
        (method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


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
        _, components, kind, name = reference.split("/")
        assert components == "components" and name in document["components"][kind]


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
                assert "X-Request-Id" in response["headers"], (path, status)


def test_every_operation_has_a_name_a_summary_a_known_tag_and_says_who_may_ask(
    document: Json,
) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert all(tags.values()) and document["servers"]
    schemes = document["components"]["securitySchemes"]
    assert schemes.keys() == {SHOP, STAFF, CARRIER, *SIGNED}
    names: set[str] = set()
    for method, path, operation in every_operation(document):
        where = (method, path)
        assert operation["operationId"] not in names, where
        names.add(operation["operationId"])
        assert 10 <= len(operation["summary"]) <= 120, where
        assert set(operation["tags"]) <= tags.keys(), where
        if path in OPEN:
            assert "security" not in operation, where
            continue
        assert operation.get("security"), where
        for one in operation["security"]:
            ((scheme, scopes),) = one.items()
            assert scheme in schemes, where
            known = {SHOP: set(SCOPES), CARRIER: {"carrier"}}.get(scheme, set())
            assert set(scopes) <= known and bool(scopes) == bool(known), where


def test_every_body_has_an_example_that_its_own_schema_allows(document: Json) -> None:
    bodies = 0
    for method, path, operation in every_operation(document):
        schema = body_schema(document, operation)
        if schema is None:
            assert "application/json" not in operation.get("requestBody", {}).get("content", {})
            continue
        shown = operation["requestBody"]["content"]["application/json"]
        examples = [shown["example"]] if "example" in shown else schema.get("examples", [])
        assert examples, (method, path)
        rooted = schema | {"components": document["components"]}
        for example in examples:
            validator = jsonschema_rs.Draft202012Validator(rooted)
            faults = [str(fault) for fault in validator.iter_errors(example)]
            assert not faults, (method, path, faults)
        bodies += 1
    assert bodies > 40


def test_every_answer_has_an_example_that_its_own_schema_allows(document: Json) -> None:
    """All but pictures, and answers without a body."""
    shown = 0
    for method, path, operation in every_operation(document):
        answers = {s: r for s, r in operation["responses"].items() if s.startswith("2")}
        assert answers, (method, path)
        for status, answer in answers.items():
            assert "content" in answer or status == "204", (method, path)
            for media, content in answer.get("content", {}).items():
                if media in DRAWN:
                    continue
                rooted = content["schema"] | {"components": document["components"]}
                validator = jsonschema_rs.Draft202012Validator(rooted)
                faults = [str(fault) for fault in validator.iter_errors(content["example"])]
                assert not faults, (method, path, faults)
                shown += 1
    assert document["components"]["schemas"]["Problem"]["examples"]
    assert shown > 150


def test_every_text_of_an_example_has_a_word_for_its_field(document: Json) -> None:
    """A field that is new wants one in api/example_word.py."""
    exampler = Exampler(document)
    for _, _, operation in every_operation(document):
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                content.pop("example", None)
        exampler.of_answers(operation)
    assert exampler.wordless == set()


def test_what_is_shown_of_answers_is_what_their_schemas_allow(document: Json) -> None:
    shown = 0
    for name, schema in document["components"]["schemas"].items():
        rooted = schema | {"components": document["components"]}
        for example in schema.get("examples", []):
            assert jsonschema_rs.Draft202012Validator(rooted).is_valid(example), name
            shown += 1
    assert shown > 40


def test_no_body_lets_a_field_in_that_it_does_not_name(document: Json) -> None:
    loose: set[str] = set()
    for _, _, operation in every_operation(document):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            loose |= open_objects(document, media["schema"], "")
    assert loose == set()


def open_objects(document: Json, schema: Json, name: str) -> set[str]:
    """The objects below a schema that take fields which they do not name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    found: set[str] = set()
    if "properties" in schema and schema.get("additionalProperties") is not False:
        found.add(name)
    below = [*schema.get("properties", {}).items()]
    below += [(name, one) for one in (*schema.get("anyOf", []), *schema.get("oneOf", []))]
    below += [(name, schema["items"])] if "items" in schema else []
    for part, one in below:
        found |= open_objects(document, one, f"{name}.{part}")
    return found


def filled(path: str, segments: dict[str, str]) -> str:
    """A path with something in each part of it."""
    return re.sub(r"\{(\w+)\}", lambda found: segments.get(found[1], "1"), path)


def chosen(document: Json, operation: Json) -> dict[str, str]:
    """A word for each part of a path that takes some words only."""
    parts = {one["name"]: one["schema"] for one in operation.get("parameters", [])}
    words = {name: resolved(document, schema).get("enum") for name, schema in parts.items()}
    return {name: str(among[0]) for name, among in words.items() if among}


async def test_a_field_that_is_in_no_schema_is_refused_by_every_operation(
    service: Service, document: Json
) -> None:
    own = await service.seller(CUP=1)
    tokens = {
        SHOP: own.key,
        STAFF: await service.sign_in(Role.ADMIN),
        CARRIER: await service.key_of(own.shop, "carrier"),
        "": "",
    }
    tried = 0
    for method, path, operation in every_operation(document):
        schema = body_schema(document, operation)
        # What a shop system sends is its own; all that we do not know of it is passed over.
        if schema is None or schema.get("additionalProperties") is True:
            continue
        scheme = next((name for one in operation.get("security", []) for name in one), "")
        body = example_of(document, operation) | {"no_such_field": 1}
        url = filled(path, SEGMENTS | chosen(document, operation))
        headers = bearer(tokens[scheme]) | {"Idempotency-Key": unique("key"), "If-Match": '"1"'}
        wanted = {"shop": own.shop.name, "warehouse": "MAIN", "sku": "CUP"}
        answer = await service.client.request(
            method, url, json=body, headers=headers, params=wanted
        )
        where = (method, path, answer.text)
        assert answer.status_code == 422, where
        assert answer.json().get("pointer") == "/no_such_field", where
        tried += 1
    assert tried > 40


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
