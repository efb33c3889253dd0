"""What a recipe refuses, and that it travels."""

import pickle

import pytest

from galseg.errors import ConfigError
from galseg.survey.recipe import Recipe


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"masks": "png"}, "masks must be None or one of"),
        ({"threshold": 1.5}, "threshold"),
        ({"threshold": {"spiral": 0.5}}, "did you mean 'spiral_arm'"),
        ({"features": ("bars",)}, "did you mean 'bar'"),
        ({"n_draws": 1}, "n_draws"),
        ({"seed": -1}, "seed"),
    ],
    ids=str,
)
def test_what_no_galaxy_could_be_measured_with_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Recipe(**options)


def test_it_pickles():
    recipe = Recipe(model=("a", "b"), threshold={"bar": 0.3}, masks=None)
    assert pickle.loads(pickle.dumps(recipe)) == recipe
