"""Jeffreys intervals, against scipy's Beta distribution."""

import numpy as np
import pytest
from scipy import stats

from galseg.consensus import fraction_interval
from galseg.errors import ConfigError, ShapeError


@pytest.mark.parametrize("level", [0.68, 0.95])
def test_quantiles_of_the_beta_distribution(level):
    votes = np.arange(1, 15)
    low, high = fraction_interval(votes, 15, level=level)
    expected = stats.beta(votes + 0.5, 15 - votes + 0.5).interval(level)
    np.testing.assert_allclose([low, high], expected)


def test_none_and_all_reach_the_ends():
    low, high = fraction_interval([0, 9], 9)
    assert low[0] == 0
    assert high[1] == 1


def test_a_cube_of_votes_with_a_number_asked_for_each_feature():
    votes = np.array([[[0, 3], [5, 5]], [[0, 0], [0, 0]], [[1, 0], [2, 2]]], dtype=np.uint16)
    low, high = fraction_interval(votes, np.array([5, 0, 2]))
    assert low.shape == high.shape == votes.shape
    assert np.isnan(low[1]).all()
    assert np.isnan(high[1]).all()
    for channel, n_asked in ((0, 5), (2, 2)):
        np.testing.assert_array_equal(low[channel], fraction_interval(votes[channel], n_asked)[0])


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    truth = rng.uniform(0, 1, 20000)
    low, high = fraction_interval(rng.binomial(20, truth), 20, level=0.68)
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.68, abs=0.015)


@pytest.mark.parametrize(
    ("votes", "n_asked", "message"),
    [
        ([6], 5, "between 0 and n_asked"),
        ([-1], 5, "between 0 and n_asked"),
        ([0.5], 5, "votes must be whole numbers"),
        ([[1, 2]], [5, 5], "leading axes"),
    ],
)
def test_impossible_counts_are_refused(votes, n_asked, message):
    with pytest.raises(ShapeError, match=message):
        fraction_interval(votes, n_asked)


@pytest.mark.parametrize("level", [0, 1, 68])
def test_impossible_levels_are_refused(level):
    with pytest.raises(ConfigError, match="level"):
        fraction_interval([1], 5, level=level)
