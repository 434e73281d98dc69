"""A mail's subject, its plain text and a small HTML that says the same."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from wms.language import TAGS, language_of
from wms.notice.notice import Kind, clean
from wms.notice.words import FAREWELL, HELLO, HELP, WORDS

SUBJECT_MAX = 150
# A link ends before the punctuation of either script.
_NO_LINK = r"\s<>\"'“”\u3000-\u303f\uff01-\uff65"
_LINK = re.compile(rf"https?://[^{_NO_LINK}]+[^{_NO_LINK}.,;:!?)]")
# What phones and desks have, for Latin letters and for Chinese.
_FONTS = "system-ui,-apple-system,Segoe UI,Roboto,PingFang SC,Microsoft YaHei,sans-serif"
_PLAIN = SandboxedEnvironment(autoescape=False, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str
    html: str


def write_letter(kind: Kind, language: str, facts: dict[str, Any]) -> Letter:
    """The mail of that kind; what strangers have named stands there as text, on one line each.

    facts: texts and lists of them, as wms/notice/words.py names them. What is missing is empty.
    """
    spoken = language_of(language)
    said = {**_NOTHING, **{name: _cleaned(value, name) for name, value in facts.items()}}
    subject, *paragraphs = WORDS[spoken][kind]
    helping = [] if kind is Kind.ADDRESS else [HELP[spoken]]
    words = [HELLO[spoken], *paragraphs, *helping, FAREWELL[spoken]]
    texts = [_template(each).render(said).strip() for each in words]
    texts = [text for text in texts if text]
    return Letter(
        clean(_template(subject).render(said))[:SUBJECT_MAX],
        "\n\n".join(texts) + "\n",
        _html(texts, spoken),
    )


_TEXTS = (
    "name",
    "shop",
    "number",
    "date",
    "expected",
    "earliest",
    "latest",
    "link",
    "help",
    "amount",
)
_NOTHING: dict[str, Any] = {
    **dict.fromkeys((*_TEXTS, "reason"), ""),
    "tracking": [],
    "codes": [],
    "items": [],
    "answer": {"lines": []},
}


@cache
def _template(words: str) -> Template:
    # To compile one takes longer than all else about a mail.
    return _PLAIN.from_string(words)


def _cleaned(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _cleaned(part, name) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(part, name) for part in value]
    # A code or a link is sent as it is: printable on one line, and of use only when it is whole.
    whole = name in ("code", "link", "help")
    return "" if value is None else str(value) if whole else clean(value)


def _html(texts: list[str], language: str) -> str:
    paragraphs = Markup("").join(
        Markup('<p dir="auto">{}</p>\n').format(
            Markup("<br>\n").join(_linked(line) for line in text.splitlines())
        )
        for text in texts
    )
    page = Markup(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"></head>\n'
        '<body style="font-family:{};line-height:1.5">\n{}</body></html>\n'
    )
    return str(page.format(TAGS[language], _FONTS, paragraphs))


def _linked(line: str) -> Markup:
    """A line with its addresses as links, all else escaped."""
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(line):
        parts.append(escape(line[end : found.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(found[0]))
        end = found.end()
    return Markup("").join([*parts, escape(line[end:])])
