"""Images of any kind to maps on their own grid."""

import numpy as np
import pytest
import torch
from astropy.wcs import WCS
from scipy.ndimage import shift
from torch import nn

from galseg.dataset import simulate_galaxy
from galseg.errors import ConfigError, ModelError, ShapeError
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage
from galseg.predict import Segmenter, load_model
from tests.predict.tiny import make_card, make_network


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter(make_network(), make_card())


class Echo(nn.Module):
    """A network that marks what is bright."""

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(()))

    def forward(self, image):
        return torch.logit(image, eps=1e-6)


@pytest.fixture(scope="module")
def echo():
    card = make_card(
        features=("bar",), temperatures={"bar": 1.0}, thresholds={"bar": 0.5}, dropout=0.0
    )
    return Segmenter(Echo(), card)


def star(shape, x, y, sigma=8.0):
    yy, xx = np.mgrid[: shape[0], : shape[1]]
    noise = np.random.default_rng(0).normal(0, 1e-3, shape)
    return (np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * sigma**2)) + noise).astype(np.float32)


def centroid(mask):
    y, x = np.nonzero(mask)
    return np.array([x.mean(), y.mean()])


@pytest.mark.parametrize("shape", [(150, 150), (211, 130), (64, 64), (50, 61), (301, 400)], ids=str)
def test_maps_lie_where_the_image_does(echo, shape):
    x, y = 0.6 * shape[1], 0.45 * shape[0]
    prediction = echo.predict(star(shape, x, y, sigma=0.06 * max(shape)))
    assert np.abs(centroid(prediction.mask("bar")) - [x, y]).max() < 0.5


@pytest.mark.parametrize("step", [(3, 0), (-2.5, 4.25)])
def test_a_shifted_image_gives_a_shifted_map(echo, step):
    image = star((160, 160), 80, 75)
    moved = shift(image, step[::-1], order=3)
    before, after = (centroid(echo.predict(one).mask("bar")) for one in (image, moved))
    np.testing.assert_allclose(after - before, step, atol=0.5)


def test_arrays_and_galaxy_images_and_lists_agree(segmenter):
    galaxies = [simulate_galaxy(n, shape=shape) for n, shape in enumerate([(64, 64), (80, 50)])]
    together = segmenter.predict(
        [galaxy.image for galaxy in galaxies], frame=[galaxy.frame for galaxy in galaxies]
    )
    for galaxy, prediction in zip(galaxies, together, strict=True):
        assert prediction.frame is galaxy.frame
        assert prediction.features == ("bar", "tidal")
        image = GalaxyImage("J1", galaxy.image[np.newaxis], galaxy.frame)
        alone = segmenter.predict(image)
        assert alone.galaxy_id == "J1"
        np.testing.assert_allclose(alone.probability, prediction.probability, atol=1e-5)
    assert together[0].samples is None
    assert dict(together[0].thresholds) == {"bar": 0.3, "tidal": 0.2}
    assert segmenter.predict([]) == []


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", ">f4", "f8"])
def test_any_number_type_gives_the_same_map(segmenter, dtype):
    image = (200 * star((64, 64), 30, 34)).clip(0).astype(np.uint8)
    expected = segmenter.predict(image.astype(np.float32)).probability
    np.testing.assert_array_equal(segmenter.predict(image.astype(dtype)).probability, expected)


def test_missing_pixels_are_missing_in_the_map(segmenter):
    image = star((64, 80), 30, 34)
    image[5:9, 7:30] = np.nan
    maps = segmenter.predict(image).probability
    np.testing.assert_array_equal(np.isnan(maps), np.broadcast_to(np.isnan(image), maps.shape))


def test_draws_differ_and_repeat(segmenter):
    image = simulate_galaxy(3, shape=(64, 64)).image
    drawn = segmenter.predict(image, n_samples=20)
    again = segmenter.predict([image[:50], image], n_samples=20)[1]
    plain = segmenter.predict(image)
    assert drawn.samples.shape == (20, 2, 64, 64)
    assert drawn.samples.std(axis=0).max() > 0
    np.testing.assert_allclose(drawn.samples, again.samples, atol=1e-6)
    np.testing.assert_allclose(drawn.probability, plain.probability, atol=1e-6)
    other = segmenter.predict(image, n_samples=2, seed=1)
    assert not np.allclose(other.samples, drawn.samples[:2])


