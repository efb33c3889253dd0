"""Image files to files of predictions."""

from functools import partial

import numpy as np
import pytest
from astropy.io import fits

from galseg.dataset import simulate_galaxy
from galseg.errors import ConfigError, GalsegError, OutputError
from galseg.io.images import list_images, read_image
from galseg.io.predictions import read_prediction, write_prediction
from galseg.predict import Segmenter, predict_files
from tests.predict.tiny import make_card, make_network

N_IMAGES = 11
BAD = {2: b"no FITS file", 7: b""}


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter(make_network(), make_card())


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return a folder of images, two of them no images."""
    folder = tmp_path_factory.mktemp("images")
    for n in range(N_IMAGES):
        path = folder / f"J{n:02}.fits"
        if n in BAD:
            path.write_bytes(BAD[n])
        else:
            galaxy = simulate_galaxy(n, shape=(50 + n, 64))
            fits.writeto(path, galaxy.image, galaxy.frame.wcs.to_header())
    return folder


def save(folder, image, prediction):
    write_prediction(folder / f"{image.galaxy_id}.fits", prediction)


def refuse(image, prediction):
    raise OutputError("the disk is full")


def run(segmenter, images, folder, **options):
    return list(
        predict_files(segmenter, list_images(images), save=partial(save, folder), **options)
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 1},
        {"batch_size": 100},
        pytest.param({"n_workers": 2, "batch_size": 2}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_every_file_has_its_outcome_in_order(segmenter, images, options, tmp_path):
    outcomes = run(segmenter, images, tmp_path, **options)
    assert [outcome.galaxy_id for outcome in outcomes] == [f"J{n:02}" for n in range(N_IMAGES)]
    assert [n for n, outcome in enumerate(outcomes) if outcome.reason] == list(BAD)
    assert "J02.fits" in outcomes[2].reason
    assert len(list(tmp_path.iterdir())) == N_IMAGES - len(BAD)
    for outcome in outcomes:
        if not outcome.reason:
            saved = read_prediction(tmp_path / outcome.path.name)
            expected = segmenter.predict(read_image(outcome.path))
            np.testing.assert_allclose(saved.probability, expected.probability, atol=1e-5)


def test_files_are_read_as_they_are_needed(segmenter, images, tmp_path):
    outcomes = predict_files(
        segmenter, list_images(images), save=partial(save, tmp_path), n_workers=0, batch_size=2
    )
    next(outcomes)
    assert len(list(tmp_path.iterdir())) == 2


def test_draws_and_orientations_are_those_of_predict(segmenter, images, tmp_path):
    options = {"n_samples": 3, "seed": 4, "orientations": 8}
    run(segmenter, images, tmp_path, **options)
    expected = segmenter.predict(read_image(images / "J03.fits"), **options)
    found = read_prediction(tmp_path / "J03.fits")
    np.testing.assert_allclose(found.samples, expected.samples, atol=1e-5)


def test_what_cannot_be_saved_stops_the_run(segmenter, images):
    with pytest.raises(OutputError, match="disk is full"):
        list(predict_files(segmenter, list_images(images), save=refuse))


@pytest.mark.slow
def test_an_error_in_a_worker_comes_out(segmenter, images):
    with pytest.raises(GalsegError, match="disk is full"):
        list(predict_files(segmenter, list_images(images), save=refuse, n_workers=1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_workers": -1}, "workers must be 0"),
        ({"batch_size": 0}, "batch_size"),
        ({"n_samples": 0}, "n_samples"),
        ({"orientations": 3}, "orientations"),
    ],
)
def test_bad_options_are_refused_before_any_file_is_read(segmenter, options, message):
    with pytest.raises(ConfigError, match=message):
        predict_files(segmenter, {"J1": "nowhere"}, save=save, **options)
