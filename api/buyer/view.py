"""Buyers' pages drawn: every value is escaped, nothing is asked from anywhere else."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.buyer.help_words import HELP
from api.buyer.words import FINDINGS, WORDS
from wms.address.country import country_names
from wms.journey.buyer.address import Asked
from wms.journey.handoff.buyer import Talk
from wms.language import TAGS

FOLDER = Path(__file__).with_name("page")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FIELDS = ("name", "lines", "district", "city", "region", "postal_code", "country", "phone")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def notice_page(
    name: str, status: int, language: str, help_token: str | None = None
) -> HTMLResponse:
    """A page that says one thing: done, expired, too late, or no link of ours."""
    return _page("notice.html", status, language, name=name, help_token=help_token)


def help_page(
    language: str, talk: Talk, said: Mapping[str, str], status: int = 200, *, wrong: str = ""
) -> HTMLResponse:
    """The form in which a buyer asks for a human, with what was said so far."""
    values = {name: said.get(name, "") for name in ("words", "email")}
    return _page(
        "help.html", status, language, help=HELP[language], talk=talk, said=values, wrong=wrong
    )


def address_page(
    language: str,
    asked: Asked,
    said: Mapping[str, Any],
    findings: list[tuple[str, str]],
    status: int = 200,
    *,
    may_confirm: bool = False,
) -> HTMLResponse:
    """The form with what was said before; findings are (pointer, code), the first one of a field.

    may_confirm: offers to take it as it stands.
    """
    messages: dict[str, str] = {}
    for pointer, code in findings:
        words = FINDINGS[language]
        messages.setdefault(pointer.split("/")[1], words.get(code, words["unreadable"]))
    values = {name: said.get(name) or "" for name in FIELDS}
    lines = said.get("lines") or ()
    values["lines"] = lines if isinstance(lines, str) else "\n".join(lines)
    countries = dict(country_names(language))
    if values["country"] not in countries:
        countries = {values["country"]: values["country"]} | countries
    return _page(
        "address.html",
        status,
        language,
        shop=asked.shop,
        order=asked.external_order_id,
        values=values,
        messages={name: messages[name] for name in FIELDS if name in messages},
        countries=countries,
        may_confirm=may_confirm,
        help_token=asked.help,
    )


def _page(template: str, status: int, language: str, **values: object) -> HTMLResponse:
    text = (
        _environment()
        .get_template(template)
        .render(language=language, tags=TAGS, words=WORDS[language], **values)
    )
    return HTMLResponse(text, status, HEADERS | {"Content-Language": TAGS[language]})
