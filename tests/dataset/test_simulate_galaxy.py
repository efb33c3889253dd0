"""Simulated galaxies: is the truth true of the masks, on the sky?"""

import numpy as np
import pytest
import shapely
from astropy.io import fits

from galseg.dataset.simulate import simulate_galaxy
from galseg.dataset.simulate.plane import GalaxyPlane
from galseg.errors import ConfigError, FrameError
from galseg.frame import ImageFrame

SEEDS = range(6)


def barred(seed, **options):
    return simulate_galaxy(seed, morphology="barred spiral", n_arms=2, tidal=(), **options)


def on_sky(galaxy, xy):
    """Offsets east and north of the galaxy in arcsec, through the WCS."""
    return galaxy.frame.to_offsets_arcsec(xy, galaxy.truth.centre_xy)


def in_disc(galaxy, xy):
    """Polar coordinates in the plane of the disc: the textbook formula, from the sky."""
    east, north = on_sky(galaxy, xy).T
    nodes, tilt = np.radians([galaxy.truth.line_of_nodes_deg, galaxy.truth.inclination_deg])
    along = east * np.sin(nodes) + north * np.cos(nodes)
    across = (east * np.cos(nodes) - north * np.sin(nodes)) / np.cos(tilt)
    return np.hypot(along, across), np.arctan2(across, along)


def centre_line(outline):
    """Half way between the two edges of a ribbon."""
    ring = np.array(outline.exterior.coords[:-1])
    n = len(ring) // 2 + 1
    return (ring[1 : n - 1] + ring[n:][::-1]) / 2


