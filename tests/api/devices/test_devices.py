"""The devices of a site over HTTP: entered, let onto the broker, asked, and their faults told."""

from base64 import b64decode
from datetime import UTC, datetime

import asyncpg
import pytest

from api.devices.messages import CommandRequest, DeviceRequest
from tests.api.service import Json, Service, bearer, is_problem, unique
from wms.database.pool import staff_transaction
from wms.equipment import commands as equipment
from wms.equipment.credential import password_hash
from wms.equipment.device import DeadTelegram
from wms.error import Conflict
from wms.journey.device.dead_letter import keep_telegram
from wms.tenants.staff import Role

[LIGHT, PRINTER] = DeviceRequest.model_json_schema()["examples"]
[COMMAND] = CommandRequest.model_json_schema()["examples"]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def entered(service: Service, planner: dict[str, str], body: Json = LIGHT) -> str:
    name = unique("DEV")
    answer = await service.client.put(f"/v1/devices/{name}", json=body, headers=planner)
    assert answer.status_code == 200, answer.text
    return name


async def test_a_device_is_entered_changed_read_and_listed(
    service: Service, planner: dict[str, str]
) -> None:
    name = await entered(service, planner)
    shown = (await service.client.get(f"/v1/devices/{name}", headers=planner)).json()
    assert (shown["class"], shown["area"], shown["site"]) == ("light", "pick", "main")
    assert (shown["online"], shown["commands_open"], shown["credential_at"]) == (None, 0, None)
    changed = await service.client.put(f"/v1/devices/{name}", json=PRINTER, headers=planner)
    assert (changed.json()["class"], changed.json()["address"]) == ("printer", "10.0.4.17:9100")
    listed = (await service.client.get("/v1/devices", headers=planner)).json()["items"]
    assert [one for one in listed if one["name"] == name] == [changed.json()]
    elsewhere = await service.client.get("/v1/devices?site=elsewhere", headers=planner)
    assert elsewhere.json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "bad",
    [
        {"class": "Light"},
        {"class": "light/red"},
        {"class": ""},
        {"area": "a b"},
        {"area": "+"},
        {"config": {"x": "\x00"}},
        {"config": {"x": "y" * 9_000}},
        {"colour": "red"},
    ],
)
async def test_a_device_that_could_have_no_topic_is_refused(
    service: Service, planner: dict[str, str], bad: Json
) -> None:
    answer = await service.client.put("/v1/devices/DEV-X", json=LIGHT | bad, headers=planner)
    is_problem(answer, 422, answer.json()["code"])
    assert answer.json()["code"] in ("invalid_body", "bad_device")
    name = await service.client.put("/v1/devices/DEV X", json=LIGHT, headers=planner)
    is_problem(name, 422, "bad_device")


async def test_a_password_is_shown_once_and_only_its_salted_hash_is_kept(
    service: Service, planner: dict[str, str]
) -> None:
    name = await entered(service, planner)
    made = await service.client.post(f"/v1/devices/{name}/credentials", headers=planner)
    again = await service.client.post(f"/v1/devices/{name}/credentials", headers=planner)
    assert made.status_code == again.status_code == 201
    first, second = made.json(), again.json()
    assert first["username"] == second["username"] == f"main/{name}"
    assert first["password"] != second["password"]
    async with staff_transaction(service.pool) as connection:
        kept = await connection.fetchval(
            "select c.password_hash from device_credential c join device d on d.id = c.device_id "
            "where d.name = $1",
            name,
        )
        everything = await connection.fetchval("select string_agg(c::text, '') from device c")
    salt = b64decode(kept.split("$")[3])
    assert kept == password_hash(second["password"], salt)
    assert second["password"] not in everything + kept
    shown = (await service.client.get(f"/v1/devices/{name}", headers=planner)).json()
    assert shown["credential_at"] is not None and second["password"] not in str(shown)


async def test_a_device_out_of_service_has_no_password_and_takes_no_command(
    service: Service, planner: dict[str, str]
) -> None:
    name = await entered(service, planner)
    await service.client.post(f"/v1/devices/{name}/credentials", headers=planner)
    out = await service.client.put(
        f"/v1/devices/{name}", json=LIGHT | {"in_service": False}, headers=planner
    )
    assert out.json()["credential_at"] is None
    asked = await service.client.post(f"/v1/devices/{name}/commands", json=COMMAND, headers=planner)
    is_problem(asked, 409, "device_not_in_service")
    made = await service.client.post(f"/v1/devices/{name}/credentials", headers=planner)
    is_problem(made, 409, "device_not_in_service")


