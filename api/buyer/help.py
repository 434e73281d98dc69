"""The page on which a buyer asks for a human; whoever has the link is the buyer."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from api.auth import HouseOf
from api.buyer.routes import Accepted, Lang, Token, read_fields, refuse_forged, refused_page
from api.buyer.view import HEADERS, help_page
from api.buyer.words import language_of
from api.card import refuse_card_data
from wms.address.link import Purpose
from wms.error import WmsError
from wms.journey.handoff.buyer import ask_by_link, talk_of

FIELDS = ("words", "email")
STATUS = {"bad_words": 422, "bad_mail_address": 422, "card_data": 422, "too_many_words": 409}

router = APIRouter(prefix="/buyer/help", include_in_schema=False)


class Said(BaseModel):
    """What a buyer wrote."""

    words: str


@router.get("/{token}")
async def get_help(
    house: HouseOf, token: Token, lang: Lang = None, accepted: Accepted = None
) -> HTMLResponse:
    """The form, with what was said and answered so far."""
    try:
        refuse_forged(house, token, Purpose.HELP)
        talk = await talk_of(house.pool, token, house.now())
    except WmsError as error:
        return refused_page(error, lang, accepted)
    return help_page(language_of(lang, accepted, talk.language), talk, {})


@router.post("/{token}")
async def post_help(
    house: HouseOf,
    request: Request,
    token: Token,
    lang: Lang = None,
    accepted: Accepted = None,
) -> Response:
    """Takes what a buyer has to say."""
    said = read_fields(await request.body(), FIELDS)
    # A form's lines end in CR LF.
    words = said.get("words", "").replace("\r\n", "\n").strip()
    email = said.get("email", "").strip()
    try:
        refuse_forged(house, token, Purpose.HELP)
        talk = await talk_of(house.pool, token, house.now())
        language = language_of(lang, accepted, talk.language)
        try:
            refuse_card_data(Said(words=words))
            await ask_by_link(house.pool, token, words, email, house.now())
        except WmsError as error:
            if error.code not in STATUS:
                raise
            return help_page(language, talk, said, STATUS[error.code], wrong=error.code)
    except WmsError as error:
        return refused_page(error, lang, accepted)
    # Shown again by its own address, so that going back or reloading sends nothing twice.
    return RedirectResponse(f"?lang={language}", 303, HEADERS)
