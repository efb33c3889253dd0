"""COCO files as other programs write them, against pycocotools, and damaged ones."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from galseg.annotations.coco import read_coco, recognise
from galseg.errors import FormatError, MissingInputError
from galseg.geometry import polygon_mask
from galseg.geometry.rle import encode_rle

SHAPE = (40, 60)
SQUARE = [10, 10, 20, 10, 20, 16, 10, 16]


def content(*segmentations, **changes):
    marks = [
        {"id": n, "image_id": 1, "category_id": 1, "segmentation": s, "iscrowd": 0}
        for n, s in enumerate(segmentations)
    ]
    whole = {
        "info": {"description": "an export"},
        "images": [
            {"id": 1, "file_name": "train/ngc1300.png", "width": SHAPE[1], "height": SHAPE[0]},
            {"id": 2, "file_name": "ngc628.png", "width": SHAPE[1], "height": SHAPE[0]},
        ],
        "categories": [{"id": 1, "name": "Bar"}, {"id": 2, "name": "spiral arm"}],
        "annotations": marks,
    }
    return whole | changes


@pytest.fixture
def export(tmp_path):
    def write(*segmentations, name="ann.json", **changes):
        path = tmp_path / name
        path.write_text(json.dumps(content(*segmentations, **changes)))
        return path

    return write


def mask_of(annotations):
    return polygon_mask(shapely.union_all(annotations.marks["geometry"].to_numpy()), SHAPE)


def pycocotools_mask(segmentation):
    rles = coco_mask.frPyObjects(segmentation, *SHAPE)
    return coco_mask.decode(coco_mask.merge(rles)).astype(bool)


def test_every_image_was_looked_at_by_the_files_annotator(export):
    annotations = read_coco(export([SQUARE]))
    assert annotations.subject_ids == ("ngc1300", "ngc628")
    looked = annotations.classifications
    assert set(looked["annotator_id"]) == {"ann"}
    assert set(looked["features"]) == {("bar", "spiral_arm")}
    assert annotations.marks["subject_id"].tolist() == ["ngc1300"]
    assert annotations.subjects["image"].tolist() == ["ngc1300.png", "ngc628.png"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_whole_pixels_in_corner_coordinates_are_the_pixels_that_pycocotools_fills(export):
    ours = mask_of(read_coco(export([SQUARE])))
    expected = np.zeros(SHAPE, dtype=bool)
    expected[10:16, 10:20] = True
    np.testing.assert_array_equal(ours, expected)
    np.testing.assert_array_equal(pycocotools_mask([SQUARE]), expected)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@given(st.integers(0, 2**32 - 1))
def test_other_polygons_differ_from_pycocotools_only_next_to_the_outline(seed):
    """It rounds vertices to a fifth of a pixel; without the half pixel the masks would be apart."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radius = rng.uniform(6, 17, 9)
    ring = np.column_stack([30 + radius * np.cos(angle), 20 + radius * np.sin(angle)])
    theirs = pycocotools_mask([ring.ravel().tolist()])
    ours = shapely.Polygon(ring - 0.5)
    if not ours.is_valid:
        return
    yy, xx = np.nonzero(theirs != polygon_mask(ours, SHAPE))
    assert (shapely.distance(ours.boundary, shapely.points(xx, yy)) < 0.3).all()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_several_rings_are_joined_as_pycocotools_joins_them(export):
    rings = [SQUARE, [30, 5, 36, 5, 36, 30, 30, 30], [18, 12, 32, 12, 32, 14, 18, 14]]
    annotations = read_coco(export(rings))
    assert len(annotations.marks) == 1
    np.testing.assert_array_equal(mask_of(annotations), pycocotools_mask(rings))


@pytest.mark.parametrize("packed", [True, False])
def test_run_lengths_keep_every_pixel_holes_and_all(export, packed):
    mask = np.zeros(SHAPE, dtype=bool)
    mask[5:25, 10:30] = True
    mask[10:15, 15:20] = False
    mask[30, 40] = mask[31, 41] = True
    rle = encode_rle(mask)
    if not packed:
        edges = np.flatnonzero(np.diff(mask.T.ravel())) + 1
        rle["counts"] = np.diff([0, *edges, mask.size]).tolist()
    np.testing.assert_array_equal(mask_of(read_coco(export(rle))), mask)


def test_flip_y_turns_outlines_and_run_lengths_over(export):
    mask = np.zeros(SHAPE, dtype=bool)
    mask[10:16, 10:20] = True
    path = export([SQUARE], encode_rle(mask))
    for geometry in read_coco(path, flip_y=True).marks["geometry"]:
        np.testing.assert_array_equal(polygon_mask(geometry, SHAPE), mask[::-1])


def test_annotators_may_be_named_in_attributes_or_beside_them(export):
    marks = content([SQUARE], [SQUARE], [SQUARE])["annotations"]
    marks[0]["attributes"] = {"occluded": False, "annotator": "eve"}
    marks[1]["annotator"] = "bob"
    annotations = read_coco(export(annotations=marks), annotator="someone")
    assert annotations.marks["annotator_id"].tolist() == ["eve", "bob", "someone"]
    looked = annotations.classifications.groupby("subject_id")["annotator_id"].apply(list)
    assert looked["ngc628"] == ["someone"]


