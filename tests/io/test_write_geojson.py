"""GeoJSON files that galseg writes, read back."""

import json

import numpy as np
import pytest
import shapely

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.geojson import read_geojson
from galseg.errors import OutputError
from galseg.io.geojson import write_geojson

SIZE = {"width": 64, "height": 48}


@pytest.fixture
def drawings():
    """Areas, lines and points on two subjects; somebody drew nothing."""
    builder = AnnotationBuilder()
    builder.subject(subject_id="s/1", galaxy_id="ngc1300", image="ngc1300.fits")
    asked = ("bar", "spiral_arm", "star", "dust_lane")
    at = {"subject_id": "s/1", "features": asked, **SIZE}
    builder.classify(
        annotator_id="ann", classification_id="1", created_at="2024-05-01 12:00:00.25", **at
    )
    builder.classify(annotator_id="bob", classification_id="2", **at)
    builder.classify(annotator_id="ann", classification_id="3", **at | {"subject_id": "s2"})
    ring = shapely.Point(30, 24).buffer(12).difference(shapely.Point(30, 24).buffer(6))
    builder.shape(classification_id="1", feature="dust_lane", geometry=ring)
    builder.shape(classification_id="1", feature="bar", geometry=shapely.box(10.3, 12, 40, 20))
    builder.line(
        classification_id="1", feature="spiral_arm", xy=[(5, 5), (20, 8), (35, 17)], width_pix=4
    )
    builder.point(classification_id="3", feature="star", xy=(7.5, 8), radius_pix=2.5)
    return builder.build()


def assert_same(ours, theirs):
    for table in ("classifications", "subjects"):
        assert getattr(ours, table).equals(getattr(theirs, table))
    columns = [name for name in theirs.marks.columns if name != "geometry"]
    assert ours.marks[columns].equals(theirs.marks[columns])
    pairs = zip(ours.marks["geometry"], theirs.marks["geometry"], strict=True)
    assert all(shapely.equals_exact(a, b, 1e-9) for a, b in pairs)


@pytest.mark.parametrize("flip_y", [False, True])
def test_comes_back_with_everybody_who_looked(drawings, tmp_path, flip_y):
    write_geojson(tmp_path / "out", drawings, flip_y=flip_y)
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert_same(read_geojson(tmp_path / "out", flip_y=flip_y), drawings)


def test_one_subject_fits_a_file_and_two_do_not(drawings, tmp_path):
    write_geojson(tmp_path / "s2.geojson", drawings.subject("s2"))
    assert_same(read_geojson(tmp_path / "s2.geojson"), drawings.subject("s2"))
    with pytest.raises(OutputError, match="name a folder"):
        write_geojson(tmp_path / "both.geojson", drawings)


def test_is_what_qupath_reads(drawings, tmp_path):
    write_geojson(tmp_path / "s2.geojson", drawings.subject("s2"))
    content = json.loads((tmp_path / "s2.geojson").read_text())
    (star,) = content["features"]
    assert star["properties"]["objectType"] == "annotation"
    assert star["properties"]["classification"] == {"name": "star", "color": [150, 150, 150]}
    np.testing.assert_array_equal(star["geometry"]["coordinates"], [8, 8.5])
