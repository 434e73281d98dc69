"""Labels over HTTP: asked for, drawn in the house, voided, printed anew and verified."""

import httpx
import pytest

from api.labels.messages import LabelList, LabelsAnswer, LabelView
from tests.api.service import Json, Service, bearer, is_problem, unique
from tests.builders import BINS, NOW, rows
from tests.wms.journey.label.printer import add_printer, begin, doubt
from wms.journey.order.waybill import prepare_waybills
from wms.tenants.staff import Role

PATH = "/v1/labels"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def printer(service: Service) -> str:
    name = unique("PRN")
    await add_printer(service.pool, name, site=name, dpi=300)
    return name


async def _post(service: Service, planner: dict[str, str], path: str, body: Json) -> httpx.Response:
    headers = planner | {"Idempotency-Key": unique("key")}
    return await service.client.post(PATH + path, json=body, headers=headers)


async def _asked(service: Service, planner: dict[str, str], printer: str, **body: object) -> int:
    wish = {"format": "bin", "codes": [BINS[0]], "printer": printer} | body
    answer = await _post(service, planner, "", wish)
    assert answer.status_code == 201, answer.text
    return LabelsAnswer.model_validate(answer.json()).labels[0].id


async def _seller_with_parcel(service: Service) -> tuple[str, str]:
    """The SSCC of a paid order's parcel, and its shop's key."""
    seller = await service.seller(CUP=2)
    order = await seller.pay(await seller.order(("CUP", 2)))
    await _make_waybills(service, order["id"])
    [row] = await rows(
        service.pool,
        "select w.sscc from waybill w join parcel p on p.id = w.parcel_id "
        "join fulfilment_order f on f.id = p.fulfilment_order_id where f.order_id = $1",
        order["id"],
    )
    return row["sscc"], seller.key


async def _make_waybills(service: Service, order_id: int) -> None:
    [row] = await rows(
        service.pool, "select id from fulfilment_order where order_id = $1", order_id
    )
    await prepare_waybills(service.pool, row["id"], NOW)


async def test_labels_of_every_format_are_drawn_three_ways(
    service: Service, planner: dict[str, str], printer: str
) -> None:
    seller = await service.seller(MUG=1)
    sscc, _ = await _seller_with_parcel(service)
    pallet = await service.client.post(
        "/v1/handling-units",
        json={"kind": "pallet", "place": BINS[0]},
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    wishes: list[Json] = [
        {"format": "bin", "codes": [BINS[0]]},
        {"format": "tote", "codes": ["T-00042"]},
        {"format": "item", "codes": ["MUG"], "shop": seller.shop.name, "lot": "L7"},
        {"format": "pallet", "codes": [pallet.json()["code"]]},
        {"format": "parcel", "codes": [sscc]},
    ]
    for wish in wishes:
        label_id = await _asked(service, planner, printer, **wish)
        for suffix, kind, start in (
            (".png", "image/png", b"\x89PNG"),
            (".pdf", "application/pdf", b"%PDF"),
            (".zpl", "application/zpl", b"^XA"),
        ):
            drawn = await service.client.get(f"{PATH}/{label_id}{suffix}", headers=planner)
            assert drawn.status_code == 200, drawn.text
            assert drawn.headers["content-type"].startswith(kind)
            assert drawn.content.startswith(start)
            asked = {"Accept": f"text/html, {kind};q=0.9"}
            same = await service.client.get(f"{PATH}/{label_id}", headers=planner | asked)
            assert same.content == drawn.content


async def test_a_label_is_drawn_for_its_printer_s_dots(
    service: Service, planner: dict[str, str], printer: str
) -> None:
    label_id = await _asked(service, planner, printer)
    own = await service.client.get(f"{PATH}/{label_id}.png", headers=planner)
    fine = await service.client.get(f"{PATH}/{label_id}.png?dpi=600", headers=planner)
    width = [int.from_bytes(answer.content[16:20]) for answer in (own, fine)]
    assert width[1] == pytest.approx(2 * width[0], abs=4)
    odd = await service.client.get(f"{PATH}/{label_id}.png?dpi=150", headers=planner)
    is_problem(odd, 422, "cannot_be_drawn")
    await rows(
        service.pool,
        "update device set config = config || $2 where name = $1 returning 1",
        printer,
        {"dpi": [600]},
    )
    plain = await service.client.get(f"{PATH}/{label_id}.png", headers=planner)
    assert int.from_bytes(plain.content[16:20]) < width[0]
    nul = await service.client.get(f"{PATH}?printer=%00", headers=planner)
    is_problem(nul, 422, "invalid_parameter")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("image/png;q=0.1, application/pdf;q=0.5", "application/pdf"),
        ("image/png;q=0, text/zpl", "application/zpl"),
        ("image/*", "image/png"),
        ("image/png;q=much", "application/json"),
    ],
)
async def test_accept_decides_how_a_label_is_shown(
    service: Service, planner: dict[str, str], printer: str, accept: str, kind: str
) -> None:
    label_id = await _asked(service, planner, printer)
    headers = planner | {"Accept": accept}
    answer = await service.client.get(f"{PATH}/{label_id}", headers=headers)
    assert answer.headers["content-type"].startswith(kind)


