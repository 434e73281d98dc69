"""The OpenAPI document: what FastAPI tells, and who may ask, in what parts, with what answers."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp

from api.area import TAGS, wanted_scope
from api.auth import carrier_only, idempotency_key, planner_of, shop_only
from api.example import Exampler
from api.orders.asker import asker_of
from api.problems import MEDIA_TYPE
from api.request_id import Identified
from wms.tenants.scope import CARRIER_SCOPE

Json = dict[str, Any]

SHOP, STAFF, CARRIER = "shopKey", "staffSession", "carrierKey"
# What a shop system signs by its own rules, with the secret of its connector.
SIGNED = {
    "shopifySignature": "X-Shopify-Hmac-Sha256",
    "woocommerceSignature": "X-WC-Webhook-Signature",
}
SCHEMES: Json = {
    SHOP: {
        "type": "http",
        "scheme": "bearer",
        "description": "A shop's key, `sk_…`. It opens what its scopes name; one without scopes "
        "opens all that the shop has.",
    },
    STAFF: {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a session: POST /handheld/sessions with badge and PIN.",
    },
    CARRIER: {
        "type": "http",
        "scheme": "bearer",
        "description": "A carrier's key, or a mail server's: it opens the carriers' paths only.",
    },
} | {
    scheme: {
        "type": "apiKey",
        "in": "header",
        "name": header,
        "description": "HMAC-SHA256 of the body with the connector's secret, in base64.",
    }
    for scheme, header in SIGNED.items()
}
LIMITED = {"RateLimit", "RateLimit-Policy"}
HEADERS: Json = {
    "X-Request-Id": {
        "description": "The id that the request came with, or the one that it was given.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How many requests (q) this key may send within a window (w, seconds).",
        "schema": {"type": "string"},
        "example": '"key";q=1000;w=5',
    },
    "RateLimit": {
        "description": "How many of them are left (r), and when all are there again (t, seconds).",
        "schema": {"type": "string"},
        "example": '"key";r=998;t=1',
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 1},
    },
}


class DescribedApi(FastAPI):
    """An application whose document says who may ask, and shows refusals as they are sent."""

    def build_middleware_stack(self) -> ASGIApp:
        """The usual stack inside the request's id, so that every answer has one, even a 500."""
        return Identified(super().build_middleware_stack())

    def openapi(self) -> Json:
        """The document; made once."""
        if self.openapi_schema is None:
            self.openapi_tags = [{"name": name, "description": t.about} for name, t in TAGS.items()]
            self.openapi_schema = self._described(super().openapi())
        return self.openapi_schema

    def _described(self, document: Json) -> Json:
        components = document.setdefault("components", {})
        components["securitySchemes"] = SCHEMES
        components["headers"] = HEADERS
        shown = Exampler(document)
        for context in iter_route_contexts(self.routes):
            operations = document["paths"].get(getattr(context, "path_format", None), {})
            for method in getattr(context, "methods", None) or ():
                if operation := operations.get(method.lower()):
                    security = _security(context, method)
                    if security:
                        operation["security"] = security
                    operation["summary"] = _first_sentence(operation["description"])
                    if idempotency_key in set(_calls(context.dependant)):
                        _want_key(operation)
                    _describe_answers(operation, keyed=_is_keyed(security))
                    shown.of_answers(operation)
        return document


def operation_id(route: Any) -> str:
    """The tag and the name of the function behind a path: `orders_post_order`."""
    tag = str(route.tags[0]) if route.tags else "page"
    return f"{tag.replace(' ', '_')}_{route.name}"


def _first_sentence(text: str) -> str:
    return text.partition("\n")[0].strip().rstrip(".")


def _want_key(operation: Json) -> None:
    """A header that the code reads as optional, to refuse its absence in words of its own."""
    for parameter in operation["parameters"]:
        if parameter["name"] == "Idempotency-Key":
            parameter["required"] = True
            parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": 200}
            parameter["description"] = "Yours for this request; a repeat gets its first answer."
            parameter["example"] = "2f1c7f6e-order-1001"


def _security(route: Any, method: str) -> list[Json]:
    """Who may ask: one of these."""
    asked = set(_calls(route.dependant))
    found: list[Json] = []
    if shop_only in asked or asker_of in asked:
        found.append({SHOP: [wanted_scope(route, method)]})
    if carrier_only in asked:
        found.append({CARRIER: [CARRIER_SCOPE]})
    if planner_of in asked or asker_of in asked or _holds_session(route):
        found.append({STAFF: []})
    return found


def _calls(dependant: Dependant) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)


def _holds_session(route: Any) -> bool:
    """Handhelds' paths read the token themselves, in the transaction of the scan."""
    return any(field.alias == "Authorization" for field in route.dependant.header_params)


def _is_keyed(security: list[Json]) -> bool:
    return any(SHOP in one or CARRIER in one for one in security)


def _describe_answers(operation: Json, *, keyed: bool) -> None:
    for status, response in operation["responses"].items():
        names = {"X-Request-Id"} | (LIMITED if keyed else set())
        if status == "429":
            names |= {"Retry-After"}
        headers = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
        response["headers"] = headers | response.get("headers", {})
        content = response.get("content", {})
        shown = content.get("application/json", {})
        if shown.get("schema") == {"$ref": "#/components/schemas/Problem"}:
            content[MEDIA_TYPE] = content.pop("application/json")
