"""Ellipses, against their exact shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.measure.ellipse import Ellipse

T = np.linspace(0, 2 * np.pi, 720, endpoint=False)
CIRCLE = np.column_stack([np.cos(T), np.sin(T)])


def ellipse_of(centre, major, minor, direction_deg):
    t = np.radians(direction_deg)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    return Ellipse(np.asarray(centre, dtype=float), turn @ np.diag([major, minor]))


def outline_of(ellipse):
    return ellipse.centre + CIRCLE @ ellipse.matrix.T


@given(st.floats(-50, 50), st.floats(1, 90), st.floats(0.05, 0.95), st.floats(0, 180))
def test_an_outline_gives_its_ellipse_back(x, major, ratio, direction):
    true = ellipse_of((x, 7), major, ratio * major, direction)
    found = Ellipse.from_outline(outline_of(true))
    np.testing.assert_allclose(found.centre, (x, 7), atol=1e-4 * major)
    np.testing.assert_allclose(found.semi_axes, (major, ratio * major), rtol=1e-3)
    expected = (1 - ratio) * np.array([np.cos(t := np.radians(2 * direction)), np.sin(t)])
    np.testing.assert_allclose(found.shape, expected, atol=2e-3)


def test_the_way_round_an_outline_does_not_matter():
    corners = outline_of(ellipse_of((3, 4), 8, 5, 30))
    here, back = Ellipse.from_outline(corners), Ellipse.from_outline(corners[::-1])
    np.testing.assert_allclose(here.shape, back.shape, atol=1e-6)


def test_points_on_the_ellipse_come_to_the_unit_circle():
    ellipse = ellipse_of((3, -4), 8, 5, 30)
    np.testing.assert_allclose(ellipse.to_circle(outline_of(ellipse)), CIRCLE, atol=1e-12)


@pytest.mark.parametrize(
    "true",
    [
        ellipse_of((0.05, -0.02), 1.0, 1.0, 0),
        ellipse_of((0, 0), 1.04, 1.0, 0),
        ellipse_of((0, 0), 1.02, 0.98, 60),
    ],
)
def test_small_waves_bend_a_circle_into_the_ellipse_that_has_them(true):
    points = outline_of(true)
    radius, t = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
    basis = [np.ones_like(t)] + [f(k * t) for k in (1, 2) for f in (np.cos, np.sin)]
    waves = np.linalg.lstsq(np.stack(basis, axis=1), radius, rcond=None)[0]
    bent = Ellipse(np.zeros(2), np.eye(2)).bent(waves)
    np.testing.assert_allclose(bent.centre, true.centre, atol=2e-3)
    np.testing.assert_allclose(bent.semi_axes, true.semi_axes, atol=2e-3)
    np.testing.assert_allclose(bent.shape, true.shape, atol=3e-3)
