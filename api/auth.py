"""Who asks: shops by bearer key, staff by a session's token."""

from typing import Annotated

from fastapi import Depends, Header, Request

from api.problems import BorderError
from api.wiring import House
from wms.database.pool import staff_transaction
from wms.tenants import queries as tenants
from wms.tenants.shop import Shop
from wms.tenants.staff import Role, Staff

CARRIER_SCOPE = "carrier"


def house_of(request: Request) -> House:
    """The house that this worker opened at its start."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house


HouseOf = Annotated[House, Depends(house_of)]
Bearer = Annotated[str | None, Header(alias="Authorization")]


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header.

    Raises:
        BorderError: 401 `no_key`.
    """
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise BorderError(401, "no_key", "Send `Authorization: Bearer …`.")
    return token.strip()


async def shop_of(house: HouseOf, authorization: Bearer = None) -> Shop:
    """The shop behind the request's key; a revoked one is noticed within two seconds."""
    shop = await house.keys.shop_of(house.pool, bearer(authorization), house.now())
    if shop is None:
        raise BorderError(401, "unknown_key", "This key is not known, or was revoked.")
    return shop


async def shop_only(shop: Annotated[Shop, Depends(shop_of)]) -> Shop:
    """A shop's own key: a carrier's key opens the carrier's paths only."""
    if CARRIER_SCOPE in shop.scopes:
        raise BorderError(403, "wrong_scope", "A carrier's key does not open this path.")
    return shop


async def carrier_only(shop: Annotated[Shop, Depends(shop_of)]) -> Shop:
    """A key with the scope `carrier`."""
    if CARRIER_SCOPE not in shop.scopes:
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


ShopOf = Annotated[Shop, Depends(shop_only)]
CarrierOf = Annotated[Shop, Depends(carrier_only)]
PlannerOf = Annotated[Staff, Depends(planner_of)]


def idempotency_key(value: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str:
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


def optional_key(
    value: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str | None:
    """The key where one was sent; without one the request is done each time it comes."""
    return None if value is None else idempotency_key(value)


IdempotencyKey = Annotated[str, Depends(idempotency_key)]
OptionalKey = Annotated[str | None, Depends(optional_key)]