async def test_a_parcel_s_label_is_asked_for_once_and_then_reprinted(
    service: Service, planner: dict[str, str], printer: str
) -> None:
    sscc, _ = await _seller_with_parcel(service)
    label_id = await _asked(service, planner, printer, format="parcel", codes=[sscc])
    twice = {"format": "parcel", "codes": [sscc], "printer": printer}
    is_problem(await _post(service, planner, "", twice), 409, "label_stands")
    await doubt(service.pool, label_id)
    reprinted = await _post(service, planner, f"/{label_id}/reprint", {"reason": "not there"})
    assert reprinted.status_code == 201
    new = LabelView.model_validate(reprinted.json())
    assert (new.reprint_of, new.state) == (label_id, "queued") and new.code != sscc
    old = await service.client.get(f"{PATH}/{label_id}", headers=planner)
    assert LabelView.model_validate(old.json()).void_reason == "not there"
    is_problem(await _post(service, planner, "", twice), 409, "void_waybill")


async def test_a_voided_label_leaves_its_parcel_a_new_waybill(
    service: Service, planner: dict[str, str], printer: str
) -> None:
    sscc, _ = await _seller_with_parcel(service)
    label_id = await _asked(service, planner, printer, format="parcel", codes=[sscc])
    await doubt(service.pool, label_id)
    voided = await _post(service, planner, f"/{label_id}/void", {"reason": "wrong address"})
    assert LabelView.model_validate(voided.json()).state == "void"
    states = await rows(
        service.pool,
        "select state from waybill where parcel_id = (select parcel_id from waybill "
        "where sscc = $1) order by id",
        sscc,
    )
    assert [row["state"] for row in states] == ["void", "made"]


async def test_a_label_in_doubt_is_verified_or_printed_anew(
    service: Service, planner: dict[str, str], printer: str
) -> None:
    label_id = await _asked(service, planner, printer)
    await doubt(service.pool, label_id)
    unsure = await service.client.get(f"{PATH}?state=unsure&printer={printer}", headers=planner)
    assert [one.id for one in LabelList.model_validate(unsure.json()).items] == [label_id]
    path = f"/{label_id}/verification"
    is_problem(await _post(service, planner, path, {"code": BINS[1]}), 422, "wrong_label")
    seen = await _post(service, planner, path, {"code": BINS[0]})
    assert LabelView.model_validate(seen.json()).state == "printed"
    is_problem(await _post(service, planner, path, {"code": BINS[0]}), 409, "wrong_state")
    other = await _asked(service, planner, printer)
    await begin(service.pool, other)
    missing = await _post(service, planner, f"/{other}/verification", {"code": None})
    assert LabelView.model_validate(missing.json()).reprint_of == other


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"printer": "PRN-NONE"}, 422, "unknown_printer"),
        ({"codes": []}, 422, "invalid_body"),
        ({"codes": ["Z-99-99-9"]}, 422, "unknown_place"),
        ({"format": "tote", "codes": ["not a tote"]}, 422, "cannot_be_drawn"),
        ({"format": "poster"}, 422, "invalid_body"),
        ({"copies": 101}, 422, "invalid_body"),
    ],
)
async def test_a_label_of_nothing_is_refused(
    service: Service, planner: dict[str, str], printer: str, body: Json, status: int, code: str
) -> None:
    wish = {"format": "bin", "codes": [BINS[0]], "printer": printer} | body
    is_problem(await _post(service, planner, "", wish), status, code)


@pytest.mark.parametrize("name", ["9999999", "9999999.png", "9223372036854775808", "0"])
async def test_a_label_that_is_not_there_is_not_found(
    service: Service, planner: dict[str, str], name: str
) -> None:
    answer = await service.client.get(f"{PATH}/{name}", headers=planner)
    is_problem(answer, 404, "unknown_label")


async def test_labels_are_for_planners(service: Service, printer: str) -> None:
    operator = bearer(await service.sign_in(Role.OPERATOR))
    is_problem(await service.client.get(PATH, headers=operator), 403, "wrong_role")
    is_problem(await service.client.get(f"{PATH}/1"), 401, "no_key")


async def test_a_shop_s_parcels_may_hide_who_packs_them(
    service: Service, planner: dict[str, str], printer: str
) -> None:
    sscc, key = await _seller_with_parcel(service)
    label_id = await _asked(service, planner, printer, format="parcel", codes=[sscc])

    async def drawn() -> str:
        answer = await service.client.get(f"{PATH}/{label_id}.zpl", headers=planner)
        return answer.text

    assert "^FDMain^FS" in await drawn()
    for sender in ("Gifts", ""):
        body = {"channel": "", "neutral_sender": sender}
        said = await service.client.put("/v1/shops/current", json=body, headers=bearer(key))
        assert said.json()["neutral_sender"] == sender
        text = await drawn()
        assert "^FDMain^FS" not in text and ("^FDGifts^FS" in text) == bool(sender)
    kept = await service.client.put(
        "/v1/shops/current", json={"channel": "web"}, headers=bearer(key)
    )
    assert (kept.json()["neutral_sender"], kept.json()["channel"]) == ("", "web")
