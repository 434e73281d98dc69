"""The handheld's own HTTP: signing in and out, wrong scans, and the page."""

import re

import pytest

from api.handheld.messages import ScreenView, SessionView
from api.handheld.routes import STATIC
from tests.api.service import PIN, Service, bearer, is_problem, unique
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.tenants.staff import Role


@pytest.fixture
async def badge(service: Service) -> str:
    """The badge of an operator."""
    badge = unique("B")
    async with staff_transaction(service.pool) as connection:
        await entry.enter_staff(connection, "Pat", Role.OPERATOR, badge, PIN)
    return badge


async def test_a_badge_and_its_pin_open_a_session(service: Service, badge: str) -> None:
    body = {"badge": badge, "pin": PIN, "device": "HH-01"}
    answer = await service.client.post("/handheld/sessions", json=body)
    assert answer.status_code == 201
    session = SessionView.model_validate(answer.json())
    assert (session.staff.name, session.staff.role) == ("Pat", "operator")
    assert session.screen.scenario == "menu"
    screen = await service.client.get("/handheld/screen", headers=bearer(session.token))
    assert ScreenView.model_validate(screen.json()) == session.screen


async def test_a_wrong_pin_and_a_wrong_badge_are_refused_alike(
    service: Service, badge: str
) -> None:
    details = set()
    for wrong in ({"pin": "0000"}, {"badge": "nobody"}):
        body = {"badge": badge, "pin": PIN, "device": "HH-01"} | wrong
        answer = await service.client.post("/handheld/sessions", json=body)
        details.add(is_problem(answer, 401, "sign_in_refused").detail)
    assert len(details) == 1


async def test_without_a_session_there_is_no_screen(service: Service) -> None:
    scan = {"id": "12345678", "input": "A-01-01-1"}
    client = service.client
    is_problem(await client.get("/handheld/screen"), 401, "no_key")
    is_problem(await client.post("/handheld/scans", json=scan), 401, "no_key")
    stranger = bearer("stranger")
    is_problem(await client.get("/handheld/screen", headers=stranger), 401, "no_session")
    answer = await client.post("/handheld/scans", json=scan, headers=stranger)
    is_problem(answer, 401, "no_session")


async def test_signing_out_ends_the_session(service: Service) -> None:
    headers = bearer(await service.sign_in(Role.OPERATOR))
    for _ in range(2):
        gone = await service.client.delete("/handheld/sessions/current", headers=headers)
        assert (gone.status_code, gone.content) == (204, b"")
    is_problem(await service.client.get("/handheld/screen", headers=headers), 401, "no_session")


async def test_a_wrong_scan_is_a_verdict_and_no_error(service: Service) -> None:
    headers = bearer(await service.sign_in(Role.OPERATOR))

    async def send(number: int, **given: object) -> ScreenView:
        body = {"id": f"scan-{number:08d}"} | given
        answer = await service.client.post("/handheld/scans", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return ScreenView.model_validate(answer.json())

    asked = await send(1, action="pack")
    assert asked.step == "station"
    wrong = await send(2, input="NO-SUCH-PLACE")
    assert wrong.verdict is not None
    assert not wrong.verdict.ok
    assert wrong.verdict.text
    assert await send(2, input="NO-SUCH-PLACE") == wrong
    right = await send(3, input="PACK-01")
    assert right.verdict is None or right.verdict.ok


async def test_a_scan_s_id_belongs_to_one_input(service: Service) -> None:
    headers = bearer(await service.sign_in(Role.OPERATOR))
    answers = [
        await service.client.post(
            "/handheld/scans", json={"id": "scan-one", "action": action}, headers=headers
        )
        for action in ("pack", "load")
    ]
    assert answers[0].status_code == 200
    is_problem(answers[1], 422, "idempotency_key_reused")


@pytest.mark.parametrize("name", ["", "index.html", "app.js", "handheld.css"])
async def test_the_page_lets_nothing_in_from_outside(service: Service, name: str) -> None:
    answer = await service.client.get(f"/handheld/{name}")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_file_of_the_page_names_an_address_elsewhere() -> None:
    files = [path for path in STATIC.rglob("*") if path.suffix in (".html", ".js", ".css")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
        assert not re.search(r"""(https?:)?//[a-z0-9-]+\.[a-z]""", text), path
        assert "unsafe" not in text


async def test_the_page_s_bare_address_leads_to_it(service: Service) -> None:
    for path in ("/", "/handheld"):
        answer = await service.client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (307, "/handheld/")
    console = await service.client.get("/console")
    assert console.headers["location"].endswith("/console")
