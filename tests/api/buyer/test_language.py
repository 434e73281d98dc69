"""What a Chinese reader sees on a buyer's pages, and an English one: each their own, unmixed."""

import html
import re

import pytest

from tests.api.buyer.held import doubtful, send
from tests.api.service import Seller, Service

LATIN = re.compile("[A-Za-z]")
# What stands between tags, and so on the page.
_SAID = re.compile(r">([^<>]+)<")


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


def countries(page: str) -> dict[str, str]:
    found = re.findall(r'<option value="([A-Z]{2})"[^>]*>([^<]*)</option>', page)
    return {code: html.unescape(name) for code, name in found}


async def test_countries_are_named_in_the_language_of_the_page(
    service: Service, seller: Seller
) -> None:
    _, path = await doubtful(seller)
    chinese = (await service.client.get(f"{path}?lang=zh")).text
    english = (await service.client.get(f"{path}?lang=en")).text
    assert '<option value="GB" selected>英国</option>' in chinese
    assert '<option value="GB" selected>United Kingdom</option>' in english
    assert countries(chinese).keys() == countries(english).keys()
    assert not [name for name in countries(chinese).values() if LATIN.search(name)]


async def test_a_country_that_nobody_knows_is_shown_by_its_code(
    service: Service, seller: Seller
) -> None:
    _, path = await doubtful(seller)
    answer = await send(service, f"{path}?lang=zh", country="QQ")
    assert answer.status_code == 422
    assert '<option value="QQ" selected>QQ</option>' in answer.text
    assert "未知的国家或地区。" in answer.text


async def test_a_chinese_page_speaks_chinese_alone(service: Service, seller: Seller) -> None:
    order, path = await doubtful(seller)
    strangers = (seller.shop.name, order["external_order_id"], "12 Mill Lane", "English")
    asked = f"{path}?lang=zh"
    pages = [
        await service.client.get(asked),
        await send(service, asked, postal_code="nowhere"),
        await send(service, asked, lines=""),
        await send(service, asked),
        await service.client.get(asked),
        await service.client.get("/buyer/address/nothing?lang=zh"),
        await service.client.get("/buyer/help/nothing?lang=zh"),
    ]
    for page in pages[:3] + pages[4:]:
        assert '<html lang="zh-Hans">' in page.text
        assert page.headers["content-language"] == "zh-Hans"
        said = [html.unescape(text).strip() for text in _SAID.findall(page.text)]
        foreign = [text for text in said if LATIN.search(text) and text not in strangers]
        assert not foreign
        # Set as Chinese is: no half-width punctuation, no space between sentences.
        assert not [text for text in said if re.search(r"[一-鿿][,:;!?]|[。！？] ", text)]
