"""Names of features and the errors about them."""

import pickle

import pytest

from galseg.errors import FeatureError, GalsegError, SubjectError, nearest_name
from galseg.features import (
    DEFAULT_FEATURES,
    FEATURES,
    check_custom_feature,
    check_features,
    feature_colour,
)


def test_names_keep_their_order():
    assert check_features(["tidal", "bar"]) == ("tidal", "bar")


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ("bar", "list of names"),
        ([], "empty"),
        (["bar", "bar"], "twice"),
        (["spiral"], "spiral_arm"),
    ],
)
def test_bad_names_are_refused(features, message):
    with pytest.raises(FeatureError, match=message):
        check_features(features)


def test_a_projects_own_feature_is_known_once_declared():
    assert check_features(["cat"], also=["cat"]) == ("cat",)
    assert check_custom_feature("cat_2") == "cat_2"
    with pytest.raises(FeatureError, match="lower case"):
        check_custom_feature("Cat!")


def test_every_feature_has_a_colour_of_its_own():
    colours = [feature.colour for feature in FEATURES.values()]
    assert len(set(colours)) == len(colours)
    assert feature_colour("cat") == (255, 255, 255)
    assert set(DEFAULT_FEATURES) <= set(FEATURES)


def test_errors_are_also_the_built_in_ones():
    assert issubclass(FeatureError, GalsegError)
    assert issubclass(FeatureError, ValueError)
    assert str(SubjectError("no 'x'")) == "no 'x'"
    assert str(pickle.loads(pickle.dumps(SubjectError("no 'x'")))) == "no 'x'"


def test_no_near_miss_lists_what_there_is():
    assert nearest_name("zzz", []) == "known: none"
