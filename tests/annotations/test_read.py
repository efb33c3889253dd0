"""Every format is recognised by its content, whatever the file is called."""

import gzip
import json
import shutil

import pytest

from galseg.annotations import AnnotationBuilder, read_annotations
from galseg.annotations.read import FORMATS
from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.io.annotations import write_annotations
from tests.annotations.zooniverse_exports import SQUARE, answer, row, write_export

MAPPING = "tasks: {T0: {0: bar}}"
SUFFIXES = {"galseg": "", "coco": ".json", "geojson": ".geojson"}


@pytest.fixture
def annotations():
    builder = AnnotationBuilder()
    builder.classify(
        subject_id="s1",
        annotator_id="ann",
        classification_id="1",
        features=["bar"],
        width=64,
        height=48,
    )
    builder.area(classification_id="1", feature="bar", xy=[(9, 9), (50, 9), (50, 20)])
    return builder.build()


@pytest.fixture
def export(tmp_path):
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    return write_export(tmp_path / "export.txt", [row(1, answer(SQUARE))])


@pytest.mark.parametrize("name", SUFFIXES)
def test_what_is_written_is_recognised_and_read(annotations, tmp_path, name):
    by_suffix, by_name = tmp_path / f"a{SUFFIXES[name]}", tmp_path / f"b{SUFFIXES[name]}"
    write_annotations(by_suffix, annotations)
    write_annotations(by_name, annotations, format=name)
    for path in (by_suffix, by_name):
        marks = read_annotations(path).marks
        assert marks["annotator_id"].tolist() == ["ann"]
        assert marks["geometry"][0].equals(annotations.marks["geometry"][0])


def test_a_zooniverse_export_is_recognised_and_takes_a_mapping(export, tmp_path):
    annotations = read_annotations(export, mapping=tmp_path / "mapping.yaml")
    assert annotations.marks["feature"].tolist() == ["bar"]


def test_real_drawings_are_recognised(shared_data, tmp_path):
    assert len(read_annotations(shared_data / "gz3d-drawings").subject_ids) == 2
    with gzip.open(shared_data / "galaxy-builder" / "drawings.json.gz") as handle:
        records = json.load(handle)[:3]
    (tmp_path / "some.json").write_text(json.dumps(records))
    assert len(read_annotations(tmp_path / "some.json").subject_ids) == 3


def test_a_mapping_is_for_zooniverse_only(annotations, tmp_path):
    write_annotations(tmp_path / "a.json", annotations)
    with pytest.raises(ConfigError, match="read as 'coco'"):
        read_annotations(tmp_path / "a.json", mapping="mapping.yaml")


def test_an_unknown_format_is_named_with_the_near_miss(annotations, export, tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'zooniverse'"):
        read_annotations(export, "zoonivers")
    with pytest.raises(ConfigError, match="did you mean 'geojson'"):
        write_annotations(tmp_path / "a", annotations, format="geo-json")
    with pytest.raises(ConfigError, match="tells no format"):
        write_annotations(tmp_path / "a.csv", annotations)


def test_what_is_not_recognised_lists_the_formats(tmp_path):
    for content in (b"", b"{}", b"a,b\n1,2\n", bytes(range(256))):
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(FormatError, match=", ".join(FORMATS)):
            read_annotations(path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(FormatError, match="in none of the formats"):
        read_annotations(tmp_path / "folder")


def test_a_missing_path_is_said_to_be_missing(tmp_path):
    with pytest.raises(MissingInputError, match="no file or folder"):
        read_annotations(tmp_path / "none.csv")


def test_a_named_format_is_not_second_guessed(export, tmp_path):
    copy = shutil.copy(export, tmp_path / "copy.csv")
    with pytest.raises(FormatError):
        read_annotations(copy, "coco")