def test_a_folder_holds_one_annotator_a_file(export, tmp_path):
    export([SQUARE], name="ann.json")
    export(name="bob.json")
    annotations = read_coco(tmp_path)
    looked = annotations.subject("ngc1300").classifications
    assert looked["annotator_id"].tolist() == ["ann", "bob"]
    assert annotations.marks["annotator_id"].tolist() == ["ann"]


def test_a_category_that_is_no_feature_is_rejected_with_the_near_miss(export):
    path = export([SQUARE], categories=[{"id": 1, "name": "Barr"}])
    annotations = read_coco(path)
    assert len(annotations.marks) == 0
    assert "did you mean 'bar'" in annotations.rejected["reason"].item()
    assert annotations.rejected["geometry"].item().area == 60
    assert read_coco(path, categories={"Barr": "bar"}).marks["feature"].tolist() == ["bar"]


def test_roboflow_keeps_the_original_name(export):
    image = {"id": 1, "file_name": "ngc1300_png.rf.0a1b.jpg", "width": 60, "height": 40}
    path = export([SQUARE], images=[image | {"extra": {"name": "ngc1300.png"}}])
    assert read_coco(path).subject_ids == ("ngc1300",)


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ([], "no outline"),
        (None, "no outline"),
        ([[1, 2, 3, 4]], "at least three points"),
        ([SQUARE[:-1]], "at least three points"),
        ([["a"] * 6], "at least three points"),
        ([[10**400] * 6], "at least three points"),
        ([[1, 2, float("nan"), 4, 5, 6]], "not finite"),
        ([[1, 2, float("inf"), 4, 5, 6]], "not finite"),
        ([[1, 2, 1e300, 4, 5, 6]], "far outside"),
        ([[0, 0, 60, 0, 60, 40, 0, 40]], "as large as the image"),
        ([[5, 5, 9, 9, 7, 7]], "no area"),
        ({"size": [40, 60], "counts": "~~~"}, "character"),
        ({"size": [40, 60], "counts": [1, 2]}, "do not fill"),
        ({"size": [4, 6], "counts": [24]}, "on an image of"),
        ({"size": [40, 60], "counts": [2400]}, "too few points"),
    ],
    ids=str,
)
def test_a_bad_outline_is_rejected_and_the_rest_kept(export, segmentation, reason):
    annotations = read_coco(export(segmentation, [SQUARE]))
    assert len(annotations.marks) == 1
    assert reason in annotations.rejected["reason"].item()
    assert annotations.rejected["feature"].item() == "bar"


def test_a_ring_that_crosses_itself_is_repaired(export):
    annotations = read_coco(export([[5, 5, 15, 15, 15, 5, 5, 15]]))
    assert annotations.marks["geometry"].item().area == 50
    assert len(annotations.repaired) == 1


IMAGE = {"id": 1, "file_name": "a.png", "width": 60, "height": 40}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": None}, "'images' must be a list"),
        ({"images": [IMAGE | {"width": "60"}]}, "image 0: 'width' must be a whole number"),
        ({"images": [IMAGE | {"width": float("nan")}]}, "image 0: 'width' must be a whole"),
        ({"images": [IMAGE | {"width": 0}]}, "image 0.* 1 to"),
        ({"images": [IMAGE | {"width": 10**9, "height": 10**9}]}, "image 0.* 1 to"),
        ({"images": [{"id": 1, "width": 1, "height": 1}]}, "image 0 has no 'file_name'"),
        ({"images": [IMAGE, IMAGE]}, "image 1: the id 1 stands twice"),
        ({"images": [IMAGE, IMAGE | {"id": 2}]}, "two images of the name 'a'"),
        ({"images": []}, "annotation 0 belongs to image 1"),
        ({"categories": []}, "annotation 0 has category 1"),
        ({"categories": [{"id": 1}]}, "category 0 has no 'name'"),
        ({"annotations": ["x"]}, "annotation 0 must be an object"),
        ({"annotations": [{"image_id": 1}]}, "annotation 0 .*'category_id'"),
    ],
)
def test_a_damaged_file_names_the_entry(export, changes, message):
    with pytest.raises(FormatError, match=rf"ann\.json.*{message}"):
        read_coco(export([SQUARE], **changes))


@pytest.mark.parametrize("text", ["", "[", "[1]", "3", "[" * 100_000, '{"images": [}', "\xff\xfe"])
def test_what_is_no_coco_is_refused(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError, match=r"bad\.json"):
        read_coco(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingInputError):
        read_coco(tmp_path / "missing.json")


def test_recognises_coco_and_not_geojson():
    assert recognise("a.json", json.dumps(content([SQUARE])).encode())
    assert not recognise("a.json", b'{"type": "FeatureCollection", "images": 3}')
    assert not recognise("a.csv", b'{"images": []}')
