"""What a buyer is written, in both languages, whatever strangers have named."""

import re
from typing import Any

import pytest

from wms.error import Conflict, Refused
from wms.notice.letter import write_letter
from wms.notice.notice import (
    MOVES,
    OF_EVENT,
    SWITCHED,
    Event,
    Kind,
    State,
    after,
    can_be_mailed,
    clean,
    mail_address,
)
from wms.notice.words import HELLO, HELP, WORDS

HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "^XZ^XA",
    "\u202egnp.exe\u2066",
    "Ada\r\nBcc: everybody@example.com\r\n\r\nbody",
    "\u2028\u2029\x85\x0b",
    "👩‍👩‍👧 Ünï 李",
    "{{ 7 * 7 }}{% for x in y %}",
    "A" * 10_000,
    "\ud800",
)


def facts(word: str) -> dict[str, Any]:
    return {
        "name": word,
        "shop": word,
        "number": word,
        "date": "3 May 2030",
        "expected": "4 May 2030",
        "earliest": "10:00",
        "latest": "12:00",
        "link": "https://stowline.example/buyer/address/abc.def?x=1&y=2",
        "help": "https://stowline.example/buyer/help/abc.def",
        "amount": "19.99 EUR",
        "reason": word,
        "tracking": [word, "T2"],
        "codes": [{"name": word, "code": "<CODE & 1>", "until": "5 May 2030"}],
        "items": [word],
    }


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("word", HOSTILE)
def test_what_strangers_have_named_is_text_in_every_mail(
    kind: Kind, language: str, word: str
) -> None:
    letter = write_letter(kind, language, facts(word))
    assert letter.subject and len(letter.subject.splitlines()) == 1
    assert letter.subject.isprintable() or "\u200d" in letter.subject
    assert "<script" not in letter.html
    assert "Bcc:" not in [line.split(" ")[0] for line in letter.text.splitlines()]
    for said in (letter.subject, letter.text, letter.html):
        assert not any(sign in said for sign in "\u202e\u2066\u2028\x0b\r")
        said.encode("utf-8")
    assert "49" not in letter.subject or "{{" not in word


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("kind", Kind)
def test_every_mail_can_be_written_with_nothing_but_its_number(kind: Kind, language: str) -> None:
    letter = write_letter(kind, language, {"number": "536365", "shop": "Mugs"})
    assert "536365" in letter.subject
    assert "536365" in letter.text and "536365" in letter.html
    assert "\n\n\n" not in letter.text


def test_each_language_has_every_mail() -> None:
    assert all(set(words) == set(Kind) for words in WORDS.values())


def test_a_code_goes_out_as_it_is() -> None:
    code = "A  B--<&>\"'"
    letter = write_letter(Kind.DIGITAL, "en", {"codes": [{"name": "G", "code": code, "until": ""}]})
    assert f"G: {code}\n" in letter.text
    assert "A  B--&lt;&amp;&gt;" in letter.html


def test_a_link_is_one_that_can_be_clicked() -> None:
    link = "https://stowline.example/buyer/address/abc.def?x=1&y=2"
    letter = write_letter(Kind.ADDRESS, "en", {"number": "1", "link": link})
    assert link in letter.text
    assert '<a href="https://stowline.example/buyer/address/abc.def?x=1&amp;y=2">' in letter.html


def test_a_link_that_is_sold_ends_where_it_ends() -> None:
    link = "https://books.example/x?t=1"
    for language in WORDS:
        codes = [{"name": "B", "code": link, "until": "5 May 2030"}]
        letter = write_letter(Kind.DIGITAL, language, {"number": "1", "codes": codes})
        assert f'<a href="{link}">{link}</a> ' in letter.html


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("kind", Kind)
def test_every_mail_says_where_a_human_is_but_one_that_asks_for_something_else(
    kind: Kind, language: str
) -> None:
    letter = write_letter(kind, language, facts("x"))
    assert (facts("x")["help"] in letter.text) == (kind is not Kind.ADDRESS)
    plain = write_letter(kind, language, {"number": "1", "shop": "Mugs"})
    assert "/buyer/help/" not in plain.text


def test_chinese_is_set_as_chinese_is() -> None:
    for words in (*WORDS["zh"].values(), (HELLO["zh"],), (HELP["zh"],)):
        for text in words:
            spoken = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text)
            assert not re.search("[,:;()!?]", spoken), text


def test_a_day_stands_in_chinese_without_a_space_around_it() -> None:
    day = "2030年5月3日"
    for kind in Kind:
        said = write_letter(kind, "zh", facts("x") | {"date": day, "expected": day})
        assert f" {day}" not in said.text
        # A clock's digits are told from the day's.
        assert f"{day} " not in said.text.replace(f"{day} 10:00", "")


def test_a_mail_says_which_script_it_is_in() -> None:
    for language, tag in (("en", "en"), ("zh", "zh-Hans")):
        assert f'<html lang="{tag}">' in write_letter(Kind.SHIPPED, language, facts("x")).html


def test_one_number_is_no_plural() -> None:
    for tracking, said in ((["T1"], "Tracking number: T1"), (["T1", "T2"], "numbers: T1, T2")):
        letter = write_letter(Kind.ARRIVING, "en", facts("x") | {"tracking": tracking})
        assert f"{said}\n" in letter.text


@pytest.mark.parametrize("after_it", ["。谢谢", "，谢谢", "）", "、", "”。", ". Thanks", "."])
def test_a_link_in_an_answer_ends_before_the_punctuation(after_it: str) -> None:
    link = "https://carrier.example/x?t=1"
    answer = {"lines": [f"See {link}{after_it}"]}
    letter = write_letter(Kind.HANDOFF, "zh", {"number": "1", "answer": answer})
    assert f'<a href="{link}">{link}</a>{after_it}' in letter.html


@pytest.mark.parametrize(
    "address",
    ["ada@merton.example", "a.b+c@d-e.example", "李@例子.example", " ada@Merton.EXAMPLE "],
)
def test_a_mail_can_go_to(address: str) -> None:
    assert can_be_mailed(address)
    assert mail_address(address).rpartition("@")[2].isascii()


@pytest.mark.parametrize(
    "address",
    [
        "", "ada", "@merton.example", "ada@", "ada@localhost", "a b@c.example", "a@b@c.example",
        "ada@merton.example\r\nBcc: x@y.example", "ada@merton..example", "a..b@c.example",
        "<ada@merton.example>", "ada@-x.example", "ada,eve@merton.example", "a\x00@b.example",
        "a" * 65 + "@b.example", "a@" + "b" * 250 + ".example", "\u202eada@merton.example",
        "erased",
    ],
)  # fmt: skip
def test_no_mail_can_go_to(address: str) -> None:
    assert not can_be_mailed(address)
    with pytest.raises(Refused):
        mail_address(address)


def test_a_name_is_one_line_without_what_turns_it_around() -> None:
    assert clean("Ada\r\nBcc: x\u202e\t Merton\x00") == "Ada Bcc: x Merton"


def test_a_mail_that_bounced_stays_bounced() -> None:
    assert after(State.WAITING, Event.TAKE) is State.SENT
    assert after(State.SENT, Event.BOUNCE) is State.BOUNCED
    with pytest.raises(Conflict):
        after(State.BOUNCED, Event.TAKE)
    assert set(MOVES.values()) == {State.SENT, State.BOUNCED}


def test_every_switch_has_an_event_that_it_is_about() -> None:
    assert set(OF_EVENT.values()) == set(SWITCHED)
