"""Decision trees: as published, read from YAML, and side by side."""

import pytest
import yaml

from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.schemas import Question, Schema, find_schema, read_schemas, shipped_schemas

# Numbers of questions and answers in galaxy_datasets.shared.label_metadata, and some columns of
# the catalogues that go with it.
PUBLISHED = {
    "candels": (12, 38, ["how-rounded-candels_cigar-shaped", "merging-candels_neither"]),
    "decals-dr12": (10, 30, ["merging-dr12_tidal-debris", "bulge-size-dr12_obvious"]),
    "decals-dr5": (10, 34, ["smooth-or-featured-dr5_smooth", "bar-dr5_weak"]),
    "decals-dr8": (10, 34, ["has-spiral-arms-dr8_yes", "spiral-arm-count-dr8_more-than-4"]),
    "desi": (10, 34, ["merging_minor-disturbance", "disk-edge-on_no"]),
    "gz2": (10, 30, ["smooth-or-featured-gz2_featured-or-disk", "something-odd-gz2_yes"]),
    "hubble": (13, 40, ["bulge-size-hubble_just-noticeable", "clump-count-hubble_5-plus"]),
    "rings": (1, 2, ["ring_yes", "ring_no"]),
}
TREE = {
    "campaigns": {"mine": "m1"},
    "questions": {
        "disc": {"answers": ["yes", "no"]},
        "bar": {"answers": ["yes", "no"], "after": ["disc_yes"]},
    },
}


def write(path, **changes):
    path.write_text(yaml.safe_dump(TREE | changes, sort_keys=False))
    return path


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_shipped_tree_has_the_published_columns(name):
    n_questions, n_answers, some = PUBLISHED[name]
    schema = shipped_schemas()[name]
    assert len(schema.questions) == n_questions
    assert len(schema.columns) == len(set(schema.columns)) == n_answers
    assert set(some) <= set(schema.columns)


def test_every_published_tree_is_shipped():
    assert shipped_schemas().keys() == PUBLISHED.keys()


def test_volunteers_are_led_from_one_question_to_the_next():
    after = {one.name: one.after for one in find_schema(["decals-dr5"]).questions}
    assert after["smooth-or-featured-dr5"] == ()
    assert after["bar-dr5"] == ("disk-edge-on-dr5_no",)
    assert after["spiral-winding-dr5"] == ("has-spiral-arms-dr5_yes",)
    assert len(after["merging-dr5"]) == 2


def test_columns_of_several_surveys_stand_side_by_side():
    schema = find_schema(["gz2", "decals-dr5"])
    assert len(schema.columns) == 64
    assert len(schema.question_of) == 64
    assert max(schema.question_of) == 19
    assert list(schema.campaigns()) == ["gz2", "dr5"]
    for column, k in zip(schema.columns, schema.question_of, strict=True):
        assert column in schema.questions[k].columns


def test_a_file_gives_a_tree_of_ones_own(tmp_path):
    schema = find_schema([str(write(tmp_path / "mine.yaml"))])
    assert schema.columns == ("disc-m1_yes", "disc-m1_no", "bar-m1_yes", "bar-m1_no")
    assert schema.questions[1].after == ("disc-m1_yes",)


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ({"disc": {"answers": [True, "no"]}}, "unless quoted"),
        ({"disc": {"answers": ["yes"]}}, "two answers or more"),
        ({"disc": {"answers": ["yes", "yes"]}}, "two answers or more"),
        ({"disc": {"answers": "yes no"}}, "in a list"),
        ({"disc": {"answer": ["yes", "no"]}}, "no 'answers'"),
        ({"disc": {"answers": ["yes", "no"], "befor": []}}, "'befor'"),
        ({"disc": {"answers": ["a", "b"], "after": ["bar_yes"]}}, "no answer to an earlier"),
        ({"disc": ["yes", "no"]}, "must be a mapping"),
        ({}, "something in it"),
    ],
)
def test_a_file_that_is_no_tree_is_refused_by_name(tmp_path, questions, message):
    path = write(tmp_path / "bad.yaml", questions=questions)
    with pytest.raises(FormatError, match=message) as caught:
        read_schemas(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "just words", "", "\x00"])
def test_a_file_that_is_no_yaml_mapping_is_refused(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(FormatError, match=r"bad\.yaml"):
        read_schemas(tmp_path / "bad.yaml")


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["decals-d5"], ConfigError, "did you mean 'decals-d"),
        (["nowhere.yaml"], MissingInputError, "no schema at nowhere"),
        (["gz2", "gz2"], ConfigError, "stands twice"),
        ("gz2", ConfigError, "list of names"),
        ([], ConfigError, "at least one"),
    ],
)
def test_schemas_that_cannot_be_are_refused(names, error, message):
    with pytest.raises(error, match=message):
        find_schema(names)


def test_a_question_of_no_campaign_is_called_by_its_text():
    assert Question("ring", "", ("yes", "no")).name == "ring"
    assert Schema((Question("ring", "", ("yes", "no")),)).columns == ("ring_yes", "ring_no")