def test_predictions_repeat_bit_for_bit(segmenter):
    images = [simulate_galaxy(n, shape=(64, 70)).image for n in range(3)]
    first, second = (segmenter.predict(images, n_samples=3) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.probability, other.probability)
        np.testing.assert_array_equal(one.samples, other.samples)


def test_neighbours_in_the_list_do_not_matter(segmenter):
    images = [simulate_galaxy(n, shape=(60 + n, 64)).image for n in range(18)]  # over one batch
    together = segmenter.predict(images)
    for n in (0, 7, 15, 16, 17):
        alone = segmenter.predict(images[n]).probability
        np.testing.assert_allclose(together[n].probability, alone, atol=1e-5)


def test_logits_are_divided_by_the_temperatures():
    image = simulate_galaxy(3, shape=(64, 64)).image
    cards = make_card(), make_card(temperatures={"bar": 2.0, "tidal": 0.5})
    plain, cooled = (Segmenter(make_network(), card).predict(image, n_samples=2) for card in cards)
    for name in ("probability", "samples"):
        before, after = (torch.logit(torch.tensor(getattr(p, name))) for p in (plain, cooled))
        np.testing.assert_allclose(after[..., 0, :, :], before[..., 0, :, :] / 2, atol=1e-4)
        np.testing.assert_allclose(after[..., 1, :, :], before[..., 1, :, :] / 0.5, atol=1e-3)


def test_one_pixel_is_an_image(segmenter):
    assert np.isfinite(segmenter.predict(np.ones((1, 1))).probability).all()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((9, 9), np.nan), "no finite pixel"),
        (np.zeros((3, 9, 9)), "takes 1 band.* has 3"),
        (np.zeros(9), r"got \(9,\)"),
        (np.zeros((1, 1, 9, 9)), "as a list"),
        (np.zeros((0, 9)), r"\(0, 9\)"),
        (np.zeros((9, 9), dtype=complex), "complex"),
        (np.full((9, 9), "a"), "real numbers"),
        (np.broadcast_to(np.float32(0), (20_000, 20_000)), "20000 x 20000"),
    ],
)
def test_what_is_no_image_is_refused(segmenter, image, message):
    with pytest.raises(ShapeError, match=message):
        segmenter.predict(image)


def test_frames_must_fit(segmenter):
    image = np.zeros((9, 9))
    with pytest.raises(ShapeError, match="bands"):
        segmenter.predict(image, frame=ImageFrame((8, 9)))
    with pytest.raises(ShapeError, match="2 images but 1 frames"):
        segmenter.predict([image, image], frame=[ImageFrame((9, 9))])
    with pytest.raises(ShapeError, match="list of frames"):
        segmenter.predict([image], frame=ImageFrame((9, 9)))
    with pytest.raises(ShapeError, match="not a list"):
        segmenter.predict(image, frame=[ImageFrame((9, 9))])


def test_draws_that_cannot_be_are_refused(segmenter, echo):
    for n_samples in (0, 100_000):
        with pytest.raises(ConfigError, match="n_samples"):
            segmenter.predict(np.zeros((9, 9)), n_samples=n_samples)
    with pytest.raises(ConfigError, match="no dropout"):
        echo.predict(np.zeros((9, 9)), n_samples=2)


def test_an_unknown_model_is_not_replaced_by_another():
    with pytest.raises(ModelError, match="did you mean 'default'"):
        load_model("defalt")


@pytest.fixture(scope="module")
def default():
    return load_model("default", device="cpu")


def test_the_default_draws_bars_and_arms_where_they_are(default):
    overlaps = {"bar": [], "spiral_arm": []}
    for seed in range(9000, 9012):
        galaxy = simulate_galaxy(seed, morphology="barred spiral", n_arms=2, inclination_deg=30)
        prediction = default.predict(galaxy.image, frame=galaxy.frame)
        for feature, found in overlaps.items():
            mask, truth = prediction.mask(feature), galaxy.masks[feature]
            found.append((mask & truth).sum() / (mask | truth).sum())
    assert np.median(overlaps["bar"]) > 0.3
    assert np.median(overlaps["spiral_arm"]) > 0.3


def test_the_default_runs_on_other_surveys(default, shared_data):
    from galseg.io.images import read_image

    for name in ("N4303_wise_1", "N4303_2mass_k"):
        image = read_image(shared_data / "nearby-spirals" / f"{name}.fits.gz")
        prediction = default.predict(image)
        assert isinstance(prediction.frame.wcs, WCS)
        assert np.nanmax(prediction.of("spiral_arm")) > 0.1
