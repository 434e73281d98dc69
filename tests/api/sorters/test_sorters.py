"""Sorters over HTTP: how they stand, why what goes where, and what staff ask of lanes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.sorters.messages import ItemList, LaneOrderView, SorterList, SorterView
from tests.api.service import Service, bearer, is_problem, unique
from wms.database.pool import staff_transaction
from wms.equipment.commands import note_state, take_lease
from wms.journey.wave import ride
from wms.journey.wave.ride import Decision, Reading
from wms.sorting import commands as sorting
from wms.sorting.item import Event
from wms.tenants.staff import Role


@dataclass(frozen=True, slots=True)
class Sorter:
    """A sorter that a gateway serves."""

    id: int
    name: str

    @property
    def path(self) -> str:
        return f"/v1/sorters/{self.name}"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def sorter(service: Service) -> Sorter:
    name, now = unique("PLC"), datetime.now(UTC)
    plan = {"lanes": [{"lane": 1, "capacity": 12}, {"lane": 2}], "reject_lane": 9}
    async with staff_transaction(service.pool) as c:
        device_id: int = await c.fetchval(
            "insert into device (site, area, class, name, address, config) "
            "values ('main', 'sort', 'sorter', $1, '10.0.0.9:502', $2) returning id",
            name,
            plan,
        )
        await take_lease(c, device_id, "gateway-1", timedelta(hours=1))
        detail: dict[str, object] = {
            "mode": "emergency_stop",
            "circuit": "closed",
            "fault": "",
            "lanes_full": [2],
        }
        await note_state(c, device_id, online=True, boot=7, link="run", detail=detail, now=now)
        await sorting.raise_alarms(c, device_id, [("mode", "", "Emergency stop")], now)
        await ride.record_induction(c, device_id, 11, now)
        reading = Reading(11, Event.READ, f"T-{name}")
        told: dict[str, object] = {"why": "Lane 1 is the one to PACK-01; load 0", "lane": 1}
        await ride.record_decisions(c, device_id, [Decision(reading, 1, told, taken=True)], now)
    return Sorter(device_id, name)


async def asked(
    service: Service, planner: dict[str, str], path: str, key: str = ""
) -> httpx.Response:
    headers = planner | {"Idempotency-Key": key or unique("key")}
    return await service.client.post(path, json={"why": "rack full"}, headers=headers)


async def test_a_sorter_tells_its_link_mode_lanes_alarms_and_why_units_ride_where(
    service: Service, planner: dict[str, str], sorter: Sorter
) -> None:
    answer = await service.client.get(sorter.path, headers=planner)
    seen = SorterView.model_validate(answer.json())
    row = seen.sorter
    assert (row.link, row.mode, row.boot, row.alarms) == ("run", "emergency_stop", 7, 1)
    lanes = {lane.lane: lane for lane in seen.lanes}
    assert (lanes[1].riding, lanes[1].capacity, lanes[1].state) == (1, 12, "open")
    assert (lanes[2].state, lanes[9].purpose) == ("full", "reject")
    [item] = seen.riding
    assert (item.unit, item.state, item.lane) == (f"T-{sorter.name}", "acknowledged", 1)
    assert item.decision is not None
    assert item.decision["why"] == "Lane 1 is the one to PACK-01; load 0"
    assert [alarm.said for alarm in seen.alarms] == ["Emergency stop"]


async def test_sorters_and_a_unit_s_stays_are_listed(
    service: Service, planner: dict[str, str], sorter: Sorter
) -> None:
    listed = await service.client.get("/v1/sorters", headers=planner)
    names = [one.name for one in SorterList.model_validate(listed.json()).items]
    assert sorter.name in names
    for query in (f"?unit=T-{sorter.name}", "?limit=1"):
        answer = await service.client.get(f"{sorter.path}/items{query}", headers=planner)
        [item] = ItemList.model_validate(answer.json()).items
        assert item.unit == f"T-{sorter.name}"


async def test_a_lane_is_closed_once_for_the_same_key_and_opened_again(
    service: Service, planner: dict[str, str], sorter: Sorter
) -> None:
    key = unique("key")
    first = await asked(service, planner, f"{sorter.path}/lanes/1/close", key)
    assert first.status_code == 202, first.text
    order = LaneOrderView.model_validate(first.json())
    assert (order.op, order.lane, order.state, order.why) == ("close", 1, "queued", "rack full")
    again = await asked(service, planner, f"{sorter.path}/lanes/1/close", key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["id"] == order.id
    assert await _state(service, planner, sorter) == ("closed", "rack full")
    await asked(service, planner, f"{sorter.path}/lanes/1/open")
    assert await _state(service, planner, sorter) == ("open", None)
    purge = await asked(service, planner, f"{sorter.path}/lanes/1/purge")
    assert purge.json()["state"] == "queued"


async def _state(
    service: Service, planner: dict[str, str], sorter: Sorter
) -> tuple[str, str | None]:
    answer = await service.client.get(sorter.path, headers=planner)
    seen = SorterView.model_validate(answer.json())
    [lane] = [lane for lane in seen.lanes if lane.lane == 1]
    return lane.state, lane.closed_why


async def test_what_is_not_there_and_who_may_not(
    service: Service, planner: dict[str, str], sorter: Sorter
) -> None:
    nowhere = await service.client.get("/v1/sorters/NOWHERE", headers=planner)
    is_problem(nowhere, 404, "unknown_sorter")
    lane = await asked(service, planner, f"{sorter.path}/lanes/65/close")
    assert lane.status_code == 422
    operator = bearer(await service.sign_in(Role.OPERATOR))
    refused = await asked(service, operator, f"{sorter.path}/lanes/1/close")
    is_problem(refused, 403, "wrong_role")
    assert (await service.client.get("/v1/sorters")).status_code == 401
