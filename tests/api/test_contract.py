"""The OpenAPI document holds: whatever is sent, the answer is one that it tells of, and no fault.

Schemathesis draws requests that the document allows and such as it does not, with a fixed seed; the
application answers them over a real database with something of everything in it.
"""

import copy
import json
from dataclasses import dataclass, replace
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create
from api.openapi import CARRIER, SHOP, SIGNED, STAFF
from tests.api.belonging import NAME, belongings, example_of, fitted, numbered, staff_things
from tests.api.service import Json, Service, bearer, unique
from wms.tenants.staff import Role

# Schemathesis's own classes have parameters for every kind of schema that there is.
Operation = Any
Drawn = Any
URL = "http://stowline.test"
RIGHT, WRONG, STRANGE = 4, 3, 1
# Of about equal work, so that workers share it.
PARTS = 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks with which token, and what there is to ask for."""

    service: Service
    tokens: dict[str, str]
    named: dict[str, str]
    fields: dict[str, object]
    document: Json


@schemathesis.serializer("message/rfc822")
def mail(context: Any, value: Any) -> bytes:
    """A mail as it is sent: what is drawn, byte for byte."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


# One for the file's database, which its tests share; what is sent to it only ever adds.
_made: dict[str, Scene] = {}


@pytest.fixture
async def scene(service: Service, database: str) -> Scene:
    if database not in _made:
        own = await belongings(service)
        staff = await service.sign_in(Role.ADMIN)
        carrier = await service.key_of((await service.seller()).shop, "carrier")
        named = own.named | await staff_things(service, staff)
        document = (await service.client.get("/openapi.json")).json()
        tokens = {SHOP: own.seller.key, STAFF: staff, CARRIER: carrier}
        _made[database] = Scene(service, tokens, named, own.fields, document)
    return replace(_made[database], service=service)


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_answer_is_one_that_the_document_tells_of(scene: Scene, part: int) -> None:
    document = scene.document
    schema = schemathesis.openapi.from_dict(without_security(document))
    faults: set[str] = set()
    for method, path, operation in every_operation(document)[part::PARTS]:
        drawn_of_it = cases(schema[path][method.upper()], document, operation, scene)
        assert drawn_of_it and asked_with(operation), (method, path)
        for case in drawn_of_it:
            for scheme in asked_with(operation):
                token = scene.tokens.get(scheme, "")
                if scheme and path.startswith("/handheld/"):
                    token = await scene.service.sign_in(Role.OPERATOR)
                if fault := await fault_of(scene, case, token):
                    faults.add(fault)
    assert not faults, "\n\n".join(sorted(faults))


def test_the_parts_together_are_every_operation_of_every_router() -> None:
    """And each has somebody whose request gets past the door."""
    app = create()
    asked = {
        one[:2] for part in range(PARTS) for one in every_operation(app.openapi())[part::PARTS]
    }
    built = {
        (method.lower(), context.path_format)
        for context in iter_route_contexts(app.routes)
        if getattr(context, "include_in_schema", False)
        for method in context.methods or ()
    }
    assert asked == built and len(asked) > 150
    for _, _, operation in every_operation(app.openapi()):
        assert set(asked_with(operation)) & {SHOP, STAFF, CARRIER, ""} or is_signed(operation)


class Lying(httpx.AsyncBaseTransport):
    """A service whose answers the document does not tell of."""

    def __init__(self, status: int, body: object, media: str = "application/json") -> None:
        self._answer = (status, json.dumps(body).encode(), media)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        status, body, media = self._answer
        return httpx.Response(
            status, content=body, headers={"Content-Type": media, "X-Request-Id": "r"}
        )


@pytest.mark.parametrize(
    "lie",
    [
        Lying(500, {"detail": "oh"}),
        Lying(418, {}),
        Lying(200, {"items": "many"}),
        Lying(200, "<p>", "text/html"),
    ],
    ids=["a fault", "an unknown status", "another shape", "another kind"],
)
async def test_an_answer_that_the_document_does_not_tell_of_is_found(
    scene: Scene, lie: Lying
) -> None:
    document = scene.document
    schema = schemathesis.openapi.from_dict(without_security(document))
    [case, *_] = drawn(schema["/v1/keys"]["GET"], GenerationMode.POSITIVE, {}, 1)
    async with httpx.AsyncClient(transport=lie) as client:
        lying = replace(scene, service=replace(scene.service, client=client))
        assert await fault_of(lying, case, scene.tokens[SHOP])
    assert await fault_of(scene, case, scene.tokens[SHOP]) is None


