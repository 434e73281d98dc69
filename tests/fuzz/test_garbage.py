"""Garbage by Hypothesis: bytes, and what is nearly right."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.seed import SEEDS
from tests.fuzz.target import TARGETS

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["2026-11-22T08:00:00Z", "]C1", "0001-01-01T00:00:00+23:59", "T-00042"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
_KEYS = """
boot seq at aim raw trigger upto online schema capabilities op args epoch ok reason data
data_string decode_data label_type barcodes com.symbol.datawedge.data_string
"""
KEYS = st.sampled_from(_KEYS.split())
CODES = st.lists(
    st.sampled_from(
        ["]C1", "00", "01", "10", "17", "21", "37", "3103", "\x1d", "340123450000000178",
         "09501101530003", "261231", "LOT", "(", ")", "https://id.gs1.org/", "/", "?", "=", "%2F",
         "%", "T-00042", "\r\n", ";", "NOREAD", "<GS>", "٣", "\ud800"]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_seed_is_understood_or_refused(target: str) -> None:
    assert SEEDS[target]
    for seed in SEEDS[target]:
        TARGETS[target](seed)


@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=300))
def test_bytes_are_understood_or_refused(target: str, data: bytes) -> None:
    TARGETS[target](data)


@given(st.sampled_from(sorted(TARGETS)), st.data())
def test_what_was_right_and_is_changed_is_understood_or_refused(
    target: str, data: st.DataObject
) -> None:
    seed = bytearray(data.draw(st.sampled_from(SEEDS[target])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(seed) - 1, 0)))
        seed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    TARGETS[target](bytes(seed))


@given(st.dictionaries(KEYS, VALUES))
def test_telegrams_with_odd_values_are_understood_or_refused(fields: dict[str, Any]) -> None:
    payload = json.dumps(fields).encode()
    TARGETS["telegram"](payload)
    TARGETS["intent"](payload)


@given(st.integers(0, 9), CODES)
def test_codes_of_odd_parts_are_understood_or_refused(aim: int, code: str) -> None:
    data = code.encode(errors="surrogatepass")
    for target in ("scan", "wedge", "read"):
        TARGETS[target](bytes([aim]) + data)
        TARGETS[target](data)
