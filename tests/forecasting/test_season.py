import numpy as np
import pytest

from forecasting.history import Frequency
from forecasting.season import phase, survey

SMOOTH = np.zeros(1, np.int8)


def test_a_phase_belongs_to_the_calendar_not_to_the_history() -> None:
    monday = phase(np.datetime64("2024-01-01"), Frequency.DAY, 7, 8)
    later = phase(np.datetime64("2024-01-04"), Frequency.DAY, 7, 8)
    assert monday[3:].tolist() == later[:5].tolist()
    months = phase(np.datetime64("2023-11-01"), Frequency.MONTH, 12, 3)
    assert months.tolist() == [10, 11, 0]


def test_a_class_profile_holds_the_season_and_not_the_growth() -> None:
    season = np.array([0.5, 1.0, 1.5, 1.0])
    demand = np.tile(np.tile(season, 12) * np.linspace(10, 20, 48), (200, 1))
    found = survey(demand, np.arange(48) % 4, 4, np.zeros(200, np.int8)).factors(demand.shape[1])[
        0
    ][0]
    assert found == pytest.approx(season, abs=0.06)


def test_a_profile_of_one_series_is_hardly_believed_and_one_of_noise_not_at_all() -> None:
    clear = np.tile([0.0, 20.0], (1, 20))
    found = survey(clear, np.arange(40) % 2, 2, SMOOTH).factors(40)[0][0]
    assert found == pytest.approx([2 / 3, 4 / 3], abs=0.01)
    rng = np.random.default_rng(2)
    noise = rng.poisson(3.0, (500, 40)).astype(float)
    flat = survey(noise, np.arange(40) % 7, 7, np.zeros(500, np.int8)).factors(40)[0][0]
    assert np.abs(flat - 1.0).max() < 0.03


def test_two_seasons_must_have_been_seen() -> None:
    demand = np.tile([0.0, 20.0, 5.0, 5.0], (1, 2))[:, :7]
    assert survey(demand, np.arange(7) % 4, 4, SMOOTH).series.sum() == 0
