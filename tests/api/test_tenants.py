"""Another tenant's things do not exist: by every path, query and body that the document names."""

from typing import Any

import httpx
import pytest

from api.openapi import SHOP
from tests.api.belonging import (
    NAME,
    Belongings,
    belongings,
    body_schema,
    example_of,
    fitted,
    in_place,
    numbered,
    operations,
    resolved,
)
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.builders import settle

# These make the asker's own under that name; what another has there stays as it was.
OWN_NAMES = {
    ("put", "/v1/items/{sku}"),
    ("put", "/v1/suppliers/{code}"),
    ("put", "/v1/promotions/{code}"),
    ("put", "/v1/sales/{code}"),
    ("put", "/v1/insert-rules/{code}"),
}
# Of these the house has one for all, or the tenant has none in this scene.
SILENT = {"/v1/delivery-options", "/v1/inventory/unsellable"}
# A field of this name is a shop's own word, or stands for a thing of the house.
NO_REFERENCES = {"external_order_id"}
MISSING_NUMBER = 2**62


@pytest.fixture
async def document(service: Service) -> Json:
    found: Json = (await service.client.get("/openapi.json")).json()
    return found


@pytest.fixture
async def victim(service: Service) -> Belongings:
    return await belongings(service)


@pytest.fixture
async def thief(service: Service, victim: Belongings) -> Seller:
    return await service.seller(OWN=10)


async def ask(
    client: httpx.AsyncClient, key: str, method: str, path: str, operation: Json, body: Any
) -> httpx.Response:
    """The answer to a request that is right in all but whose things it names."""
    headers = bearer(key) | {"Idempotency-Key": unique("key"), "If-Match": '"1"'}
    query = {
        one["name"]: "GB" if one["name"] == "country" else "LU1 2AB"
        for one in operation.get("parameters", [])
        if one["in"] == "query" and one.get("required")
    }
    return await client.request(
        method.upper(), path, json=numbered(body), headers=headers, params=query
    )


def of_the_house(node: Any, own: dict[str, object]) -> Any:
    """An example of the document that this house could take from the asker."""
    return fitted(node, own)


async def test_every_path_names_something_that_is_made_here(
    document: Json, victim: Belongings
) -> None:
    """A new path wants its object in tests/api/belonging.py, so that it is tried below."""
    missing = {name for _, path, _ in operations(document, SHOP) for name in victim.unknown(path)}
    assert missing == set()
    for _, path, _ in operations(document, SHOP):
        assert path.count("{") == len(NAME.findall(path)), (path, "names what nobody can put in")


async def test_another_tenant_s_thing_is_a_404_by_every_path(
    service: Service, document: Json, victim: Belongings, thief: Seller
) -> None:
    before = await everything(service, document, victim)
    own: dict[str, object] = {"sku": "OWN"}
    tried = 0
    # A name that the asker has made its own is found from then on, so that comes last.
    asked = sorted(operations(document, SHOP), key=lambda one: one[:2] in OWN_NAMES)
    for method, path, operation in asked:
        if not NAME.search(path) or victim.unknown(path):
            continue
        body = of_the_house(example_of(document, operation), own)
        answer = await ask(service.client, thief.key, method, victim.address(path), operation, body)
        where = (method, path, answer.text)
        if (method, path) in OWN_NAMES:
            assert answer.status_code in (200, 201, 422), where
            continue
        assert answer.status_code == 404, where
        missing = in_place(path, {name: _nobody_s(victim, name) for name in victim.named})
        nothing = await ask(service.client, thief.key, method, missing, operation, body)
        assert nothing.status_code == 404, where
        assert answer.json()["code"] == nothing.json()["code"], where
        tried += 1
    # Of all that names anything nothing was left out.
    naming = [one for one in asked if "{" in one[1] and one[:2] not in OWN_NAMES]
    assert tried == len(naming) > 30
    assert await everything(service, document, victim) == before


def _nobody_s(victim: Belongings, name: str) -> str:
    known = victim.named[name]
    if known.isdigit():
        return str(MISSING_NUMBER)
    return "0" * 12 if name == "keys/{prefix}" else "NOBODY-S"


async def everything(service: Service, document: Json, victim: Belongings) -> dict[str, Any]:
    """What the tenant itself is answered by everything that only reads."""
    found = {}
    for method, path, operation in operations(document, SHOP):
        if method != "get" or victim.unknown(path):
            continue
        if any(
            one.get("required") for one in operation.get("parameters", []) if one["in"] == "query"
        ):
            continue
        answer = await ask(
            service.client, victim.seller.key, method, victim.address(path), operation, None
        )
        if "{" in path:
            assert answer.status_code == 200, (path, answer.text)
        found[path] = (answer.status_code, {**answer.json(), "request_id": ""})
    return found


