"""Bars in the light of galaxies whose bars are known."""

import numpy as np
import pytest

from galseg import ImageFrame
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.measure import MeasureFlag
from galseg.measure.bar_light import BarLight, measure_bar_light
from galseg.measure.plane import as_seen
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame

CENTRE = (104.3, 97.8)
HALF_LENGTH, WIDTH_RATIO, SCALE = 12.0, 0.3, 8.0  # arcsec
PIXELS = ImageFrame((120, 140))
STRETCH_NONE = np.eye(2)


def light_at(points, bar=1.0):
    """Exponential disc and a boxy bar with a sharp end along the first axis."""
    u, v = np.abs(points / HALF_LENGTH).T
    m = (u**3 + (v / WIDTH_RATIO) ** 3) ** (1 / 3)
    return np.exp(-np.hypot(*points.T) / SCALE) + bar * (1 - m**2).clip(0)


def galaxy(frame, centre, position_angle_deg, *, stretch=STRETCH_NONE, bar=1.0):
    y, x = np.indices(frame.shape)
    seen = as_seen(frame, np.column_stack([x.ravel(), y.ravel()]), centre) @ stretch.T
    angle = np.radians(position_angle_deg)
    along = seen @ (-np.sin(angle), np.cos(angle))
    across = seen @ (np.cos(angle), np.sin(angle))
    return light_at(np.column_stack([along, across]), bar).reshape(frame.shape)


def exact_peak():
    """Greatest A2 / A0 and its radius, integrated round fine circles."""
    radius, t = np.linspace(0.5, 15, 300), np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    circles = radius[:, None, None] * np.column_stack([np.cos(t), np.sin(t)])
    light = light_at(circles.reshape(-1, 2)).reshape(len(radius), len(t))
    a2 = 2 * (light * np.cos(2 * t)).mean(axis=1) / light.mean(axis=1)
    return a2.max(), radius[np.argmax(a2)]


@pytest.mark.parametrize("name", HOSTILE)
def test_direction_and_length_are_the_same_on_hostile_skies(name):
    frame = hostile_frame(HOSTILE[name])
    light = measure_bar_light(galaxy(frame, CENTRE, 70.0), frame=frame, centre=CENTRE)
    assert light.position_angle_deg == pytest.approx(70, abs=1)
    a2_max, r_peak = exact_peak()
    assert light.a2_max == pytest.approx(a2_max, rel=0.03)
    assert light.length_a2_arcsec == pytest.approx(2 * r_peak, abs=1.0)
    assert light.flags == MeasureFlag.AS_SEEN


def test_an_inclined_disc_is_measured_face_on():
    frame = hostile_frame(HOSTILE["mirrored and rotated"])
    face_on = measure_bar_light(galaxy(frame, CENTRE, 120.0), frame=frame, centre=CENTRE)
    known = {"inclination_deg": 50.0, "line_of_nodes_deg": 30.0}
    along = np.array([-np.sin(np.radians(30)), np.cos(np.radians(30))])
    stretch = np.eye(2) + (1 / np.cos(np.radians(50)) - 1) * (np.eye(2) - np.outer(along, along))
    image = galaxy(frame, CENTRE, 120.0, stretch=stretch)
    light = measure_bar_light(image, frame=frame, centre=CENTRE, **known)
    assert light.flags == MeasureFlag.NONE
    assert light.a2_max == pytest.approx(face_on.a2_max, rel=0.05)
    # At right angles to the line of nodes, lengths are foreshortened by cos 50.
    assert light.deprojected_over_seen == pytest.approx(1 / np.cos(np.radians(50)), rel=0.01)
    in_disc = light.length_a2_arcsec * light.deprojected_over_seen
    assert in_disc == pytest.approx(face_on.length_a2_arcsec, abs=1.5)


def test_a_disc_without_a_bar_is_flagged():
    frame = hostile_frame(HOSTILE["plain"])
    light = measure_bar_light(galaxy(frame, CENTRE, 0.0, bar=0.0), frame=frame, centre=CENTRE)
    assert light.flags == MeasureFlag.EMPTY | MeasureFlag.AS_SEEN
    assert np.isnan(light.length_a2_arcsec)


def test_missing_pixels_and_a_masked_star_change_little():
    frame = hostile_frame(HOSTILE["plain"])
    image = galaxy(frame, CENTRE, 70.0)
    whole = measure_bar_light(image, frame=frame, centre=CENTRE)
    image[100:106, 90:96] = np.nan
    light = measure_bar_light(image, frame=frame, centre=CENTRE)
    assert light.flags & MeasureFlag.NAN_PIXELS
    assert light.length_phase_arcsec == pytest.approx(whole.length_phase_arcsec, rel=0.1)
    assert light.position_angle_deg == pytest.approx(whole.position_angle_deg, abs=1.5)


def test_without_a_wcs_there_are_amplitudes_and_no_lengths():
    light = measure_bar_light(galaxy(PIXELS, PIXELS.centre_xy, 20.0), frame=PIXELS)
    assert light.a2_max > 0.3
    assert np.isnan(light.length_a2_arcsec)
    assert np.isnan(light.position_angle_deg)
    assert light.flags == MeasureFlag.NO_WCS | MeasureFlag.CENTRE_ASSUMED | MeasureFlag.AS_SEEN


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((20, 30)),
        np.ones((20, 30)),
        np.full((20, 30), -1.0),
        np.indices((20, 30)).sum(axis=0) % 2,
        np.eye(20, 30) * np.nan,
        np.where(np.indices((20, 30))[0] == 4, 1.0, np.nan),
    ],
)
def test_images_without_a_galaxy_give_a_flag(image):
    light = measure_bar_light(image, frame=ImageFrame((20, 30)))
    assert light.flags & (MeasureFlag.EMPTY | MeasureFlag.NO_DATA)
    assert np.isnan(light.a2_max)


def test_an_image_of_nothing_but_nan_has_no_data():
    light = measure_bar_light(np.full((5, 5), np.nan), frame=ImageFrame((5, 5)))
    assert light.flags & MeasureFlag.NO_DATA


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"frame": ImageFrame((4, 4))}, ShapeError, r"\(120, 140\).*\(4, 4\)"),
        ({"inclination_deg": 40.0}, ConfigError, "both"),
        ({"inclination_deg": 40.0, "line_of_nodes_deg": 1.0}, FrameError, "no WCS"),
        ({"centre": (np.nan, 3.0)}, ConfigError, "centre"),
    ],
)
def test_bad_arguments_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        measure_bar_light(np.ones(PIXELS.shape), **{"frame": PIXELS, **options})


@pytest.mark.slow
def test_the_definitions_bracket_the_bar():
    pytest.importorskip("photutils")
    frame = hostile_frame(HOSTILE["rotated"], (140, 150))
    centre = (74.2, 70.4)
    image = galaxy(frame, centre, 35.0)
    light = measure_bar_light(image, frame=frame, centre=centre, isophotes=True)
    assert isinstance(light, BarLight)
    true = 2 * HALF_LENGTH
    assert light.length_a2_arcsec < true < 1.3 * light.length_phase_arcsec
    assert 0.5 < light.length_max_ellipticity_arcsec / true < 1.05
    assert 0.3 < light.max_ellipticity < 0.8
