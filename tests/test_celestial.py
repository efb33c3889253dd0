"""Directions as vectors, against astropy's coordinates."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, ICRS, ITRS, FK4NoETerms, Galactic, SkyCoord
from astropy.time import Time

from galseg.celestial import (
    FrameChange,
    directions_of,
    lon_lat_of,
    separation_arcsec,
    tangent_offsets_arcsec,
)
from galseg.errors import FrameError

FRAMES = [
    ICRS(),
    Galactic(),
    FK5(),
    FK5(equinox="J1975"),
    FK5(equinox="J2050"),
    FK4(),
    FK4(equinox="B1975"),
    FK4(equinox="B1900", obstime=Time("J1983.5")),
    FK4NoETerms(equinox="B1950"),
]
RNG = np.random.default_rng(5)
PLACES = np.column_stack([RNG.uniform(0, 360, 400), np.degrees(np.arcsin(RNG.uniform(-1, 1, 400)))])
PLACES[:4] = [0, 90], [12, -90], [0, 0], [360, 30]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f"{f.name} {getattr(f, 'equinox', '')}")
def test_the_change_to_icrs_is_astropys_over_the_whole_sky(frame):
    found = SkyCoord(lon_lat_of(FrameChange.of(frame).to_icrs(directions_of(PLACES))), unit="deg")
    expected = SkyCoord(PLACES, unit="deg", frame=frame).icrs
    assert found.separation(expected).arcsec.max() < 1e-9


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f"{f.name} {getattr(f, 'equinox', '')}")
def test_the_change_from_icrs_undoes_it(frame):
    change = FrameChange.of(frame)
    there = change.to_icrs(directions_of(PLACES))
    back = change.from_icrs(there / np.linalg.norm(there, axis=1, keepdims=True))
    assert separation_arcsec(back, directions_of(PLACES)).max() < 1e-6


def test_a_frame_without_a_fixed_place_is_refused():
    with pytest.raises(FrameError, match="itrs"):
        FrameChange.of(ITRS())


def test_longitudes_and_latitudes_come_back():
    np.testing.assert_allclose(lon_lat_of(directions_of(PLACES[2:])) % 360, PLACES[2:] % 360)
    assert lon_lat_of(np.array([[1.0, -1e-20, 0.0]]))[0, 0] == 0


@pytest.mark.parametrize("distance_deg", [1e-10, 1e-4, 1.0, 90.0, 179.9999])
def test_separation_is_exact_near_and_far(distance_deg):
    start = SkyCoord(PLACES, unit="deg")
    end = start.directional_offset_by(np.arange(len(PLACES)) * u.deg, distance_deg * u.deg)
    ends = np.column_stack([end.ra.deg, end.dec.deg])
    np.testing.assert_allclose(
        separation_arcsec(directions_of(PLACES), directions_of(ends)),
        start.separation(end).arcsec,
        atol=1e-9,
    )


def test_offsets_point_where_astropy_says():
    origin = SkyCoord(PLACES[4:], unit="deg")
    angle = np.linspace(0, 359, len(origin))
    end = origin.directional_offset_by(angle * u.deg, 1 * u.arcmin)
    directions = directions_of(np.column_stack([end.ra.deg, end.dec.deg]))
    east, north = tangent_offsets_arcsec(directions, 3 * directions_of(PLACES[4:])).T
    np.testing.assert_allclose(np.degrees(np.arctan2(east, north)) % 360, angle, atol=1e-7)
    tangent = np.degrees(np.tan(np.radians(1 / 60))) * 3600
    np.testing.assert_allclose(np.hypot(east, north), tangent, rtol=1e-9)
