"""What is written on a label can be read: nothing is cut, nothing lies on anything else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.label import Label, LabelRefused, Script, render_image, render_zpl
from devices.label.layout import lay_out
from devices.label.script import clean
from devices.label.sheet import BASELINE, DESCENT, Bars, Box, Mark, Text
from devices.label.symbol import MM_PER_INCH, RESOLUTIONS, module_dots
from tests.devices.label.sample import LABELS, pallet, parcel

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
EUROPEAN = st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), max_size=200)


def area(mark: Mark, dpi: float) -> tuple[float, float, float, float]:
    """Left, top, right and lower edge in mm; a bar code's with its quiet zones."""
    if isinstance(mark, Text):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.size * BASELINE
    if isinstance(mark, Bars):
        dots = module_dots(mark.symbol, mark.width, mark.span, dpi)
        assert dots is not None
        wide = (mark.symbol.modules + 2 * mark.symbol.quiet) * dots * MM_PER_INCH / dpi
        tall = wide if mark.symbol.is_matrix else mark.height
        left, top = mark.x + (mark.width - wide) / 2, mark.y + (mark.height - tall) / 2
        return left, top, left + wide, top + tall
    return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height


@pytest.mark.parametrize("dpi", RESOLUTIONS.values())
@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_nothing_lies_on_anything_else_nor_over_the_edge(label: Label, dpi: float) -> None:
    sheet = lay_out(label)
    areas = [area(mark, dpi) for mark in sheet.marks]
    for left, top, right, lower in areas:
        assert -0.01 <= left < right <= sheet.width + 0.01
        assert 0 <= top < lower <= sheet.height + 0.01
    for one, other in itertools.combinations(areas, 2):
        apart = one[2] <= other[0] + 0.01 or other[2] <= one[0] + 0.01
        assert apart or one[3] <= other[1] + 0.01 or other[3] <= one[1] + 0.01, (one, other)


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_letters_below_the_line_stay_on_the_label(label: Label) -> None:
    sheet = lay_out(label)
    for mark in sheet.marks:
        if isinstance(mark, Text):
            assert mark.y + mark.size * (BASELINE + DESCENT) <= sheet.height


@given(st.lists(EUROPEAN, min_size=1, max_size=7))
def test_an_address_is_shown_whole_or_refused(lines: list[str]) -> None:
    wanted = "".join("".join(map(clean, lines)).split())
    try:
        sheet = lay_out(parcel(tuple(lines)))
    except LabelRefused as refused:
        assert refused.field == "recipient"
        return
    shown = [mark.text for mark in sheet.marks if isinstance(mark, Text) and 10 <= mark.y < 55]
    assert "".join("".join(shown).split()) == wanted


def test_the_longest_address_that_a_shop_may_send_is_refused_and_a_long_one_is_shown() -> None:
    long = ("Name " * 20, *("Department of a long name, floor 3 " * 4,) * 5, "GB")
    sizes = [m.size for m in lay_out(parcel(long)).marks if isinstance(m, Text) and 10 <= m.y < 55]
    assert len(set(sizes)) == 1 and sizes[0] < 4
    with pytest.raises(LabelRefused, match="too long to fit"):
        lay_out(parcel(("W" * 200,) * 7))


def test_a_word_without_a_break_is_broken_and_not_cut() -> None:
    sheet = lay_out(parcel(("X" * 190,)))
    shown = [mark for mark in sheet.marks if isinstance(mark, Text) and 10 <= mark.y < 55]
    assert "".join(mark.text for mark in shown) == "X" * 190
    assert all(mark.x + mark.width <= 96.01 for mark in shown)


def test_a_line_that_has_no_second_one_is_refused_when_too_long() -> None:
    with pytest.raises(LabelRefused, match="too long for its line") as refused:
        lay_out(parcel(reference="W" * 200))
    assert refused.value.field == "reference"


@given(TEXT, TEXT)
def test_any_text_is_drawn_or_refused_with_its_field(line: str, name: str) -> None:
    for label in (parcel(("Ada", line), reference=name), pallet(name=name, recipient=(line,))):
        try:
            assert lay_out(label).marks
        except LabelRefused as refused:
            assert refused.field in {"recipient", "reference", "name"}


def test_a_script_without_a_font_is_refused_by_the_letter() -> None:
    with pytest.raises(LabelRefused, match=r"U\+0E01 \(thai character ko kai\)"):
        lay_out(parcel(("ก",)))
    with pytest.raises(LabelRefused, match=r"U\+20000"):
        lay_out(parcel(("\U00020000",)))


@pytest.mark.parametrize(
    "text",
    [
        "שלום עולם 12",
        "شارع الملك فهد ١٢",
        "北京市朝阳区",
        "ソウル 서울특별시 강남구",
        "Αθήνα Москва Đà Nẵng",
    ],
)
def test_other_scripts_are_drawn_as_pictures(text: str) -> None:
    plain = render_zpl(parcel(("Ada",)))
    drawn = render_zpl(parcel(("Ada", text)))
    assert drawn.count("^GFA") == plain.count("^GFA") + 1
    assert drawn.count("^A0N") == plain.count("^A0N")
    assert len(render_image(parcel((text,)))) > 1_000


def test_a_script_that_the_printer_has_is_left_to_its_font() -> None:
    greek = parcel(("Αθήνα",))
    fonts = frozenset({Script.LATIN, Script.GREEK})
    assert "^GFA" in render_zpl(greek) and "^GFA" not in render_zpl(greek, fonts=fonts)
    arabic = parcel(("شارع",))
    assert "^GFA" in render_zpl(arabic, fonts=frozenset(Script))


def test_joined_letters_are_refused_where_they_cannot_be_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("devices.label.typeface.can_shape", lambda: False)
    with pytest.raises(LabelRefused, match="without Raqm"):
        lay_out(parcel(("شارع",)))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Ada 🎁 Lovelace ❤️", "Ada Lovelace"),
        ("one\r\ntwo\x00three", "one two three"),
        ("\u202eevil\u200b", "evil"),
        ("  many   spaces\u00a0 ", "many spaces"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_is_no_letter_is_left_out(text: str, drawn: str) -> None:
    assert clean(text) == drawn


def test_rules_are_as_wide_as_the_label() -> None:
    rules = [mark for mark in lay_out(parcel()).marks if isinstance(mark, Box)]
    assert len(rules) == 3 and all(rule.width == 100 for rule in rules)
