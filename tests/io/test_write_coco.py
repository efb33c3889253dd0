"""COCO files that galseg writes: read back here, and by pycocotools."""

import json

import numpy as np
import pytest
import shapely
from pycocotools.coco import COCO

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.coco import read_coco
from galseg.consensus.areas import mark_areas
from galseg.errors import FormatError
from galseg.geometry import polygon_mask
from galseg.io.coco import write_coco

HEIGHT, WIDTH = 48, 64


@pytest.fixture
def drawings():
    """Two volunteers, one of whom drew nothing, and a second subject of the same galaxy."""
    builder = AnnotationBuilder()
    size = {"width": WIDTH, "height": HEIGHT}
    builder.subject(subject_id="s1", galaxy_id="ngc1300", image="ngc1300.fits")
    builder.subject(subject_id="s2", galaxy_id="ngc1300")
    asked = ("bar", "spiral_arm", "dust_lane")
    builder.classify(
        subject_id="s1", annotator_id="ann", classification_id="1", features=asked,
        created_at="2024-05-01 12:00:00.25", **size,
    )  # fmt: skip
    builder.classify(
        subject_id="s1", annotator_id="bob", classification_id="2", features=("bar",), **size
    )
    builder.classify(
        subject_id="s2", annotator_id="ann", classification_id="3", features=asked, **size
    )
    bar = shapely.box(10.3, 12.2, 40.9, 20.4)
    builder.shape(classification_id="1", feature="bar", geometry=bar)
    two = shapely.MultiPolygon([shapely.box(3, 3, 9, 9), shapely.box(20, 30, 30, 40)])
    builder.shape(classification_id="1", feature="dust_lane", geometry=two)
    ring = shapely.Point(30, 24).buffer(12).difference(shapely.Point(30, 24).buffer(6))
    builder.shape(classification_id="3", feature="dust_lane", geometry=ring)
    arm = [(5, 5), (20, 8), (35, 17), (40, 30)]
    builder.line(classification_id="3", feature="spiral_arm", xy=arm, width_pix=4)
    return builder.build()


def assert_same_looks(ours, theirs):
    columns = ["subject_id", "annotator_id", "classification_id", "features", "width", "height"]
    for column in [*columns, "created_at"]:
        assert ours.classifications[column].equals(theirs.classifications[column]), column
    assert ours.subjects.equals(theirs.subjects)


def test_comes_back_with_everybody_who_looked(drawings, tmp_path):
    write_coco(tmp_path / "out.json", drawings)
    back = read_coco(tmp_path / "out.json")
    assert_same_looks(back, drawings)
    columns = ["subject_id", "annotator_id", "classification_id", "feature", "created_at"]
    assert back.marks[columns].equals(drawings.marks[columns])
    for ours, theirs in zip(mark_areas(back.marks), mark_areas(drawings.marks), strict=True):
        np.testing.assert_array_equal(
            polygon_mask(ours, (HEIGHT, WIDTH)), polygon_mask(theirs, (HEIGHT, WIDTH))
        )
    bar = back.marks["geometry"].iloc[0]
    assert bar.hausdorff_distance(drawings.marks["geometry"].iloc[0]) < 1e-9


def test_flipped_rows_come_back(drawings, tmp_path):
    write_coco(tmp_path / "out.json", drawings, flip_y=True)
    flipped = read_coco(tmp_path / "out.json")
    back = read_coco(tmp_path / "out.json", flip_y=True)
    for row, geometry in enumerate(mark_areas(drawings.marks)):
        mask = polygon_mask(geometry, (HEIGHT, WIDTH))
        for annotations, expected in ((back, mask), (flipped, mask[::-1])):
            found = polygon_mask(mark_areas(annotations.marks)[row], (HEIGHT, WIDTH))
            np.testing.assert_array_equal(found, expected)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_pycocotools_fills_the_same_pixels_up_to_its_rounding(drawings, tmp_path, capsys):
    write_coco(tmp_path / "out.json", drawings)
    coco = COCO(tmp_path / "out.json")
    capsys.readouterr()
    areas = mark_areas(drawings.marks)
    for area, entry in zip(areas, coco.loadAnns(coco.getAnnIds()), strict=True):
        theirs = coco.annToMask(entry).astype(bool)
        yy, xx = np.nonzero(theirs != polygon_mask(area, (HEIGHT, WIDTH)))
        assert (shapely.distance(area.boundary, shapely.points(xx, yy)) < 0.3).all()


def test_boxes_and_areas_are_in_corner_coordinates(drawings, tmp_path):
    write_coco(tmp_path / "out.json", drawings)
    entry = json.loads((tmp_path / "out.json").read_text())["annotations"][0]
    assert entry["bbox"] == pytest.approx([10.8, 12.7, 30.6, 8.2])
    assert entry["area"] == pytest.approx(30.6 * 8.2)


def test_nothing_is_written_where_two_sizes_meet(drawings, tmp_path):
    drawings.classifications.loc[0, "width"] = 99
    with pytest.raises(FormatError, match=r"'s1' was shown in 2 sizes"):
        write_coco(tmp_path / "out.json", drawings)
    assert not any(tmp_path.iterdir())
