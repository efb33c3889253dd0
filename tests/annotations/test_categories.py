import pytest

from galseg.annotations.categories import feature_of_category
from galseg.errors import FeatureError


@pytest.mark.parametrize("name", ["spiral_arm", "Spiral Arm", " spiral-arm "])
def test_names_of_features_need_no_mapping(name):
    assert feature_of_category(name) == "spiral_arm"


def test_a_mapping_comes_first_and_may_name_a_feature_of_the_projects_own():
    assert feature_of_category("bar", {"bar": "dust_lane"}) == "dust_lane"
    assert feature_of_category("dust_lane", also=["dust_lane"]) == "dust_lane"


def test_other_names_are_refused_with_the_near_miss():
    with pytest.raises(FeatureError, match="did you mean 'bar'"):
        feature_of_category("Barr")
