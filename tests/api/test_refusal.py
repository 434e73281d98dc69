"""Whatever is sent to a door is done, or refused with a code and nothing changed; never our fault.

The doors and the fields of their bodies are read from the OpenAPI document, so that a new one is
tried as soon as it is in there.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from api.problems import MEDIA_TYPE, Problem
from tests import builders
from tests.api.service import Json, Seller, Service, bearer, order_body, unique
from wms.database.pool import staff_transaction
from wms.tenants.staff import Role

# These write down that they were asked, also where they refuse.
NOTES = (
    "command",
    "refused_demand",
    "staff_session",
    "admission",
    "key_bucket",
    "sign_in_failure",
    "api_key",
)
ROW_MAX = 2**63 - 1
HOSTILE: tuple[object, ...] = (
    None, "", "no such", "\0", "x" * 3_000, -1, 0, 1.5, 10**12, 10**30, "9999-12-31",
    "0001-01-01T00:00:00+14:00", [], {},
)  # fmt: skip
PATHS: tuple[str, ...] = ("no such", "\0", "0", str(ROW_MAX), str(10**30), "é" * 200)
# Where an example's own name would not do, or would spoil what comes after.
QUERIED = {
    "/v1/refill-rules/{sku}/{place}": "/v1/refill-rules/{sku}/{place}?shop={shop}",
    "/v1/handling-units/{code}/contents": "/v1/handling-units/{unit}/contents",
}
ADDRESSES = {"/v1/kits/CUP": "/v1/kits/BIG", "/v1/items/CUP": "/v1/items/NEW"}


def doors(document: Json) -> list[tuple[str, str]]:
    """Every door that changes something."""
    changing = ("post", "put", "patch", "delete")
    return [
        (method, path)
        for path, operations in document["paths"].items()
        for method in operations
        if method in changing and path != "/handheld/sessions/current"
    ]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body, by the keys that lead to it."""

    keys: tuple[str | int, ...]

    def put(self, body: Json, value: object) -> Json:
        """The body with another value in the field; what leads there is made where it is not."""
        changed = copy.deepcopy(body)
        node: Any = changed
        for key, then in zip(self.keys[:-1], self.keys[1:], strict=True):
            empty: Any = [{}] if then == 0 else {}
            if isinstance(node, list):
                node = node[0]
            elif node.get(key) in (None, []):
                node[key] = empty
                node = node[key]
            else:
                node = node[key]
        if isinstance(node, list):
            node[0] = value
        else:
            node[self.keys[-1]] = value
        return changed


def fields_of(document: Json, schema: Json, keys: tuple[str | int, ...] = ()) -> Iterator[Field]:
    """Every field that a schema names, those of its parts too."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    for option in schema.get("anyOf", []):
        yield from fields_of(document, option, keys)
    if keys:
        yield Field(keys)
    for name, part in schema.get("properties", {}).items():
        yield from fields_of(document, part, (*keys, name))
    if "items" in schema and keys:
        yield from fields_of(document, schema["items"], (*keys, 0))


@dataclass(frozen=True, slots=True)
class Scene:
    """A shop with something of everything, a planner, and what a stranger has."""

    service: Service
    seller: Seller
    planner: str
    carrier: str
    document: Json
    own: dict[str, list[str]]

    async def send(self, method: str, path: str, body: object, key: str) -> httpx.Response:
        """The answer to whoever the door is for."""
        answer = None
        for token in (self.seller.key, self.planner, self.carrier):
            headers = bearer(token) | {"Idempotency-Key": key}
            answer = await self.service.client.request(method, path, json=body, headers=headers)
            if answer.status_code not in (401, 403):
                break
        assert answer is not None
        return answer

    def bodies(self, method: str, path: str) -> tuple[Json | None, list[Field]]:
        """A body that the door could take, and all its fields."""
        operation = self.document["paths"][path][method]
        content = operation.get("requestBody", {}).get("content", {})
        # What is no JSON has no fields to be tried one by one.
        if "application/json" not in content:
            return None, []
        schema = content["application/json"]["schema"]
        named = [one for one in (schema, *schema.get("anyOf", [])) if "$ref" in one]
        if not named:
            # A foreign system's own: its example, and no field of it that we would know.
            return content["application/json"]["example"], []
        name = named[0]["$ref"].rpartition("/")[2]
        base = BODIES.get(name) or self.document["components"]["schemas"][name]["examples"][0]
        return self._fitting(base), sorted(
            set(fields_of(self.document, schema)), key=lambda field: str(field.keys)
        )

    def paths(self, path: str) -> list[str]:
        """The door's address with what is the shop's own, and then with one part wrong."""
        found = [QUERIED.get(path, path).replace("{shop}", quote(self.seller.shop.name))]
        for name, values in self.own.items():
            part = f"{{{name}}}"
            if part in path:
                found = [
                    one.replace(part, quote(value, safe=""), 1) for one in found for value in values
                ]
        for old, new in ADDRESSES.items():
            found = [one.replace(old, new) for one in found]
        return found

    def _fitting(self, base: Any) -> Any:
        """The document's example with names that this house has."""
        if isinstance(base, list):
            return [self._fitting(one) for one in base]
        if not isinstance(base, dict):
            return base
        names = {
            "sku": "CUP", "shop": self.seller.shop.name, "supplier": "STOKE", "warehouse": "MAIN",
            "fulfilment_order_ids": [1], "place": "A-01-01-1", "from": "A-01-01-1",
            "to": "A-02-01-1",
        }  # fmt: skip
        fitted = {
            key: names[key] if key in names else self._fitting(value) for key, value in base.items()
        }
        if "external_order_id" in fitted:
            fitted["external_order_id"] = unique("order")
        return fitted


