"""Who asks: shops by bearer key, staff by a session's token."""

from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import TypeAdapter, ValidationError

from api.area import wanted_scope
from api.field import RowId
from api.problems import BorderError
from api.request_id import say_limit
from api.wiring import House
from wms.database.pool import shop_transaction, staff_transaction
from wms.digital import queries as digital
from wms.error import NotFound, Refused
from wms.orders import queries as orders
from wms.tenants import queries as tenants
from wms.tenants.scope import CARRIER_SCOPE, WRITE, Area, opens
from wms.tenants.shop import Shop
from wms.tenants.staff import Role, Staff

# What a shop promises live orders of: stock held back, and codes in the vault.
LIVE_ONLY = frozenset(f"{area}:{WRITE}" for area in (Area.INVENTORY, Area.DIGITAL))
_ROW: TypeAdapter[int] = TypeAdapter(RowId)


async def house_of(request: Request) -> House:
    """The house that this worker opened at its start."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house


HouseOf = Annotated[House, Depends(house_of)]
Bearer = Annotated[str | None, Header(alias="Authorization", include_in_schema=False)]


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header.

    Raises:
        BorderError: 401 `no_key`.
    """
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise BorderError(401, "no_key", "Send `Authorization: Bearer …`.")
    return token.strip()


async def shop_of(request: Request, house: HouseOf, authorization: Bearer = None) -> Shop:
    """The shop behind the request's key; a revoked one is noticed within two seconds.

    Raises:
        BorderError: 401 `no_key`, `unknown_key`; 429 `too_many_requests`.
    """
    now = house.now()
    shop = await house.keys.shop_of(house.pool, bearer(authorization), now)
    if shop is None:
        raise BorderError(401, "unknown_key", "This key is not known, or was revoked.")
    limit = shop.limit or house.key_limit
    left = await house.limiter.take(house.pool, shop.key_id, limit, now)
    say_limit(request.scope, left)
    if left.wait_s:
        raise BorderError(
            429,
            "too_many_requests",
            f"This key may send {limit.per_s:g} requests a second, {limit.burst} at once.",
            retry_after_s=left.wait_s,
        )
    return shop


async def shop_only(
    request: Request, house: HouseOf, shop: Annotated[Shop, Depends(shop_of)]
) -> Shop:
    """A shop's own key, with the scope that this path wants; one of the sandbox stays in there."""
    check_scope(request, shop)
    if shop.sandbox:
        await _stay_in_sandbox(request, house, shop)
    return shop


async def _stay_in_sandbox(request: Request, house: House, shop: Shop) -> None:
    """Keeps a sandbox key from the shop's live orders, and from what live orders are promised of.

    Raises:
        NotFound: `unknown_order`, `unknown_fulfilment_order`, `unknown_delivery`.
        Refused: `sandbox_key`.
    """
    wanted = wanted_scope(request.scope["route"], request.method)
    sample = wanted.startswith(f"{Area.DIGITAL}:") and "delivery_id" in request.path_params
    if wanted in LIVE_ONLY and not sample:
        raise Refused("sandbox_key", "A sandbox key changes nothing that live orders live on.")
    if sample:
        await _is_sample(house, shop, _row_of(request, "delivery_id"))
    for name, what in (("order_id", "order"), ("fulfilment_order_id", "fulfilment order")):
        number = _row_of(request, name)
        if number is None:
            continue
        async with shop_transaction(house.pool, shop.tenant_id) as connection:
            live = await orders.is_live(connection, what, number)
        if live:
            code = f"unknown_{what.replace(' ', '_')}"
            raise NotFound(code, f"The sandbox of this shop has no {what} {number}.")


async def _is_sample(house: House, shop: Shop, number: int | None) -> None:
    if number is None:
        return
    async with shop_transaction(house.pool, shop.tenant_id) as connection:
        live = await digital.is_live(connection, number)
    if live:
        # In the words of a delivery that is nobody's.
        raise NotFound("unknown_delivery", f"This shop has no digital delivery {number}.")


def _row_of(request: Request, name: str) -> int | None:
    """A number in the path, however it is written there, as the route will read it."""
    try:
        return _ROW.validate_python(request.path_params.get(name))
    except ValidationError:
        return None


def check_scope(request: Request, shop: Shop) -> None:
    """Lets a key on that has the scope of the path.

    Raises:
        BorderError: 403 `wrong_scope`, which names it.
    """
    wanted = wanted_scope(request.scope["route"], request.method)
    if not opens(shop.scopes, wanted):
        raise BorderError(403, "wrong_scope", f"This path wants a key with the scope `{wanted}`.")


async def carrier_only(shop: Annotated[Shop, Depends(shop_of)]) -> Shop:
    """A key with the scope `carrier`."""
    if not opens(shop.scopes, CARRIER_SCOPE):
        raise BorderError(403, "wrong_scope", "This path wants a key with the scope `carrier`.")
    return shop


async def planner_of(house: HouseOf, authorization: Bearer = None) -> Staff:
    """A signed-in member of the staff with the role planner or above."""
    token = bearer(authorization)
    async with staff_transaction(house.pool) as connection:
        staff = await tenants.staff_of_token(connection, token, house.now())
    if staff is None:
        raise BorderError(
            401, "no_session", "This is for staff: sign in, and send the session's token."
        )
    if not staff.may(Role.PLANNER):
        raise BorderError(403, "wrong_role", "This is for planners.")
    return staff


async def supervisor_of(staff: Annotated[Staff, Depends(planner_of)]) -> Staff:
    """A signed-in member of the staff with the role supervisor or above."""
    if not staff.may(Role.SUPERVISOR):
        raise BorderError(403, "wrong_role", "This is for supervisors.")
    return staff


ShopOf = Annotated[Shop, Depends(shop_only)]
CarrierOf = Annotated[Shop, Depends(carrier_only)]
PlannerOf = Annotated[Staff, Depends(planner_of)]
SupervisorOf = Annotated[Staff, Depends(supervisor_of)]


async def idempotency_key(
    value: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str:
    """The key that makes a POST repeatable.

    Raises:
        BorderError: 400 `idempotency_key_missing`.
    """
    if value is None or not value.strip():
        raise BorderError(400, "idempotency_key_missing", "Every POST carries an Idempotency-Key.")
    if len(value) > 200:
        raise BorderError(
            400, "idempotency_key_too_long", "An Idempotency-Key has ≤ 200 characters."
        )
    return value


async def optional_key(
    value: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str | None:
    """The key where one was sent; without one the request is done each time it comes."""
    return None if value is None else await idempotency_key(value)


IdempotencyKey = Annotated[str, Depends(idempotency_key)]
OptionalKey = Annotated[str | None, Depends(optional_key)]
