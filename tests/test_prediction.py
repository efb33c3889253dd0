"""The record of probability maps."""

import numpy as np
import pytest

from galseg import ImageFrame, Prediction
from galseg.errors import FeatureError, ShapeError

FRAME = ImageFrame((4, 6))


def maps(value=0.4):
    return np.full((2, 4, 6), value, dtype=np.float32)


def test_the_mask_uses_the_models_threshold_unless_told_otherwise():
    prediction = Prediction("J1", ("bar", "tidal"), maps(), FRAME, thresholds={"bar": 0.3})
    assert prediction.mask("bar").all()
    assert not prediction.mask("tidal").any()
    assert prediction.mask("tidal", threshold=0.4).all()


def test_masks_are_bool_and_missing_pixels_are_outside():
    probability = maps(1.0)
    probability[0, 0, 0] = np.nan
    mask = Prediction("J1", ("bar", "tidal"), probability, FRAME).mask("bar")
    assert mask.dtype == bool
    assert not mask[0, 0]
    assert mask.sum() == 23


def test_an_unknown_feature_names_the_near_miss():
    with pytest.raises(FeatureError, match="did you mean 'bar'"):
        Prediction("J1", ("bar", "tidal"), maps(), FRAME).mask("bars")


def test_arrays_must_fit():
    with pytest.raises(ShapeError, match=r"\(1, 4, 6\)"):
        Prediction("J1", ("bar",), maps(), FRAME)
    with pytest.raises(ShapeError, match="samples"):
        Prediction("J1", ("bar", "tidal"), maps(), FRAME, samples=np.zeros((3, 1, 4, 6)))


def sampled(n_samples):
    samples = np.arange(n_samples * 2 * 24, dtype=np.float32).reshape(n_samples, 2, 4, 6) / 1e4
    return Prediction("J1", ("bar", "tidal"), maps(), FRAME, samples=samples)


def test_draws_are_samples_each_once_as_long_as_there_are_enough():
    prediction = sampled(5)
    draws = prediction.draws("tidal", 5, np.random.default_rng(0))
    order = draws[:, 0, 0].argsort()
    np.testing.assert_array_equal(draws[order], prediction.samples[:, 1])


def test_more_draws_than_samples_repeat_them():
    draws = sampled(2).draws("bar", 40, np.random.default_rng(0))
    assert len(draws) == 40
    assert {*draws[:, 0, 0].tolist()} == {*sampled(2).samples[:, 0, 0, 0].tolist()}


def test_without_samples_there_are_no_draws():
    plain = Prediction("J1", ("bar", "tidal"), maps(), FRAME)
    assert plain.draws("bar", 3, np.random.default_rng()) is None
    assert sampled(0).draws("bar", 3, np.random.default_rng()) is None
    with pytest.raises(FeatureError, match="did you mean 'bar'"):
        plain.draws("bars", 3, np.random.default_rng())
