"""What raters read says what is asked, and names colours."""

from galseg.compare.page import COLOUR_NAMES, rater_readme
from galseg.compare.records import Questions
from galseg.features import FEATURES


def test_colours_of_features_have_names():
    assert {feature.colour for feature in FEATURES.values()} <= set(COLOUR_NAMES)


def test_the_readme_tells_what_is_asked():
    text = rater_readme(key_sha256="5e" * 32, questions=Questions(best=False))
    assert "5e" * 32 in text
    assert "how good each mask is." in text
    assert "which one is best" not in text
