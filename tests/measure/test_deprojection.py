"""The disc's plane, against rotations in three dimensions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from galseg.errors import ConfigError, ShapeError
from galseg.measure import deproject_offsets, deprojection_matrix, inclination_from_axis_ratio

angles = st.floats(0, 360)


@given(st.floats(0, 85), angles, angles, st.floats(0.1, 100))
def test_points_of_a_tilted_disc_come_back_to_their_radius(inclination, nodes, azimuth, radius):
    # East is x, north is y; the line of nodes lies at position angle `nodes`.
    along = np.array([np.sin(np.radians(nodes)), np.cos(np.radians(nodes)), 0])
    turn = np.radians(azimuth)
    in_disc = radius * np.array([np.cos(turn), np.sin(turn), 0])
    seen = Rotation.from_rotvec(np.radians(inclination) * along).apply(in_disc)
    back = deproject_offsets([seen[:2]], inclination_deg=inclination, line_of_nodes_deg=nodes)
    np.testing.assert_allclose(back, [in_disc[:2]], atol=1e-9 * radius)


def test_face_on_changes_nothing():
    np.testing.assert_allclose(deprojection_matrix(0, 37), np.eye(2), atol=1e-15)


@given(st.floats(0, 90), st.floats(0, 0.5))
def test_inclination_undoes_the_axis_ratio_of_a_thick_disc(inclination, thickness):
    cos2 = np.cos(np.radians(inclination)) ** 2
    q = np.sqrt(cos2 * (1 - thickness**2) + thickness**2)
    if q > 1e-3:
        found = inclination_from_axis_ratio(min(q, 1.0), disc_thickness=thickness)
        assert found == pytest.approx(inclination, abs=1e-4)


@pytest.mark.parametrize("inclination", [-1, 90, np.nan])
def test_bad_angles_are_refused(inclination):
    with pytest.raises(ConfigError, match="inclination_deg"):
        deprojection_matrix(inclination, 0)
    with pytest.raises(ConfigError, match="line_of_nodes_deg"):
        deprojection_matrix(20, np.inf)


@pytest.mark.parametrize(("q", "thickness"), [(0, 0.2), (1.2, 0.2), (0.5, 1.0), (0.5, -0.1)])
def test_bad_axis_ratios_are_refused(q, thickness):
    with pytest.raises(ConfigError):
        inclination_from_axis_ratio(q, disc_thickness=thickness)


def test_bad_shapes_are_refused():
    with pytest.raises(ShapeError, match=r"\(N, 2\)"):
        deproject_offsets([1, 2], inclination_deg=0, line_of_nodes_deg=0)
