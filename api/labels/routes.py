"""Labels: printed by order of staff, previewed, judged, and printed anew."""

import asyncio
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse, Response

from api.auth import HouseOf, IdempotencyKey, PlannerOf
from api.cursor import PAGE, PAGE_MAX, cursor, row_after
from api.field import ROW_MAX, RowId, Words
from api.labels.drawing import DPI, dots_of, label_of
from api.labels.messages import (
    LabelList,
    LabelRequest,
    LabelsAnswer,
    LabelView,
    ReprintRequest,
    StateName,
    VerificationRequest,
    VoidRequest,
)
from api.orders.routes import REFUSALS, reply
from devices.gs1 import parse_scan
from devices.label import render_image, render_pdf, render_zpl
from wms.database.pool import staff_transaction
from wms.error import NotFound, Refused
from wms.journey.label.asking import ask_for_labels, label_view, read_label
from wms.journey.label.verdict import reprint_label, verify_label, void_label
from wms.journey.request import StaffRequest
from wms.labelling import queries as labels
from wms.outbox.command import body_hash

router = APIRouter(prefix="/v1/labels", tags=["labels"])
JSON, PNG, PDF, ZPL = "application/json", "image/png", "application/pdf", "application/zpl"
SUFFIXES = {"": "", ".png": PNG, ".pdf": PDF, ".zpl": ZPL, ".json": JSON}
OTHER_NAMES = {"x-application/zpl": ZPL, "text/zpl": ZPL, "image/*": PNG, "*/*": JSON}
DRAWN: dict[int | str, dict[str, object]] = {
    200: {
        "content": {PNG: {}, PDF: {}, ZPL: {}},
        "description": "The label as data, as a picture, as a document or as its printer gets it.",
    }
}


@router.post("", status_code=201, response_model=LabelsAnswer, responses=REFUSALS)
async def post_labels(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, body: LabelRequest
) -> JSONResponse:
    """Asks for labels, all or none; each copy is printed once."""
    request = StaffRequest(planner, key, "labels", body_hash(body.model_dump(mode="json")))
    return reply(await ask_for_labels(house.pool, request, body.wish(), _drawn, house.now()))


@router.get("", response_model=LabelList, responses=REFUSALS)
async def get_labels(
    house: HouseOf,
    planner: PlannerOf,
    state: StateName | None = None,
    printer: Words | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> LabelList:
    """Labels, the oldest first: all, those of one printer, or those in one state."""
    async with staff_transaction(house.pool) as connection:
        rows = await labels.labels_after(connection, state, printer, row_after(after), limit)
    items = [LabelView.model_validate(label_view(row)) for row in rows]
    return LabelList(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/{name}", response_model=LabelView, responses=REFUSALS | DRAWN)
async def get_label(
    house: HouseOf,
    planner: PlannerOf,
    name: Annotated[str, Path(pattern=r"^[0-9]{1,19}(\.(png|pdf|zpl|json))?$")],
    accept: Annotated[str, Header()] = JSON,
    dpi: Annotated[int | None, Query()] = None,
) -> Response:
    """A label as data, or as `Accept` or a suffix (`.png`, `.pdf`, `.zpl`) wants it drawn."""
    number, dot, suffix = name.partition(".")
    if not 1 <= int(number) <= ROW_MAX:
        raise NotFound("unknown_label", f"There is no label {number}.")
    row = await read_label(house.pool, int(number))
    wanted = SUFFIXES[dot + suffix] or _accepted(accept)
    if wanted == JSON:
        return JSONResponse(label_view(row))
    if row["order_id"] is not None:
        house.reads.order(planner.actor, "label", row["order_id"])
    async with staff_transaction(house.pool) as connection:
        printer = await labels.printer_named(connection, row["printer"])
    resolution = dpi or dots_of({} if printer is None else printer["config"])
    try:
        drawn = await asyncio.to_thread(_draw, row, wanted, resolution)
    except ValueError as error:
        raise Refused("cannot_be_drawn", f"{error}.") from error
    return Response(drawn, media_type=wanted)


@router.post("/{label_id}/void", response_model=LabelView, responses=REFUSALS)
async def post_void(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, label_id: RowId, body: VoidRequest
) -> JSONResponse:
    """Voids a label; what may have been printed of it is refused wherever it is scanned."""
    digest = body_hash([label_id, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "label/void", digest)
    return reply(await void_label(house.pool, request, label_id, body.reason, house.now()))


@router.post("/{label_id}/reprint", status_code=201, response_model=LabelView, responses=REFUSALS)
async def post_reprint(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, label_id: RowId, body: ReprintRequest
) -> JSONResponse:
    """Voids a label and prints it anew; a parcel gets another SSCC with it."""
    digest = body_hash([label_id, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "label/reprint", digest)
    return reply(
        await reprint_label(house.pool, request, label_id, body.reason, body.printer, house.now())
    )


@router.post("/{label_id}/verification", response_model=LabelView, responses=REFUSALS)
async def post_verification(
    house: HouseOf,
    planner: PlannerOf,
    key: IdempotencyKey,
    label_id: RowId,
    body: VerificationRequest,
) -> JSONResponse:
    """Takes the scan of a label that nobody was sure of; without a code it is printed anew."""
    digest = body_hash([label_id, body.model_dump(mode="json")])
    request = StaffRequest(planner, key, "label/verification", digest)
    if body.code is None:
        answer = await reprint_label(house.pool, request, label_id, "not there", None, house.now())
    else:
        code = parse_scan(body.code).value
        answer = await verify_label(house.pool, request, label_id, code, house.now())
    return reply(answer)


def _drawn(row: asyncpg.Record) -> bytes:
    return _draw(row, ZPL, DPI)


def _draw(row: asyncpg.Record, wanted: str, dpi: int) -> bytes:
    label = label_of(row)
    if wanted == PNG:
        return render_image(label, dpi)
    if wanted == PDF:
        return render_pdf(label)
    return render_zpl(label, dpi).encode()


def _accepted(header: str) -> str:
    """The kind that an Accept header likes best of those that there are; data where it likes none.

    Source: RFC 9110, 12.5.1.
    """
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        kind, *parameters = (word.strip().lower() for word in part.split(";"))
        named = OTHER_NAMES.get(kind, kind)
        share = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        try:
            quality = float(share)
        except ValueError:
            quality = 0.0
        if named in (JSON, PNG, PDF, ZPL) and quality > 0:
            liked.append((-quality, place, named))
    return min(liked)[2] if liked else JSON
