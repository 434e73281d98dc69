"""The handheld of several warehouses: the first screen asks where somebody works."""

from api.handheld.messages import ScreenView, SessionView
from tests.api.service import PIN, Service, bearer, unique
from tests.wms.journey.order.two import enter_south
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.tenants.staff import Role


async def test_where_somebody_works_is_asked_before_all_else(service: Service) -> None:
    south, badge = await enter_south(service.pool), unique("B")
    async with staff_transaction(service.pool) as connection:
        await entry.enter_staff(connection, "Pat", Role.OPERATOR, badge, PIN)
    body = {"badge": badge, "pin": PIN, "device": "HH-01"}
    answer = await service.client.post("/handheld/sessions", json=body)
    session = SessionView.model_validate(answer.json())
    assert (session.screen.scenario, session.screen.step) == ("menu", "warehouse")

    async def send(given: dict[str, str]) -> ScreenView:
        answer = await service.client.post(
            "/handheld/scans", json={"id": unique("scan of a test")} | given, headers=headers
        )
        assert answer.status_code == 200, answer.text
        return ScreenView.model_validate(answer.json())

    headers = bearer(session.token)
    assert (await send({"action": "receive"})).step == "warehouse"
    assert (await send({"action": f"warehouse_{south}"})).lines == ["Warehouse SOUTH, South"]
    shown = await service.client.get("/handheld/screen", headers=headers)
    assert ScreenView.model_validate(shown.json()).step == "menu"
    assert (await send({"action": "receive"})).step == "shipment"
