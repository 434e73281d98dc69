import numpy as np

from forecasting.candidate import origins, sums


def test_origins_end_where_the_last_sum_is_known() -> None:
    at = origins(100, protection=5)
    assert at[-1] == 95
    assert len(at) <= 32
    assert (np.diff(at) > 0).all()
    assert len(origins(4, protection=5)) == 0
    assert origins(6, protection=5).tolist() == [1]


def test_a_sum_with_an_unknown_period_is_unknown() -> None:
    demand = np.array([[1.0, 2.0, np.nan, 4.0, 5.0]])
    found = sums(demand, np.array([0, 1, 3]), 2)
    assert found[0, 0] == 3.0
    assert np.isnan(found[0, 1])
    assert found[0, 2] == 9.0
