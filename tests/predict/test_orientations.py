"""Turns and mirror images of the square."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.dataset import simulate_galaxy
from galseg.errors import ConfigError
from galseg.predict import Segmenter
from galseg.predict.orientations import turn, turn_back
from tests.predict.tiny import make_card, make_network


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter(make_network(), make_card())


SQUARE = np.arange(18, dtype=np.float32).reshape(2, 3, 3)


@given(st.integers(0, 7))
def test_turning_back_undoes_turning(way):
    np.testing.assert_array_equal(turn_back(turn(SQUARE, way), way), SQUARE)


def test_the_eight_ways_differ():
    assert len({turn(SQUARE, way).tobytes() for way in range(8)}) == 8


def mirrored(maps):
    return maps[..., ::-1]


@pytest.mark.parametrize("move", [lambda maps: np.rot90(maps, axes=(-2, -1)), mirrored])
@pytest.mark.parametrize("shape", [(64, 64), (90, 71)], ids=str)
def test_with_all_eight_the_maps_move_with_the_image(segmenter, move, shape):
    image = simulate_galaxy(1, shape=shape).image
    before = segmenter.predict(image, orientations=8).probability
    after = segmenter.predict(move(image), orientations=8).probability
    np.testing.assert_allclose(after, move(before), atol=1e-5)


def test_without_them_the_network_sees_an_up(segmenter):
    image = simulate_galaxy(1, shape=(64, 64)).image
    before, after = (segmenter.predict(one).probability for one in (image, image[::-1]))
    assert np.abs(after - before[:, ::-1]).max() > 1e-4


def test_draws_take_turns_over_the_orientations(segmenter):
    image = simulate_galaxy(1, shape=(64, 64)).image
    one, eight = (segmenter.predict(image, n_samples=2, orientations=n).samples for n in (1, 8))
    np.testing.assert_allclose(eight[0], one[0], atol=1e-5)
    assert not np.allclose(eight[1], one[1], atol=1e-5)


def test_other_numbers_of_orientations_are_refused(segmenter):
    with pytest.raises(ConfigError, match=r"1 .* or 8"):
        segmenter.predict(np.ones((9, 9)), orientations=4)
