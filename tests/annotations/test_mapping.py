"""A mapping says what it means, or where it does not."""

import pytest

from galseg.annotations import ZooniverseMapping, ZooniverseTool
from galseg.errors import ConfigError, FeatureError, MissingInputError

CATS = """
tasks:
  T0:
    0: cat
    1: {feature: spiral_arm, width_pix: 8}
    2: ignore
  T1: {0: {feature: centre, radius_pix: 2.5}}
extra_features: [cat]
workflow_id: 28090
image_size: [256, 128]
limits: {max_jump: 0.5}
"""


def written(tmp_path, text):
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    return path


def test_a_yaml_file_becomes_a_typed_mapping(tmp_path):
    mapping = ZooniverseMapping.from_yaml(written(tmp_path, CATS))
    assert mapping.tasks["T0"][1] == ZooniverseTool(feature="spiral_arm", width_pix=8)
    assert mapping.tasks["T0"][2] is None
    assert mapping.asked(["T0", "T9"]) == ("cat", "spiral_arm")
    assert mapping.asked(["T1", "T0"]) == ("centre", "cat", "spiral_arm")
    assert mapping.workflow_id == "28090"
    assert mapping.image_size == (256, 128)
    assert mapping.limits.max_jump == 0.5


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("workflow_id", "workflow"), ConfigError, "did you mean 'workflow_id'"),
        (("width_pix", "width"), ConfigError, "T0 tool 1 .* did you mean 'width_pix'"),
        (("max_jump", "max_jumps"), ConfigError, "did you mean 'max_jump'"),
        (("width_pix: 8", "width_pix: -8"), ConfigError, "T0 tool 1: width_pix must be a positive"),
        (("spiral_arm", "spiral_arms"), FeatureError, "did you mean 'spiral_arm'"),
        (("extra_features: [cat]", ""), FeatureError, "unknown feature 'cat'"),
        (("[cat]", "[Cat]"), FeatureError, "lower case"),
        (("[cat]", "cat"), ConfigError, "extra_features must be a list"),
        (("[256, 128]", "[256, 0]"), ConfigError, "image_size must be two positive"),
        (("0: cat", "first: cat"), ConfigError, "must number its tools"),
        (("feature: centre", "bezier: true"), ConfigError, "lacks 'feature'"),
        (("tasks:", "task:"), ConfigError, "did you mean 'tasks'"),
        (("limits: {max_jump: 0.5}", "flip_y: 'no'"), ConfigError, "flip_y must be true or false"),
        (("limits: {max_jump: 0.5}", "frames: []"), ConfigError, "frames must be"),
        (("limits: {max_jump: 0.5}", "pixel_origin: corner"), ConfigError, "'edge' or 'centre'"),
        (("limits: {max_jump: 0.5}", "min_workflow_version: 13.10"), ConfigError, "quoted"),
        (("limits: {max_jump: 0.5}", "min_workflow_version: 'new'"), ConfigError, "two numbers"),
        (("limits: {max_jump: 0.5}", "ignore: [T0]"), ConfigError, "both tasks and ignore"),
        (("0.5}", "0.5"), ConfigError, "is not YAML"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_named_with_the_file(tmp_path, change, error, message):
    path = written(tmp_path, CATS.replace(*change))
    with pytest.raises(error, match=message) as raised:
        ZooniverseMapping.from_yaml(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("text", ["", "tasks: {}", "tasks: {T0: {0: ignore}}", "- tasks"])
def test_a_mapping_that_maps_nothing_is_refused(tmp_path, text):
    with pytest.raises(ConfigError):
        ZooniverseMapping.from_yaml(written(tmp_path, text))


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(MissingInputError, match=r"none\.yaml"):
        ZooniverseMapping.from_yaml(tmp_path / "none.yaml")


def test_a_tool_draws_lines_or_points():
    with pytest.raises(ConfigError, match="not both"):
        ZooniverseTool(feature="bar", width_pix=2, radius_pix=2)
