"""However a handheld's reader hands a code over, the screen that follows is the same."""

import asyncpg
import pytest

from api.handheld.messages import ScreenView
from tests.api.service import PIN, Service, bearer, is_problem, open_service, unique
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.tenants.staff import Role

NAME = "com.symbol.datawedge."


async def scanned(service: Service, **given: object) -> ScreenView:
    """The screen after a packer handed over a packing place's code in this way."""
    headers = bearer(await service.sign_in(Role.OPERATOR))
    for body in ({"action": "pack"}, given):
        sent = {"id": unique("an-input"), **body}
        answer = await service.client.post("/handheld/scans", json=sent, headers=headers)
        assert answer.status_code == 200, answer.text
    return ScreenView.model_validate(answer.json())


@pytest.mark.parametrize(
    "given",
    [
        {"input": "PACK-01"},
        {"input": "pack-01\r\n"},
        {"input": "\x02]C0PACK-01\x03"},
        {"intent": {f"{NAME}data_string": "]C0PACK-01\r"}},
        {"intent": {f"{NAME}data_string": "PACK-01", f"{NAME}label_type": "LABEL-TYPE-CODE128"}},
        {"intent": {f"{NAME}decode_data": [list(b"PACK-01")]}},
        {"intent": {f"{NAME}barcodes": [{f"{NAME}data_string": "PACK-01"}] * 2}},
    ],
    ids=["typed", "wedge", "framed", "intent", "labelled", "bytes", "twice"],
)
async def test_a_code_comes_by_keys_or_by_intent(
    service: Service, given: dict[str, object]
) -> None:
    plain = await scanned(service, input="PACK-01")
    assert await scanned(service, **given) == plain


async def test_a_missing_fnc1_is_told_on_the_screen(service: Service) -> None:
    screen = await scanned(service, input="]C1010950110153000310ABC17261231")
    assert screen.verdict is not None and not screen.verdict.ok
    assert "FNC1 is missing, it looks like (10) ABC and (17) 261231" in screen.verdict.text


async def test_what_stands_for_fnc1_is_understood(service: Service) -> None:
    screen = await scanned(service, input="]C1010950110153000310ABC<GS>17261231")
    assert screen.verdict is not None and "FNC1" not in screen.verdict.text


@pytest.mark.parametrize(
    ("intent", "code"),
    [
        ({}, "bad_intent"),
        ({f"{NAME}data_string": 7}, "bad_intent"),
        (
            {f"{NAME}barcodes": [{"data_string": "T-00042"}, {"data_string": "T-00043"}]},
            "several_codes",
        ),
    ],
)
async def test_an_intent_that_names_no_one_code_is_refused(
    service: Service, intent: dict[str, object], code: str
) -> None:
    headers = bearer(await service.sign_in(Role.OPERATOR))
    body = {"id": unique("an-input"), "intent": intent}
    is_problem(await service.client.post("/handheld/scans", json=body, headers=headers), 422, code)


async def test_a_site_s_own_prefix_goes_from_codes_and_badges(
    service: Service, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await scanned(service, input="PACK-01")
    badge = unique("B")
    async with staff_transaction(pool) as connection:
        await entry.enter_staff(connection, "Pat", Role.OPERATOR, badge, PIN)
    monkeypatch.setenv("STOWLINE_WEDGE_PREFIX", "~S")
    monkeypatch.setenv("STOWLINE_WEDGE_SUFFIX", "#")
    async with open_service(pool) as set_up:
        assert await scanned(set_up, input="]C0~SPACK-01#\r") == plain
        assert await scanned(set_up, input="PACK-01") == plain
        body = {"badge": f"]C0~S{badge}#\r", "pin": PIN, "device": "HH-01"}
        signed_in = await set_up.client.post("/handheld/sessions", json=body)
        assert signed_in.status_code == 201
