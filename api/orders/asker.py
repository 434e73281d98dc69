"""Who may change a fulfilment order: its shop by a key, or a planner by a session."""

from typing import Annotated

from fastapi import Depends
from fastapi import Request as HttpRequest

from api.auth import Bearer, HouseOf, bearer, planner_of, shop_of, shop_only
from wms.journey.request import Request, StaffRequest
from wms.tenants.shop import KEY_MARK, Shop
from wms.tenants.staff import Staff


async def asker_of(
    request: HttpRequest, house: HouseOf, authorization: Bearer = None
) -> Shop | Staff:
    """The shop behind a key, else the planner behind a session's token."""
    if bearer(authorization).startswith(f"{KEY_MARK}_"):
        return await shop_only(request, house, await shop_of(request, house, authorization))
    return await planner_of(house, authorization)


AskerOf = Annotated[Shop | Staff, Depends(asker_of)]


def asked(asker: Shop | Staff, key: str, kind: str, body_hash: bytes) -> Request | StaffRequest:
    """What was asked, as it can be repeated."""
    if isinstance(asker, Shop):
        return Request(asker, key, kind, body_hash)
    return StaffRequest(asker, key, kind, body_hash)
