"""Views of one galaxy: moved together, degraded as a telescope would, repeatable."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from galseg.dataset.augment import SkyAugmentation
from galseg.dataset.simulate import simulate_galaxy
from galseg.dataset.transforms import on_grid, stretched
from galseg.errors import ConfigError
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage

STILL = {
    "rotate": False,
    "zoom": 1,
    "shift": 0,
    "blur": 0,
    "noise": 0,
    "softening": 1,
    "star_masks": 0,
}
SIDE = 64


@pytest.fixture(scope="module")
def galaxy():
    simulated = simulate_galaxy(11, shape=(SIDE, SIDE), morphology="barred spiral", n_arms=2)
    image = GalaxyImage("J1", simulated.image[np.newaxis], ImageFrame((SIDE, SIDE)))
    return on_grid(image, side=SIDE), simulated.masks["bar"][np.newaxis].astype(np.float32)


def view_of(galaxy, seed=0, **changes):
    return SkyAugmentation(**{**STILL, **changes})(*galaxy, rng=np.random.default_rng(seed))


def test_switched_off_it_changes_nothing(galaxy):
    image, maps = galaxy
    view = view_of(galaxy)
    np.testing.assert_allclose(view.values, stretched(image.pixels, display=False), atol=1e-6)
    np.testing.assert_array_equal(view.maps, maps)
    np.testing.assert_array_equal(view.observed, image.observed)


def test_the_same_numbers_make_the_same_view_and_others_another(galaxy):
    first, again, other = (
        SkyAugmentation()(*galaxy, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.values, again.values)
    assert np.abs(first.values - other.values).max() > 0.1


@given(seed=st.integers(0, 10**6))
def test_what_was_drawn_moves_with_the_galaxy(galaxy, seed):
    """A map that is the image itself has its light where the image has it."""
    image, _ = galaxy
    view = SkyAugmentation(blur=0, noise=0, softening=1, star_masks=0)(
        image, image.pixels, rng=np.random.default_rng(seed)
    )
    inside = ndimage.binary_erosion(view.observed, iterations=3)
    as_stretched = stretched(np.where(inside, view.maps, np.nan), display=False)[0][inside]
    assert np.corrcoef(as_stretched, view.values[0][inside])[0, 1] > 0.99


@given(seed=st.integers(0, 10**6))
def test_the_area_drawn_changes_as_the_zoom_squared(galaxy, seed):
    _, maps = galaxy
    view = view_of(galaxy, seed, rotate=True, zoom=1.5)
    zoom = 1.5 ** _zoom_exponent(seed)
    assert view.maps.sum() == pytest.approx(maps.sum() * zoom**2, rel=0.05)


def _zoom_exponent(seed):
    rng = np.random.default_rng(seed)
    rng.uniform(0, 2 * np.pi)
    rng.choice([-1.0, 1.0])
    return rng.uniform(-1, 1)


def test_half_of_the_views_are_mirrored_and_every_angle_comes(galaxy):
    y, x = np.indices((SIDE, SIDE), dtype=np.float32)
    middle, signs, quadrants = SIDE // 2, [], set()
    for seed in range(60):
        moved_x, moved_y = view_of((galaxy[0], np.stack([x, y])), seed, rotate=True).maps
        (dx_dy, dx_dx), (dy_dy, dy_dx) = (
            (plane[middle + 1, middle] - plane[middle, middle],
             plane[middle, middle + 1] - plane[middle, middle])
            for plane in (moved_x, moved_y)
        )  # fmt: skip
        determinant = dx_dx * dy_dy - dx_dy * dy_dx
        assert abs(determinant) == pytest.approx(1, abs=0.02)
        signs.append(determinant > 0)
        quadrants.add((dx_dx > 0, dx_dy > 0))
    assert 15 < sum(signs) < 45
    assert len(quadrants) == 4


def test_noise_and_blur_are_as_strong_as_was_asked():
    rng = np.random.default_rng(0)
    sky = GalaxyImage(
        "J1", rng.normal(0, 1, (1, 128, 128)).astype(np.float32), ImageFrame((128, 128))
    )
    image = on_grid(sky, side=128)
    empty = np.zeros((0, 128, 128), dtype=np.float32)
    augmentation = SkyAugmentation(**{**STILL, "noise": 2.0})
    spreads = []
    for seed in range(40):
        pixels = augmentation._degraded(image.pixels, np.random.default_rng(seed))
        spreads.append(np.std(pixels - image.pixels))
    assert max(spreads) == pytest.approx(2, abs=0.15)
    assert np.mean(spreads) == pytest.approx(1, abs=0.25)
    assert augmentation(image, empty, rng=np.random.default_rng(5)).maps.shape == (0, 128, 128)


def test_holes_are_filled_and_not_observed(galaxy):
    image, _ = galaxy
    view = next(
        view
        for seed in range(20)
        if not (view := view_of(galaxy, seed, star_masks=3)).observed.all()
    )
    assert 0 < (~view.observed).sum() < 0.1 * SIDE**2
    assert np.isfinite(view.values).all()
    unchanged = stretched(image.pixels, display=False)
    np.testing.assert_allclose(
        view.values[0][view.observed], unchanged[0][view.observed], atol=0.02
    )


@pytest.mark.parametrize(
    "option", [{"zoom": 0.5}, {"shift": -1}, {"softening": 0}, {"noise": np.nan}]
)
def test_numbers_out_of_range_are_named(option):
    with pytest.raises(ConfigError, match=next(iter(option))):
        SkyAugmentation(**option)
