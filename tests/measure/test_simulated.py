"""Simulated galaxies in inclined discs on random skies, measured from their exact masks."""

import numpy as np
import pytest

from galseg.dataset import simulate_galaxy
from galseg.measure import measure_bar, measure_spiral_arms


@pytest.mark.parametrize("seed", range(8))
def test_bar_and_arms_are_as_they_were_made(seed):
    galaxy = simulate_galaxy(seed, morphology="barred spiral", n_arms=2)
    truth = galaxy.truth
    known = {
        "frame": galaxy.frame,
        "centre": truth.centre_xy,
        "inclination_deg": truth.inclination_deg,
        "line_of_nodes_deg": truth.line_of_nodes_deg,
    }
    bar = measure_bar(galaxy.masks["bar"], **known)
    assert bar.length_arcsec == pytest.approx(truth.bar.length_arcsec, rel=0.05)
    in_disc = truth.bar.length_deprojected_arcsec
    assert bar.length_deprojected_arcsec == pytest.approx(in_disc, rel=0.04)
    turn = bar.position_angle_deg - truth.bar.position_angle_deg
    assert abs((turn + 90) % 180 - 90) < 1.0

    spiral = measure_spiral_arms(galaxy.masks["spiral_arm"], **known)
    assert spiral.n_arms == 2
    assert spiral.winding == truth.arms[0].winding
    pitch = np.mean([arm.pitch_angle_deg for arm in truth.arms])
    assert spiral.pitch_angle_deg == pytest.approx(pitch, abs=1.5)
