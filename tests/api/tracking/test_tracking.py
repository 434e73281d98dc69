"""What carriers report over HTTP: taken over, and brought."""

from api.orders.view_messages import OrderView
from tests.api.service import Service, bearer, is_problem
from tests.builders import NOW
from wms.database.pool import staff_transaction
from wms.journey.order.waybill import prepare_waybills
from wms.tenants import commands as tenants

BROUGHT = "2010-12-03T11:20:00+00:00"


async def test_a_parcel_that_was_brought_is_told_once(service: Service) -> None:
    seller = await service.seller(CUP=5)
    order = await seller.pay(await seller.order(("CUP", 1)))
    await prepare_waybills(service.pool, order["fulfilment_orders"][0]["id"], NOW)
    view = (await seller.get(f"/v1/orders/{order['id']}")).json()
    [parcel] = view["parcels"]
    assert parcel["delivered_at"] is None
    carrier = await service.seller()
    key = bearer(await service.key_of(carrier.shop, "carrier"))
    scan = {"tracking_number": parcel["tracking_number"], "type": "delivered", "at": BROUGHT}
    stranger = await service.client.post("/v1/tracking-events", json=scan, headers=key)
    is_problem(stranger, 404, "unknown_parcel")
    async with staff_transaction(service.pool) as connection:
        own = await tenants.create_key(connection, "SIMEX", ["carrier"], sandbox=False)
    for at in (BROUGHT, "2010-12-09T00:00:00+00:00"):
        answer = await service.client.post(
            "/v1/tracking-events", json=scan | {"at": at}, headers=bearer(own)
        )
        assert answer.status_code == 200, answer.text
    found = OrderView.model_validate((await seller.get(f"/v1/orders/{order['id']}")).json())
    delivered_at = found.parcels[0].delivered_at
    assert delivered_at is not None and delivered_at.isoformat() == BROUGHT
    assert found.timeline is not None
    assert [one.type for one in found.timeline].count("order.delivered") == 1