async def test_no_list_shows_what_another_tenant_has(
    service: Service, document: Json, victim: Belongings, thief: Seller
) -> None:
    shown = 0
    await settle(service.pool)
    for method, path, operation in operations(document, SHOP):
        if method != "get" or "{" in path:
            continue
        own = await ask(service.client, victim.seller.key, method, path, operation, None)
        other = await ask(service.client, thief.key, method, path, operation, None)
        assert own.status_code == other.status_code, path
        if own.status_code != 200 or path in SILENT:
            assert path in SILENT or own.status_code in (400, 422), (path, own.text)
            continue
        assert any(mark in own.text for mark in victim.marks), (path, own.text)
        assert not any(mark in other.text for mark in victim.marks), (path, other.text)
        shown += 1
    assert shown > 8


def references(document: Json, schema: Json, seen: tuple[int, ...] = ()) -> set[str]:
    """The fields of a schema that name a thing by its number."""
    schema = resolved(document, schema)
    if id(schema) in seen:
        return set()
    seen = (*seen, id(schema))
    found = {
        name
        for name in schema.get("properties", {})
        if name.endswith(("_id", "_ids")) and name not in NO_REFERENCES
    }
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    parts += [schema["items"]] if "items" in schema else []
    for part in parts:
        found |= references(document, part, seen)
    return found


async def test_a_body_or_a_query_that_names_another_tenant_s_thing_is_told_that_there_is_none(
    service: Service, document: Json, victim: Belongings, thief: Seller
) -> None:
    tried: set[tuple[str, str, str]] = set()
    order = await thief.order(("OWN", 1))
    own: dict[str, object] = {"sku": "OWN", "order_id": order["id"]}
    mine = {"orders/{order_id}": str(order["id"])}
    for method, path, operation in operations(document, SHOP):
        schema = body_schema(document, operation)
        for field in references(document, schema) if schema else ():
            assert field in victim.fields, (path, field, "is made in tests/api/belonging.py")
            address = in_place(path, mine)
            base = of_the_house(example_of(document, operation), own)
            answers = [
                await ask(
                    service.client, thief.key, method, address, operation, put(base, field, value)
                )
                for value in (victim.fields[field], nobody_s(victim.fields[field]))
            ]
            told = [refusal(answer) for answer in answers]
            assert told[0] == told[1] and told[0][0] in (404, 422), (path, field, told)
            assert told[0][1] != "invalid_body", (path, field, answers[0].text)
            tried.add((method, path, field))
        for one in operation.get("parameters", []):
            if one["in"] == "query" and one["name"].endswith(("_id", "_ids")):
                headers = bearer(thief.key)
                answers = [
                    await service.client.get(
                        path, params={one["name"]: str(value)}, headers=headers
                    )
                    for value in (victim.fields[one["name"]], MISSING_NUMBER)
                ]
                said = {(one.status_code, one.json().get("code")) for one in answers}
                assert len(said) == 1, (path, said)
                assert answers[0].status_code == 404 or answers[0].json()["items"] == [], path
                tried.add((method, path, one["name"]))
    assert len(tried) >= 4


def refusal(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    """Status, code and pointer; of a bulk's first answer, where there are many."""
    status, told = answer.status_code, answer.json()
    if "answers" in told:
        status, told = told["answers"][0]["status"], told["answers"][0].get("problem", {})
    return status, told.get("code"), told.get("pointer")


def put(base: Any, field: str, value: object) -> Any:
    """A body whose field of that name, wherever the example could have it, has this value."""
    if "orders" in base:
        return base | {"orders": [put(one, field, value) for one in base["orders"]]}
    body = {
        name: part
        for name, part in base.items()
        if name in NO_REFERENCES or not name.endswith("_id")
    }
    if field == "order_id" and body.get("kind") == "asn":
        body = {"kind": "return"}
    if field == "order_id" and "email" in body:
        body.pop("email")
    if field == "quote_id":
        body["delivery_option"] = "standard"
    return body | {field: value}


def nobody_s(value: object) -> object:
    return MISSING_NUMBER if isinstance(value, int) else f"{value}0"


async def test_not_even_a_repeat_of_another_tenant_s_request_gets_its_answer(
    service: Service, victim: Belongings, thief: Seller
) -> None:
    first = await victim.seller.post("/v1/keys", {}, "shared")
    again = await thief.post("/v1/keys", {}, "shared")
    assert "idempotent-replayed" not in again.headers
    assert first.text != again.text
    is_problem(first, 409, "too_many_keys")
