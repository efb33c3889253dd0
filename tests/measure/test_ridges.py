"""Cuts in azimuth and radius and the ridges they make, against the shapes they are cut from."""

import numpy as np
import pytest

from galseg import ImageFrame
from galseg.measure.evidence import Evidence
from galseg.measure.plane import LocalPlane
from galseg.measure.polar import PolarMap
from galseg.measure.ridges import trace_ridges

SHAPE = (161, 161)
FRAME = ImageFrame(SHAPE)
Y, X = np.mgrid[-80:81, -80:81]
RADIUS, AZIMUTH = np.hypot(X, Y), np.arctan2(Y, X)


def polar_map(values, threshold=0.5):
    plane = LocalPlane.at(FRAME, FRAME.centre_xy)
    return PolarMap.of(Evidence.of(values, FRAME, threshold), plane)


def test_cuts_of_an_annulus_sector_have_its_middle_and_thickness():
    sector = (np.abs(RADIUS - 50) < 6) & (np.abs(AZIMUTH) < 1)
    cuts, has_ring = polar_map(sector).cuts()
    inside = cuts.row < 40
    assert not has_ring
    assert cuts.radius[inside] == pytest.approx(50, abs=0.6)
    assert np.mean(cuts.radius[inside]) == pytest.approx(50, abs=0.1)
    assert np.mean(cuts.thickness[inside]) == pytest.approx(12, abs=0.2)


def test_two_crests_without_a_gap_are_cut_apart():
    crests = np.exp(-(((RADIUS - 40) / 5) ** 2)) + np.exp(-(((RADIUS - 56) / 5) ** 2))
    crests *= np.abs(AZIMUTH) < 1.5
    assert crests[80, 80 + 48] > 0.1
    cuts, _ = polar_map(np.minimum(crests, 1), threshold=0.1).cuts()
    assert np.median(cuts.radius[cuts.radius < 48]) == pytest.approx(40, abs=0.5)
    assert np.median(cuts.radius[cuts.radius > 48]) == pytest.approx(56, abs=0.5)


def test_a_ring_with_arms_through_it_is_left_out():
    ring = np.abs(RADIUS - 50) < 4
    arm = np.abs(np.angle(np.exp(1j * (AZIMUTH - np.log(RADIUS + 1e-9) / 0.3)))) < 0.3
    arm &= (RADIUS > 25) & (RADIUS < 78)
    cuts, has_ring = polar_map(ring | arm).cuts()
    assert has_ring
    assert not (np.abs(cuts.radius - 50) < 4).any()
    assert (cuts.radius < 46).any()
    assert (cuts.radius > 54).any()


def test_what_holds_the_centre_is_no_arm():
    ridges, has_ring = trace_ridges(polar_map(RADIUS < 30))
    assert ridges == []
    assert not has_ring


def test_specks_leave_a_ridge_whole():
    sector = (np.abs(RADIUS - 50) < 5) & (np.abs(AZIMUTH) < 1.2)
    flipped = sector ^ (np.random.default_rng(0).random(SHAPE) < 0.03)
    ridges, _ = trace_ridges(polar_map(flipped))
    longest = max(ridges, key=lambda ridge: ridge.azimuth_span)
    assert longest.azimuth_span == pytest.approx(2.4, abs=0.1)


def test_a_line_one_pixel_wide_is_not_taken_for_specks():
    line = np.zeros(SHAPE, dtype=bool)
    along = np.linspace(0, 2, 2000)
    line[
        np.rint(80 + 50 * np.sin(along)).astype(int), np.rint(80 + 50 * np.cos(along)).astype(int)
    ] = 1
    ridges, _ = trace_ridges(polar_map(line))
    assert sum(ridge.azimuth_span for ridge in ridges) > 1