def without_security(document: Json) -> Json:
    """The document with nothing in it that would make Schemathesis draw tokens."""
    found = copy.deepcopy(document)
    found["components"].pop("securitySchemes")
    for operations in found["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return found


def every_operation(document: Json) -> list[tuple[str, str, Json]]:
    """Method, path and operation of all that there is, each after one that is like it."""
    return [
        (method, path, operation)
        for path, operations in sorted(document["paths"].items())
        for method, operation in operations.items()
    ]


def asked_with(operation: Json) -> list[str]:
    """The kinds of keys that open an operation; an empty one where none is needed."""
    return [scheme for one in operation.get("security", []) for scheme in one] or [""]


def is_signed(operation: Json) -> bool:
    """Whether only a shop system's signature opens it, which no request here carries."""
    return set(asked_with(operation)) <= SIGNED.keys()


def cases(asked: Operation, document: Json, operation: Json, scene: Scene) -> list[Drawn]:
    """The document's own example, and what is drawn: for what exists, and for what does not."""
    names = path_of(asked.path, scene.named)
    right = drawn(asked, GenerationMode.POSITIVE, names, RIGHT)
    wrong = drawn(asked, GenerationMode.NEGATIVE, names, WRONG)
    if names:
        right += drawn(asked, GenerationMode.POSITIVE, {}, STRANGE)
        wrong += drawn(asked, GenerationMode.NEGATIVE, {}, STRANGE)
    example = example_of(document, operation)
    if example is not None and right:
        body = numbered(fitted(example, scene.fields))
        shown = asked.Case(
            path_parameters=right[0].path_parameters,
            query=right[0].query,
            headers=right[0].headers,
            body=body,
            media_type="application/json",
        )
        return [shown, *right, *wrong]
    return [*right, *wrong]


def path_of(path: str, named: dict[str, str]) -> dict[str, str]:
    """What exists, by the names of a path's parameters."""
    return {found[2]: named[found[0]] for found in NAME.finditer(path) if found[0] in named}


def drawn(asked: Operation, mode: GenerationMode, names: dict[str, str], count: int) -> list[Drawn]:
    """So many requests; none where this operation leaves nothing to get wrong."""
    found: list[Drawn] = []

    @hypothesis.settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=asked.as_strategy(generation_mode=mode, path_parameters=names))
    def collect(case: Drawn) -> None:
        found.append(case)

    try:
        collect()
    except (hypothesis.errors.Unsatisfiable, hypothesis.errors.InvalidArgument):
        assert mode is GenerationMode.NEGATIVE, asked.label
    return found


def has_wrong_body(case: Drawn) -> bool:
    """Whether the document does not allow the body; of a doubled query the last word counts."""
    body = None if case.meta is None else case.meta.components.get(ParameterLocation.BODY)
    return body is not None and body.mode is GenerationMode.NEGATIVE


async def fault_of(scene: Scene, case: Drawn, token: str) -> str | None:
    """What is wrong with the answer to a request, if anything is."""
    sent = dict(case.headers or {})
    if token:
        sent |= bearer(token)
    if "Idempotency-Key" in sent:
        sent["Idempotency-Key"] = unique("contract")
    request = requests.Request(**case.as_transport_kwargs(base_url=URL, headers=sent)).prepare()
    assert request.method is not None and request.url is not None
    sent_headers = {name: str(value) for name, value in request.headers.items()}
    sent_body: Any = request.body
    answer = await scene.service.client.request(
        request.method, request.url, headers=sent_headers, content=sent_body
    )
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers.multi_items():
        headers.setdefault(name, []).append(value)
    response = Response(answer.status_code, headers, answer.content, request, 0.0, verify=True)
    checks: list[Any] = list(CHECKS)
    if has_wrong_body(case):
        checks.append(negative_data_rejection)
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as failure:
        return str(failure)
    return None