BODIES: dict[str, Json] = {
    "BulkRequest": {"orders": [order_body(("CUP", 1))]},
    "EndpointRequest": {"url": "https://shop.example/hook", "types": ["order.*"]},
    "TrackingRequest": {
        "tracking_number": "1",
        "type": "accepted",
        "at": "2010-12-01T08:26:00+00:00",
    },
    "SignIn": {"badge": "B-1", "pin": "1234", "device": "HH-1"},
}


async def set_up(service: Service) -> Scene:
    """A shop with something of everything that a path may name, and a stranger with the same."""
    document: Json = (await service.client.get("/openapi.json")).json()
    planner = await service.sign_in(Role.PLANNER)
    carrier = await service.key_of(await builders.add_shop(service.pool), "carrier")
    own: dict[str, list[str]] = {
        "sku": ["CUP"], "code": ["STOKE"], "place": ["A-01-01-1"],
    }  # fmt: skip
    sellers = [await service.seller(CUP=50, KIT=0) for _ in range(2)]
    for seller in sellers:
        for name, value in (await _papers(service, seller, planner)).items():
            own.setdefault(name, []).append(value)
    for values in own.values():
        values += PATHS
    return Scene(service, sellers[0], planner, carrier, document, own)


async def _papers(service: Service, seller: Seller, planner: str) -> dict[str, str]:
    async def post(path: str, body: object = None, *, staff: bool = False) -> Json:
        headers = bearer(planner if staff else seller.key) | {"Idempotency-Key": unique("key")}
        answer = await service.client.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        found: Json = answer.json()
        return found

    item = {"name": "A kit", "width_mm": 1, "depth_mm": 1, "height_mm": 1, "mass_g": 1}
    kit = item | {"kind": "kit", "components": [{"sku": "CUP", "quantity": 10**9}]}
    assert (await seller.put("/v1/items/BIG", kit)).status_code == 200
    pallet = {"level": "pallet", "factor": 10**9}
    cup = await seller.put("/v1/items/CUP", item | {"packagings": [pallet]})
    assert cup.status_code == 200, cup.text
    bundle = item | {"kind": "bundle", "components": [{"sku": "CUP", "quantity": 10**9}]}
    assert (await seller.put("/v1/items/SET", bundle)).status_code == 200
    supplier = {"name": "Stoke", "currency": "GBP", "lead_time_days": 3}
    assert (await seller.put("/v1/suppliers/STOKE", supplier)).status_code == 200
    sold = {"prices": [{"from_quantity": 1, "price_minor": 10**12}]}
    await seller.put("/v1/suppliers/STOKE/items/CUP", sold)
    order = await seller.order(("CUP", 1))
    await seller.pay(order)
    purchase = await post(
        "/v1/purchase-orders", {"supplier": "STOKE", "lines": [{"sku": "CUP", "quantity": 1}]}
    )
    day = "2030-12-06T09:00:00+00:00"
    lines = [{"sku": "CUP", "quantity": 48}]
    asn = {"kind": "asn", "expected_at": day, "lines": lines}
    inbound = await post("/v1/inbound-shipments", asn)
    unit = await post("/v1/handling-units", {"kind": "pallet", "place": "A-01-01-1"}, staff=True)
    count = await post("/v1/counts", {"place": "A-01-01-1", "reason": "test"}, staff=True)
    wave = await post("/v1/waves", {}, staff=True)
    slots = await post("/v1/slotting-proposals", {}, staff=True)
    movement = await builders.value(service.pool, "select max(id) from movement")
    return {
        "order_id": str(order["id"]),
        "hold_id": "1",
        "purchase_order_id": str(purchase["id"]),
        "inbound_id": str(inbound["id"]),
        "inspection_id": "1",
        "code": unit["code"],
        "unit": unit["code"],
        "pause_id": "1",
        "count_id": str(count["id"]),
        "wave_id": str(wave["id"]),
        "proposal_id": str(slots["id"]),
        "movement_id": str(movement),
    }


