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