def test_the_same_seed_gives_the_same_bits():
    one, two, other = simulate_galaxy(5), simulate_galaxy(5), simulate_galaxy(6)
    np.testing.assert_array_equal(one.image, two.image)
    assert one.truth == two.truth
    assert one.outlines == two.outlines
    assert not np.array_equal(one.image, other.image)


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_have_the_area_of_their_outlines(seed):
    galaxy = barred(seed, shape=(300, 280))
    for feature in ("bar", "spiral_arm"):
        outline = shapely.union_all([o.buffer(0) for o in galaxy.outlines[feature]])
        assert galaxy.masks[feature].sum() == pytest.approx(outline.area, rel=0.03)
    assert not galaxy.masks["tidal"].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bar_mask_is_as_long_and_wide_as_the_truth_says(seed):
    galaxy = barred(seed, shape=(300, 280))
    bar = galaxy.truth.bar
    y, x = np.nonzero(galaxy.masks["bar"])
    offsets = on_sky(galaxy, np.column_stack([x, y]))
    angle = np.radians(bar.position_angle_deg)
    pixel = galaxy.frame.pixel_scale_arcsec
    for axis, extent in ((angle, bar.length_arcsec), (angle + np.pi / 2, bar.width_arcsec)):
        place = offsets @ [np.sin(axis), np.cos(axis)]
        assert np.ptp(place) == pytest.approx(extent, abs=1.5 * pixel)
    assert bar.length_pix == pytest.approx(bar.length_arcsec / pixel, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bar_has_its_deprojected_length_in_the_plane_of_the_disc(seed):
    galaxy = barred(seed)
    (outline,) = galaxy.outlines["bar"]
    radius, azimuth = in_disc(galaxy, np.array(outline.exterior.coords[:-1]))
    xy = radius[:, None] * np.column_stack([np.cos(azimuth), np.sin(azimuth)])
    along = np.linalg.svd(xy, full_matrices=False)[2][0]
    assert np.ptp(xy @ along) == pytest.approx(galaxy.truth.bar.length_deprojected_arcsec)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bar_mask_points_along_its_position_angle(seed):
    galaxy = barred(seed, shape=(300, 280))
    y, x = np.nonzero(galaxy.masks["bar"])
    east, north = np.linalg.eigh(np.cov(on_sky(galaxy, np.column_stack([x, y])).T))[1][:, 1]
    difference = np.degrees(np.arctan2(east, north)) - galaxy.truth.bar.position_angle_deg
    assert (difference + 90) % 180 - 90 == pytest.approx(0, abs=1)


def test_a_face_on_bar_is_as_long_as_it_is():
    bar = barred(1, inclination_deg=0.0).truth.bar
    assert bar.length_arcsec == pytest.approx(bar.length_deprojected_arcsec, rel=1e-6)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_arms_are_log_spirals_on_the_sky(seed, mirrored):
    galaxy = barred(seed, mirrored=mirrored)
    assert galaxy.frame.is_mirrored == mirrored
    for arm, outline in zip(galaxy.truth.arms, galaxy.outlines["spiral_arm"], strict=True):
        radius, azimuth = in_disc(galaxy, centre_line(outline))
        azimuth = np.unwrap(azimuth)
        sense = -1 if arm.winding == "S" else 1  # S: clockwise with north up, east left
        turned = sense * (azimuth - np.radians(arm.azimuth_deg))
        turned -= 2 * np.pi * np.round(turned[0] / (2 * np.pi))
        expected = arm.r_inner_arcsec * np.exp(turned * np.tan(np.radians(arm.pitch_angle_deg)))
        np.testing.assert_allclose(radius, expected, rtol=1e-6)
        assert radius.max() < arm.r_outer_arcsec < 1.02 * radius.max()


def test_a_mirrored_image_winds_the_other_way_in_pixels_only():
    plain, mirrored = (barred(4, mirrored=m) for m in (False, True))
    assert plain.truth.arms[0].winding == mirrored.truth.arms[0].winding

    def turn_in_pixels(galaxy):
        x, y = (centre_line(galaxy.outlines["spiral_arm"][0]) - galaxy.truth.centre_xy).T
        angle = np.unwrap(np.arctan2(y, x))
        return angle[-1] - angle[0]

    assert turn_in_pixels(plain) * turn_in_pixels(mirrored) < 0


def test_structures_shine_where_their_masks_are():
    galaxy = simulate_galaxy(3021, morphology="elliptical", tidal=("stream",))
    stream = galaxy.masks["tidal"]
    (truth,) = galaxy.truth.tidal
    ring = on_sky(galaxy, np.argwhere(np.ones_like(stream))[:, ::-1])
    distance = np.hypot(*ring.T).reshape(stream.shape)
    beside = ~stream & (distance > distance[stream].min()) & (distance < distance[stream].max())
    excess = np.median(galaxy.image[stream]) - np.median(galaxy.image[beside])
    assert truth.contrast > 1
    assert excess > galaxy.truth.sky_noise


def test_kinds_have_the_structures_they_should():
    for morphology, bar, arms in (
        ("spiral", False, True),
        ("barred spiral", True, True),
        ("barred disc", True, False),
        ("disc", False, False),
        ("elliptical", False, False),
        ("blank", False, False),
    ):
        galaxy = simulate_galaxy(2, shape=(64, 64), morphology=morphology, tidal=())
        assert galaxy.masks["bar"].any() == bar == (galaxy.truth.bar is not None)
        assert galaxy.masks["spiral_arm"].any() == arms == bool(galaxy.truth.arms)
    assert np.isnan(galaxy.truth.inclination_deg)


def test_an_empty_sky_has_the_noise_it_is_said_to_have():
    galaxy = simulate_galaxy(8, morphology="blank")
    spread = 1.4826 * np.median(np.abs(galaxy.image - np.median(galaxy.image)))
    assert spread == pytest.approx(galaxy.truth.sky_noise, rel=0.03)


def test_drawn_galaxies_are_of_every_kind():
    kinds = {simulate_galaxy(seed, shape=(32, 32)).truth.morphology for seed in range(80)}
    assert len(kinds) == 6


def test_real_and_simulated_galaxies_are_alike_in_depth_and_size(shared_data):
    def depth_and_size(image):
        """Peak over the noise at the edge; radius of half the light over the image's side."""
        image = np.nan_to_num(image.astype(float))
        edge = np.concatenate([image[:4].ravel(), image[-4:].ravel()])
        low, sky, high = np.percentile(edge, [16, 50, 84])
        y, x = np.indices(image.shape)
        radius = np.hypot(x - image.shape[1] / 2, y - image.shape[0] / 2)
        order = np.argsort(radius[radius < image.shape[0] / 2])
        light = np.cumsum((image - sky)[radius < image.shape[0] / 2][order])
        half = np.sort(radius.ravel())[np.searchsorted(light, light[-1] / 2)]
        return (np.percentile(image, 99.95) - sky) / (high - low) * 2, half / image.shape[0]

    files = sorted((shared_data / "galaxy-builder" / "images").glob("*.fits"))[::4]
    real = [depth_and_size(fits.getdata(file)) for file in files]
    kinds = ("spiral", "barred spiral")
    simulated = [
        depth_and_size(simulate_galaxy(s, shape=(140, 140), morphology=kinds[s % 2]).image)
        for s in range(40)
    ]
    ratio = np.median(simulated, axis=0) / np.median(real, axis=0)
    assert ratio == pytest.approx(1, abs=0.35)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": (16, 300)}, "at least 32"),
        ({"morphology": "spirals"}, "did you mean 'spiral'"),
        ({"n_arms": 0}, "1 to 4"),
        ({"tidal": ["tails"]}, "did you mean 'tail'"),
        ({"inclination_deg": 90}, "0 to 75"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        simulate_galaxy(0, **options)


def test_a_plane_needs_a_sky():
    with pytest.raises(FrameError, match="WCS"):
        _ = GalaxyPlane(ImageFrame((9, 9))).centre_xy
