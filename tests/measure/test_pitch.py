"""What arms say together."""

import numpy as np
import pytest

from galseg.measure.logspiral import LogSpiral
from galseg.measure.pitch import common_pitch


def arm(pitch_deg, *, err_deg=0.5, sign=1, turn=3.0):
    slope = sign * np.tan(np.radians(pitch_deg))
    return LogSpiral(2.0, slope, np.radians(err_deg) * (1 + slope**2), 0.0, turn, 0.05)


def test_the_longer_winding_wins_and_says_its_share():
    arms = [arm(20, turn=3.0), arm(20, sign=-1, turn=1.0)]
    together = common_pitch(arms)
    lengths = [one.arc_length for one in arms]
    assert together.winding == "Z"
    assert together.winding_share == pytest.approx(lengths[0] / sum(lengths))
    assert together.pitch_angle_deg == pytest.approx(20)
    assert np.isnan(together.pitch_angle_dispersion_deg)


def test_an_arc_that_winds_neither_way_does_not_outvote_an_arm():
    together = common_pitch([arm(0.1, err_deg=2, turn=6.0), arm(20, sign=-1, turn=0.5)])
    assert together.winding == "S"
    assert together.winding_share < 0.5


def test_without_arms_nothing_is_known():
    together = common_pitch([])
    assert together.winding == ""
    assert np.isnan(together[1:]).all()


@pytest.mark.parametrize("err_deg", [0.5, 4.0])
def test_dispersion_is_the_scatter_beyond_the_errors(err_deg):
    rng = np.random.default_rng(0)
    found = [
        common_pitch([arm(p, err_deg=err_deg) for p in 25 + rng.normal(0, np.hypot(3, err_deg), 4)])
        for _ in range(400)
    ]
    variance = [one.pitch_angle_dispersion_deg**2 for one in found]
    assert np.mean(variance) == pytest.approx(9, rel=0.35 if err_deg > 3 else 0.15)
    spread = np.std([one.pitch_angle_dispersion_deg for one in found])
    assert np.median([one.pitch_angle_dispersion_deg_err for one in found]) == pytest.approx(
        spread, rel=0.5
    )


def test_arms_within_their_errors_have_no_dispersion():
    together = common_pitch([arm(20, err_deg=3), arm(21, err_deg=3)])
    assert together.pitch_angle_dispersion_deg == 0
    assert together.pitch_angle_dispersion_deg_err > 0