async def test_a_command_is_asked_once_for_each_key(
    service: Service, planner: dict[str, str]
) -> None:
    name = await entered(service, planner)
    path, keyed = f"/v1/devices/{name}/commands", planner | {"Idempotency-Key": unique("key")}
    first = await service.client.post(path, json=COMMAND, headers=keyed)
    again = await service.client.post(path, json=COMMAND, headers=keyed)
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["state"], first.json()["args"]) == ("queued", {"colour": "green"})
    other = await service.client.post(path, json=COMMAND | {"op": "dark"}, headers=keyed)
    is_problem(other, 422, "idempotency_key_reused")
    for bad in ({"op": "No Such"}, {"expires_s": 0}, {"expires_s": 1e9}):
        answer = await service.client.post(path, json=COMMAND | bad, headers=planner)
        assert answer.status_code == 422
    shown = (await service.client.get(f"/v1/devices/{name}", headers=planner)).json()
    assert [one["id"] for one in shown["last_commands"]] == [first.json()["id"]]
    unknown = await service.client.post("/v1/devices/NOBODY/commands", json=COMMAND, headers=keyed)
    is_problem(unknown, 422, "idempotency_key_reused")
    missing = await service.client.post(
        "/v1/devices/NOBODY/commands", json=COMMAND, headers=planner
    )
    is_problem(missing, 404, "unknown_device")


async def refused(connection: asyncpg.Connection) -> None:
    raise Conflict("no_such_lane", "Lane 9 leads nowhere.")


async def dead_letter(service: Service, name: str) -> int:
    """A scan whose effect the house refused."""
    device = f"main/pick/light/{name}"
    said: dict[str, object] = {"raw": "T-00042", "trigger": None}
    async with staff_transaction(service.pool) as connection:
        telegram = DeadTelegram(device, 7, 1, "scan", said)
        assert await keep_telegram(connection, telegram, refused, NOW) is not None
        number: int = await connection.fetchval(
            "select id from device_inbox where device = $1", device
        )
    return number


async def test_a_dead_letter_is_shown_with_its_reason_and_replayed_once(
    service: Service, planner: dict[str, str]
) -> None:
    name = await entered(service, planner)
    number = await dead_letter(service, name)
    shown = (await service.client.get(f"/v1/devices/{name}", headers=planner)).json()
    assert shown["dead_letters"] == 1
    assert shown["waiting_dead_letters"][0]["dead_reason"] == "no_such_lane: Lane 9 leads nowhere."
    listed = (await service.client.get("/v1/device-faults", headers=planner)).json()
    assert number in [one["id"] for one in listed["dead_letters"]]
    path = f"/v1/device-faults/{number}/replay"
    first = await service.client.post(path, headers=planner)
    again = await service.client.post(path, headers=planner)
    assert first.status_code == 200 and first.json() == again.json()
    assert first.json()["replayed_at"] is not None
    assert first.json()["replayed_by"].startswith("staff:")
    listed = (await service.client.get("/v1/device-faults", headers=planner)).json()
    assert number not in [one["id"] for one in listed["dead_letters"]]
    done = await service.client.get("/v1/device-faults?replayed=true", headers=planner)
    assert number in [one["id"] for one in done.json()["dead_letters"]]
    is_problem(
        await service.client.post("/v1/device-faults/999999/replay", headers=planner),
        404,
        "unknown_dead_letter",
    )


async def test_bad_messages_are_shown_with_what_was_in_the_last_one(
    service: Service, planner: dict[str, str]
) -> None:
    name = await entered(service, planner)
    device = f"main/pick/light/{name}"
    async with staff_transaction(service.pool) as connection:
        for payload in (b"first", b"\xffgarbage"):
            await equipment.count_bad(
                connection, "main", device, "event", "topic", "no JSON", payload, 8, 3, NOW
            )
    listed = (await service.client.get("/v1/device-faults", headers=planner)).json()
    (bad,) = [one for one in listed["bad_messages"] if one["device"] == device]
    assert (bad["count"], bad["payload"], bad["kind"]) == (6, "\\xffgarbage", "event")
    metrics = (await service.client.get("/metrics")).text
    assert 'stowline_device_bad_messages{kind="event",site="main"}' in metrics
    assert 'stowline_devices{device_class="light",site="main",state="unknown"}' in metrics


async def test_devices_are_for_planners(service: Service) -> None:
    picker = bearer(await service.sign_in(Role.OPERATOR))
    for method, path in (
        ("GET", "/v1/devices"),
        ("GET", "/v1/devices/X"),
        ("PUT", "/v1/devices/X"),
        ("POST", "/v1/devices/X/credentials"),
        ("POST", "/v1/devices/X/commands"),
        ("GET", "/v1/device-faults"),
        ("POST", "/v1/device-faults/1/replay"),
    ):
        answer = await service.client.request(method, path, headers=picker, json=LIGHT)
        is_problem(answer, 403, "wrong_role")
        is_problem(await service.client.request(method, path, json=LIGHT), 401, "no_key")