async def snapshot(pool: asyncpg.Pool) -> list[tuple[str, int, int]]:
    """Every table with how many rows it has, and a sum that any change of them changes."""
    async with staff_transaction(pool) as connection:
        names = await connection.fetch(
            "select c.oid::regclass::text as name from pg_class c "
            "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
            "and not relispartition and has_table_privilege(c.oid, 'select') "
            "and not (relname = any($1)) order by 1",
            NOTES,
        )
        rows = await connection.fetch(
            " union all ".join(
                f"select '{row['name']}' as name, count(*) as rows, "
                f"coalesce(sum(xmin::text::bigint), 0)::bigint as changes from {row['name']}"
                for row in names
            )
        )
    return sorted((row["name"], row["rows"], row["changes"]) for row in rows)


def is_clear(answer: httpx.Response, what: object) -> bool:
    """Whether a door said no; then it says so in a way that a program can read."""
    assert answer.status_code < 500, (what, answer.text)
    if answer.status_code < 300:
        return False
    assert answer.headers["content-type"] == MEDIA_TYPE, what
    found = Problem.model_validate(answer.json())
    assert found.code and found.detail, what
    return True


async def test_what_a_door_refuses_changes_nothing(service: Service) -> None:
    scene = await set_up(service)
    before = await snapshot(service.pool)
    # What ends a paper comes last, so that every body meets papers that are open.
    for method, path in sorted(
        doors(scene.document), key=lambda door: scene.bodies(*door)[0] is None
    ):
        body, fields = scene.bodies(method, path)
        address, *others = scene.paths(path)
        sent: list[tuple[str, Json | None]] = [
            (address, field.put(body, value))
            for field in fields
            for value in HOSTILE
            if body is not None
        ]
        sent += [(address, body), *((other, body) for other in others)]
        for to, given in sent:
            answer = await scene.send(method, to, given, unique("key"))
            if not is_clear(answer, (method, to, given)):
                before = await snapshot(service.pool)
        assert await snapshot(service.pool) == before, (method, path)


@pytest.mark.parametrize("quantity", [10**12, "999999999999.999999", 10**30])
@pytest.mark.parametrize("price", [10**12, 10**30])
async def test_amounts_that_no_number_holds_are_refused(
    service: Service, quantity: object, price: int
) -> None:
    scene = await set_up(service)
    money = {"amount_minor": price, "currency": "GBP"}
    lines = [{"sku": sku, "quantity": quantity, "unit_price": money} for sku in ("SET", "CUP")]
    before = await snapshot(service.pool)
    answer = await scene.seller.post("/v1/orders", order_body() | {"lines": lines * 5})
    assert is_clear(answer, lines)
    for path, more in (
        ("/v1/inbound-shipments", {"kind": "asn", "expected_at": "2030-01-01T00:00:00Z"}),
        ("/v1/purchase-orders", {"supplier": "STOKE"}),
    ):
        few = [{"sku": "CUP", "quantity": quantity, "unit": "pallet"}]
        assert is_clear(await scene.seller.post(path, {**more, "lines": few}), path)
    assert await snapshot(service.pool) == before
