"""The handheld: one scan is one scan, however often it has to be sent."""

from random import Random
from typing import Any

import aiohttp
import pytest

from sim.person.handheld import Handheld, HouseSilent, read_screen
from sim.tally import Tally
from tests.sim.house import MENU, Answer, House, open_house, screen


async def signed_in(house: House, session: aiohttp.ClientSession) -> Handheld:
    handheld = Handheld(session, house.url, "HH-01", Tally(), Random(1))
    await handheld.sign_in("B-01", "1234")
    return handheld


async def test_a_scan_that_was_not_answered_is_sent_again_under_its_own_id() -> None:
    answers: list[Answer] = [503, 503, screen("pick", "cart")]
    async with open_house(lambda _body: answers.pop(0)) as (house, session):
        handheld = await signed_in(house, session)
        shown = await handheld.press("pick")
        assert shown.step == "cart"
        assert len({body["id"] for body in house.inputs}) == 1
        assert len(house.inputs) == 3
        answers.append(screen("pick", "cart"))
        await handheld.scan("CART-01")
        assert house.inputs[-1]["id"] != house.inputs[0]["id"]
        assert house.inputs[-1]["input"] == "CART-01"


async def test_a_refused_scan_is_a_wrong_verdict_on_the_screen_before_it() -> None:
    def answer(body: dict[str, Any]) -> Answer:
        return 409 if body["input"] else screen("pick", "put", "T-00001", ask=3)

    async with open_house(answer) as (house, session):
        handheld = await signed_in(house, session)
        await handheld.press("pick")
        shown = await handheld.scan("T-00001", 3)
        assert (shown.step, shown.target, shown.ask) == ("put", "T-00001", 3)
        assert (shown.right, shown.verdict) == (False, "refused_409")
        assert handheld.tally.wrong == {"put: refused_409": 1}


async def test_an_answer_that_is_no_screen_is_told_loudly() -> None:
    async with open_house(lambda _body: {"oops": True}) as (house, session):
        handheld = await signed_in(house, session)
        with pytest.raises(HouseSilent, match="is no screen"):
            await handheld.press("pick")


def test_every_tote_that_a_screen_names_is_seen_once() -> None:
    shown = read_screen(
        screen(
            "pack",
            "tote",
            "T-00003",
            lines=("T-00001, T-00002 are ready",),
            facts={"Tote": "T-00001 (slot 3)", "Order": "536365"},
        )
    )
    assert shown.totes == ["T-00003", "T-00001", "T-00002"]
    assert shown.fact("order") == "536365"
    assert read_screen(MENU).totes == []
