"""Ends of profiles, against profiles whose ends are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from galseg.errors import ConfigError
from galseg.measure.profile import extent_of, vote_levels

AXIS = np.arange(-50, 50, 0.25)


@given(st.floats(-20, -5), st.floats(5, 20), st.floats(1, 3))
def test_ends_and_errors_of_blurred_edges(low, high, blur):
    profile = ndtr((AXIS - low) / blur) * ndtr((high - AXIS) / blur)
    extent = extent_of(profile, AXIS, 0.5, (0.159, 0.841))
    assert extent.low == pytest.approx(low, abs=0.01)
    assert extent.high == pytest.approx(high, abs=0.01)
    assert extent.err == pytest.approx(blur * np.sqrt(2), rel=0.02)
    assert extent.length == pytest.approx(high - low, abs=0.02)


def test_an_upper_level_that_is_never_reached_counts_from_the_peak():
    profile = 0.7 * np.exp(-0.5 * (AXIS / 10) ** 2)
    extent = extent_of(profile, AXIS, 0.5, (0.159, 0.841))
    half_width = 10 * np.sqrt(2 * np.log(0.7 / 0.159)) / 2
    assert extent.err == pytest.approx(half_width * np.sqrt(2), rel=0.01)


def test_a_profile_that_reaches_its_border_ends_there():
    extent = extent_of(np.ones(5), np.arange(5.0), 0.5, (0.1, 0.9))
    assert (extent.low, extent.high) == (-0.5, 4.5)


def test_a_profile_below_the_level_has_no_ends():
    assert np.isnan(extent_of(np.full(5, 0.2), np.arange(5.0), 0.5).length)


def test_levels_of_few_volunteers_stay_between_zero_and_one():
    low, high = vote_levels(0.5, 1)
    assert 0 < low < high <= 1
    with pytest.raises(ConfigError, match="n_asked"):
        vote_levels(0.5, 0)
