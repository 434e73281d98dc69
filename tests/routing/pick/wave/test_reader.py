import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from routing.pick.wave.reader import read_wave, write_choice, write_wave

TEXT = "2 3 2\n2 0 1 2 4\n1 1 2\n2 0 5 1 2\n1 2 4\n1 7\n"

rows = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=4).map(tuple), max_size=5
).map(tuple)


def test_a_text_is_read_as_the_challenge_defines_it() -> None:
    assert read_wave(TEXT) == WaveProblem(
        (((0, 1), (2, 4)), ((1, 2),)), (((0, 5), (1, 2)), ((2, 4),)), 1, 7
    )


@given(rows, rows, st.integers(0, 50), st.integers(0, 50))
def test_what_is_written_is_read_again(
    orders: tuple[tuple[tuple[int, int], ...], ...],
    aisles: tuple[tuple[tuple[int, int], ...], ...],
    least: int,
    more: int,
) -> None:
    problem = WaveProblem(orders, aisles, least, least + more)
    assert read_wave(write_wave(problem)) == problem


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("", "line 1"),
        ("2 3\n", "line 1: 3 numbers"),
        ("2 3 2\n2 0 1 2 4\n", "line 1: 2 orders and 2 aisles need 6 lines"),
        (TEXT.replace("1 1 2\n", "1 1\n"), "line 3: 1 pairs"),
        (TEXT.replace("1 1 2\n", "\n"), "line 3"),
        (TEXT.replace("1 1 2\n", "1 3 2\n"), "line 3: item 3 is not below 3"),
        (TEXT.replace("1 1 2\n", "1 1 -2\n"), "line 3: -2 is negative"),
        (TEXT.replace("1 1 2\n", "1 1 two\n"), "line 3: 'two' is no whole number"),
        (TEXT.replace("1 1 2\n", "1 1 2.5\n"), "line 3: '2.5' is no whole number"),
        (TEXT.replace("1 7\n", "7 1\n"), "line 6: units from 7 to 1"),
        (TEXT.replace("1 7\n", "1\n"), "line 6: 2 numbers"),
        (TEXT + "1 7\n", "line 1: 2 orders"),
        ("-1 3 2\n", "line 1: -1 is negative"),
    ],
)
def test_a_broken_text_is_refused_by_its_line(broken: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_wave(broken)


def test_a_choice_is_written_as_counts_and_indices() -> None:
    choice = WaveChoice((1, 4), (0,), 3, 3.0, False, "x")
    assert write_choice(choice) == "2\n1\n4\n1\n0\n"
