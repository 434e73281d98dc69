"""The pages that buyers open by their links; whoever has the link is the buyer."""

from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api.auth import HouseOf
from api.buyer.view import FIELDS, FOLDER, HEADERS, address_page, notice_page
from api.buyer.words import NOTICES, SETTLED, language_of
from api.card import card_in
from api.orders.messages import Address
from api.wiring import House
from wms.address.link import Purpose
from wms.error import NotFound, WmsError
from wms.journey.buyer.address import Asked, asked_address, help_instead, mend_address
from wms.journey.order.address import links_by
from wms.language import LANGUAGES

FORM_BYTES_MAX = 100_000
FORM_FIELDS_MAX = 30

router = APIRouter(prefix="/buyer", include_in_schema=False)
Token = Annotated[str, Path(max_length=2_000)]
Lang = Annotated[str | None, Query(max_length=20)]
Accepted = Annotated[str | None, Header(alias="Accept-Language")]


@router.get("/style.css")
async def get_style() -> FileResponse:
    """How the pages look."""
    return FileResponse(
        FOLDER / "style.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"}
    )


@router.get("/address/{token}")
async def get_address(
    house: HouseOf, token: Token, lang: Lang = None, accepted: Accepted = None
) -> HTMLResponse:
    """The form with the address as it is on the order, and what is doubtful about it."""
    try:
        refuse_forged(house, token, Purpose.ADDRESS)
        asked = await asked_address(house.pool, token, house.now())
    except WmsError as error:
        return await _refused(house, token, error, lang, accepted)
    findings = [(found.pointer, found.code) for found in asked.checked.doubts]
    language = language_of(lang, accepted, asked.language)
    return _form(language, asked, asked.ship_to, findings)


@router.post("/address/{token}")
async def post_address(
    house: HouseOf,
    request: Request,
    token: Token,
    lang: Lang = None,
    accepted: Accepted = None,
) -> Response:
    """Takes the buyer's address; what is still doubtful is shown, and may be confirmed."""
    said = read_fields(await request.body(), (*FIELDS, "confirm"))
    try:
        refuse_forged(house, token, Purpose.ADDRESS)
        return await _mend(house, token, said, lang, accepted)
    except WmsError as error:
        return await _refused(house, token, error, lang, accepted)


def refuse_forged(house: House, token: str, purpose: Purpose) -> None:
    """Passes what was made here, so that whoever guesses takes no connection of the database.

    Raises:
        NotFound: `unknown_link`.
    """
    if links_by(house.keyset).read(token, purpose) is None:
        raise NotFound("unknown_link", "This link is not one of ours, or a part of it is missing.")


async def _refused(
    house: House, token: str, error: WmsError, lang: str | None, accepted: str | None
) -> HTMLResponse:
    """Why there is nothing to mend; whoever has a link that still holds may ask a human."""
    help_token = None
    if error.code in SETTLED:
        help_token = await help_instead(house.pool, token, house.now())
    return refused_page(error, lang, accepted, help_token)


async def _mend(
    house: House, token: str, said: dict[str, str], lang: str | None, accepted: str | None
) -> Response:
    asked = await asked_address(house.pool, token, house.now())
    language = language_of(lang, accepted, asked.language)
    try:
        address = _address(said)
    except ValidationError as error:
        pointers = [(f"/{problem['loc'][0]}", "invalid") for problem in error.errors()]
        return _form(language, asked, said, pointers, 422)
    if (card := card_in(Address.model_validate(address))) is not None:
        return _form(language, asked, said, [(f"/{card.split('/')[1]}", "invalid")], 422)
    confirmed = said.get("confirm") == "yes"
    checked = await mend_address(house.pool, token, address, confirmed, house.now())
    if checked is not None:
        doubts = [(found.pointer, found.code) for found in checked.doubts]
        return _form(language, asked, said, doubts, 422, may_confirm=True)
    # Shown again by its own address, so that going back or reloading sends nothing twice.
    return RedirectResponse(f"?lang={language}", 303, HEADERS)


def read_fields(body: bytes, names: Collection[str]) -> dict[str, str]:
    """What a browser sent, each field once; nothing where it is not what our form sends."""
    if len(body) > FORM_BYTES_MAX:
        return {}
    try:
        fields = parse_qs(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            max_num_fields=FORM_FIELDS_MAX,
            errors="replace",
        )
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if name in names}


def _address(said: dict[str, str]) -> dict[str, Any]:
    """The address of the form, held to what an order's may be.

    Raises:
        ValidationError
    """
    given = {name: said.get(name, "").strip() for name in FIELDS if name != "lines"}
    optional = {name: given.pop(name) or None for name in ("region", "district", "phone")}
    lines = [line.strip() for line in said.get("lines", "").splitlines() if line.strip()]
    address = Address.model_validate(given | optional | {"lines": lines})
    plain = address.plain()
    return {name: plain[name] for name in FIELDS}


def _form(
    language: str,
    asked: Asked,
    said: dict[str, Any],
    findings: list[tuple[str, str]],
    status: int = 200,
    *,
    may_confirm: bool = False,
) -> HTMLResponse:
    return address_page(language, asked, said, findings, status, may_confirm=may_confirm)


def refused_page(
    error: WmsError, lang: str | None, accepted: str | None, help_token: str | None = None
) -> HTMLResponse:
    """The page that says why a link is of no use any more; any other refusal goes on."""
    if error.code not in NOTICES:
        raise error
    name, status = NOTICES[error.code]
    return notice_page(name, status, language_of(lang, accepted, LANGUAGES[0]), help_token)
