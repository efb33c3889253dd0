"""What is known of a galaxy, and how it is drawn within its errors."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.cosmology import FlatLambdaCDM
from astropy.table import MaskedColumn, Table
from hypothesis import given
from hypothesis import strategies as st

from galseg import ImageFrame
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.measure import Host, MeasureFlag, hosts_from_table
from galseg.measure.host import disc_stretch, kpc_per_arcsec, pixel_of
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame

KNOWN = Host(
    redshift=0.03,
    redshift_err=0.001,
    distance_mpc=130.0,
    distance_mpc_err=9.0,
    inclination_deg=45.0,
    inclination_deg_err=4.0,
    line_of_nodes_deg=90.0,
    line_of_nodes_deg_err=7.0,
    disc_radius_arcsec=30.0,
    disc_radius_arcsec_err=2.0,
)
NUMBERS = ("redshift", "distance_mpc", "inclination_deg", "line_of_nodes_deg", "disc_radius_arcsec")


def many(host, n=2000, **options):
    rng = np.random.default_rng(8)
    return [host.drawn(rng, **options) for _ in range(n)]


@pytest.mark.parametrize("name", NUMBERS)
def test_draws_scatter_by_the_error(name):
    values = [getattr(host, name) for host in many(KNOWN)]
    err = getattr(KNOWN, f"{name}_err")
    assert np.mean(values) == pytest.approx(getattr(KNOWN, name), abs=0.1 * err)
    assert np.std(values) == pytest.approx(err, rel=0.1)


def test_the_same_generator_draws_the_same_galaxy():
    assert KNOWN.drawn(np.random.default_rng(3)) == KNOWN.drawn(np.random.default_rng(3))
    assert KNOWN.drawn(np.random.default_rng(3)) != KNOWN.drawn(np.random.default_rng(4))


def test_one_property_is_drawn_alike_whatever_else_is_known():
    alone = Host(disc_radius_arcsec=30.0, disc_radius_arcsec_err=2.0)
    together = KNOWN.drawn(np.random.default_rng(3))
    assert alone.drawn(np.random.default_rng(3)).disc_radius_arcsec == together.disc_radius_arcsec


def test_what_has_no_error_or_no_value_stays():
    host = Host(redshift=0.03, inclination_deg_err=3.0, centre=(3.0, 4.0))
    assert host.drawn(np.random.default_rng(0)) == host


@given(st.floats(0, 89.9), st.floats(0, 90), st.floats(0.01, 100), st.integers(0, 50))
def test_draws_stay_in_their_range(inclination, err, distance, seed):
    host = Host(
        redshift=1e-3,
        redshift_err=0.01,
        distance_mpc=distance,
        distance_mpc_err=distance,
        inclination_deg=inclination,
        inclination_deg_err=err,
        line_of_nodes_deg=1.0,
        line_of_nodes_deg_err=err,
    ).drawn(np.random.default_rng(seed))
    assert 0 <= host.inclination_deg < 90
    assert 0 <= host.line_of_nodes_deg < 180
    assert host.distance_mpc > 0
    assert host.redshift > 0


def test_a_bad_redshift_stays_bad():
    host = Host(redshift=-0.01, redshift_err=0.1).drawn(np.random.default_rng(0))
    assert host.redshift == -0.01
    assert kpc_per_arcsec(host.redshift)[1] == MeasureFlag.BAD_REDSHIFT


@pytest.mark.parametrize("name", ["plain", "sheared", "mirrored and rotated", "SIP", "galactic"])
def test_a_centre_scatters_alike_on_the_sky_and_in_pixels(name):
    frame = hostile_frame(HOSTILE[name])
    in_pixels = many(Host(centre=(80.0, 90.0), centre_arcsec_err=1.5), 600, frame=frame)
    offsets = frame.to_offsets_arcsec([host.centre for host in in_pixels], (80.0, 90.0))
    np.testing.assert_allclose(offsets.mean(axis=0), 0, atol=0.2)
    np.testing.assert_allclose(np.cov(offsets.T), 1.5**2 * np.eye(2), atol=0.4)
    on_sky = Host(centre=frame.to_sky([(80.0, 90.0)])[0], centre_arcsec_err=1.5)
    for one, other in zip(in_pixels, many(on_sky, 5), strict=False):
        np.testing.assert_allclose(pixel_of(other.centre, frame), one.centre, atol=5e-3)


def test_a_centre_in_pixels_moves_only_where_arcsec_are_known():
    host = Host(centre=(5.0, 5.0), centre_arcsec_err=1.0)
    for frame in (None, ImageFrame((9, 9))):
        with pytest.raises(FrameError, match="centre_arcsec_err"):
            host.drawn(np.random.default_rng(0), frame=frame)


def test_a_table_gives_hosts_and_leaves_out_what_is_missing():
    table = Table(
        {
            "galaxy_id": ["a", "b"],
            "redshift": MaskedColumn([0.02, 0.03], mask=[False, True]),
            "inclination_deg": [np.nan, 40.0],
            "inclination_deg_err": [np.nan, 3.0],
            "ra_deg": [10.0, np.nan],
            "dec_deg": [-5.0, 2.0],
        }
    )
    hosts = hosts_from_table(table)
    assert (hosts["a"].redshift, hosts["a"].inclination_deg) == (0.02, None)
    assert hosts["a"].centre.dec.deg == -5
    assert hosts["b"] == Host(inclination_deg=40.0, inclination_deg_err=3.0)
    with pytest.raises(ShapeError, match="galaxy_id"):
        hosts_from_table(table["redshift",])


@pytest.mark.parametrize("redshift", [0, -0.001, np.nan, np.inf])
def test_a_redshift_that_gives_no_distance_is_flagged(redshift):
    scale, flags = kpc_per_arcsec(redshift)
    assert np.isnan(scale)
    assert flags == MeasureFlag.BAD_REDSHIFT


def test_lengths_follow_the_distance_or_the_cosmology():
    einstein_de_sitter = FlatLambdaCDM(H0=70, Om0=1)
    z = 0.5
    comoving = 2 * 299792.458 / 70 * (1 - 1 / np.sqrt(1 + z))
    expected = np.radians(comoving / (1 + z) * 1000 / 3600)
    assert kpc_per_arcsec(z, cosmology=einstein_de_sitter)[0] == pytest.approx(expected, rel=1e-3)
    assert kpc_per_arcsec(None, distance_mpc=206.264806)[0] == pytest.approx(1)
    assert kpc_per_arcsec(-1, distance_mpc=206.264806)[1] == MeasureFlag.NONE
    for distance in (0, -3, np.nan):
        with pytest.raises(ConfigError, match="distance_mpc"):
            kpc_per_arcsec(None, distance_mpc=distance)


def test_half_a_disc_or_a_disc_without_north_is_refused():
    frame = hostile_frame({})
    with pytest.raises(ConfigError, match="both"):
        disc_stretch(frame, 30.0, None)
    with pytest.raises(FrameError, match="north"):
        disc_stretch(ImageFrame((9, 9)), 30.0, 20.0)
    assert disc_stretch(frame, 65.0, 20.0)[1] == MeasureFlag.HIGH_INCLINATION


def test_a_centre_that_is_nowhere_is_refused():
    frame = hostile_frame({})
    antipode = frame.to_sky([frame.centre_xy])[0].directional_offset_by(0, np.pi)
    with pytest.raises(FrameError, match="not on this image"):
        pixel_of(antipode, frame)
    with pytest.raises(FrameError, match="no WCS"):
        pixel_of(SkyCoord(1, 2, unit="deg"), ImageFrame((9, 9)))
    for centre in ((1.0,), (np.nan, 2.0)):
        with pytest.raises(ConfigError, match="centre"):
            pixel_of(centre, frame)
