"""Masks come out of every kind of file as they went in."""

import json

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from PIL import Image
from pycocotools import mask as coco

from galseg.consensus.record import Consensus
from galseg.errors import FeatureError, FormatError, MissingInputError, ShapeError, SubjectError
from galseg.frame import ImageFrame
from galseg.io.consensus import write_consensus, write_consensus_coco
from galseg.io.masks import list_masks, read_masks
from galseg.io.predictions import write_prediction
from galseg.prediction import Prediction

SHAPE = (6, 9)
FRAME = ImageFrame(SHAPE)
MAPS = np.random.default_rng(4).random((2, *SHAPE), dtype=np.float32)
MASK = MAPS[0] > 0.5


def write_png(path, mask=MASK):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((mask[::-1] * 255).astype(np.uint8)).save(path)
    return path


def write_coco(path, *, annotations=None, **image):
    packed = coco.encode(np.asfortranarray(MASK.astype(np.uint8)))
    entry = {"size": packed["size"], "counts": packed["counts"].decode()}
    default = [{"image_id": 7, "category_id": 1, "segmentation": entry}]
    content = {
        "images": [{"id": 7, "file_name": "a/J1.5.png", "height": 6, "width": 9} | image],
        "categories": [{"id": 1, "name": "bar"}, {"id": 2, "name": "Spiral arm"}],
        "annotations": default if annotations is None else annotations,
    }
    path.write_text(json.dumps(content))
    return path


def make_consensus(galaxy_id="J1"):
    votes = (MAPS * 10).round().astype(np.uint16)
    return Consensus(
        subject_id="s1",
        galaxy_id=galaxy_id,
        features=("bar", "tidal"),
        frame=FRAME,
        votes=votes,
        fraction=(votes / np.float32(10)).astype(np.float32) * [[[1]], [[np.nan]]],
        n_asked=np.array([10, 0]),
        n_marked=np.array([9, 0]),
        method="fraction",
        instances=(),
        agreement=pd.DataFrame(),
        volunteers=pd.DataFrame(),
    )


@pytest.mark.parametrize(("threshold", "used"), [(None, 0.8), (0.3, 0.3)])
def test_a_prediction_is_cut_at_its_own_threshold_or_at_the_one_given(tmp_path, threshold, used):
    path = tmp_path / "J1.fits"
    write_prediction(path, Prediction("J1", ("bar", "tidal"), MAPS, FRAME, None, {"bar": 0.8}))
    masks = read_masks(path, threshold=threshold)
    assert list(masks) == ["bar", "tidal"]
    np.testing.assert_array_equal(masks["bar"], MAPS[0] >= np.float32(used))


@pytest.mark.parametrize("threshold", [None, 0.2])
def test_a_consensus_has_no_mask_of_what_nobody_was_asked(tmp_path, threshold):
    path = tmp_path / "s1.fits"
    consensus = make_consensus()
    write_consensus(path, consensus)
    masks = read_masks(path, threshold=threshold)
    assert list(masks) == ["bar"]
    np.testing.assert_array_equal(masks["bar"], consensus.votes[0] >= 10 * (threshold or 0.5))
    with pytest.raises(FeatureError, match="no 'tidal' mask"):
        read_masks(path, features=["tidal"])


def test_the_first_row_of_a_png_is_the_last_of_the_mask(tmp_path):
    masks = read_masks(write_png(tmp_path / "J1_spiral_arm.png"))
    assert list(masks) == ["spiral_arm"]
    assert masks["spiral_arm"].dtype == bool
    np.testing.assert_array_equal(masks["spiral_arm"], MASK)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
def test_png_of_every_mode_is_a_mask(tmp_path, mode):
    path = tmp_path / "J1_bar.png"
    Image.fromarray((MASK[::-1] * 255).astype(np.uint8)).convert(mode).save(path)
    np.testing.assert_array_equal(read_masks(path)["bar"], MASK)


def test_run_lengths_keep_the_order_of_rows(tmp_path):
    path = write_coco(tmp_path / "masks.json")
    masks = read_masks(path)
    assert list(masks) == ["bar", "spiral_arm"]
    np.testing.assert_array_equal(masks["bar"], MASK)
    assert not masks["spiral_arm"].any()


def test_polygons_count_from_the_corner_of_the_image(tmp_path):
    square = [2, 1, 5, 1, 5, 4, 2, 4]
    annotation = {"image_id": 7, "category_id": 1, "segmentation": [square]}
    path = write_coco(tmp_path / "masks.json", annotations=[annotation])
    expected = np.zeros(SHAPE, dtype=bool)
    expected[1:4, 2:5] = True
    np.testing.assert_array_equal(read_masks(path)["bar"], expected)


def test_a_consensus_in_coco_gives_the_same_masks_as_in_fits(tmp_path):
    consensus = make_consensus("J1.5")
    write_consensus(tmp_path / "fits" / "s1.fits", consensus)
    write_consensus_coco(tmp_path / "coco" / "masks.json", [consensus])
    one, other = (
        read_masks(*list_masks(tmp_path / kind)["J1.5"], galaxy_id="J1.5")
        for kind in ("fits", "coco")
    )
    assert list(one) == list(other) == ["bar"]
    np.testing.assert_array_equal(one["bar"], other["bar"])


def test_a_folder_is_listed_by_galaxy(tmp_path):
    write_prediction(tmp_path / "x.fits", Prediction("J1", ("bar", "tidal"), MAPS, FRAME))
    write_prediction(tmp_path / "J2.fits.gz", Prediction("", ("bar", "tidal"), MAPS, FRAME))
    write_consensus(tmp_path / "s1.fits", make_consensus("J3"))
    write_png(tmp_path / "J_4_bar.png")
    write_png(tmp_path / "J_4_spiral_arm.png")
    write_png(tmp_path / "tidal" / "J5.png")
    write_png(tmp_path / "J6_dust_lane.png")
    write_png(tmp_path / "J7.png")
    write_coco(tmp_path / "masks.json")
    (tmp_path / "run.json").write_text('{"images": "elsewhere"}')
    fits.writeto(tmp_path / "J8.fits", MAPS)
    listed = list_masks(tmp_path, also=["dust_lane"])
    assert {galaxy_id: [path.name for path in paths] for galaxy_id, paths in listed.items()} == {
        "J1": ["x.fits"],
        "J1.5": ["masks.json"],
        "J2": ["J2.fits.gz"],
        "J3": ["s1.fits"],
        "J5": ["J5.png"],
        "J6": ["J6_dust_lane.png"],
        "J_4": ["J_4_bar.png", "J_4_spiral_arm.png"],
    }
    assert list(read_masks(listed["J_4"])) == ["bar", "spiral_arm"]
    assert list(read_masks(listed["J5"])) == ["tidal"]
    assert list(read_masks(listed["J6"], also=["dust_lane"])) == ["dust_lane"]


def test_two_files_of_one_galaxy_are_an_error(tmp_path):
    for subject in ("s1", "s2"):
        write_consensus(tmp_path / f"{subject}.fits", make_consensus())
    with pytest.raises(FormatError, match=r"s1\.fits and .*s2\.fits.* 'J1'.*a folder of its own"):
        list_masks(tmp_path)


def test_a_changed_coco_file_is_read_again(tmp_path):
    path = write_coco(tmp_path / "masks.json")
    assert read_masks(path)["bar"].any()
    write_coco(path, annotations=[])
    assert not read_masks(path)["bar"].any()


def test_only_the_features_asked_for_in_their_order(tmp_path):
    path = write_coco(tmp_path / "masks.json")
    assert list(read_masks(path, features=["spiral_arm", "bar"])) == ["spiral_arm", "bar"]
    with pytest.raises(FeatureError, match="did you mean 'bar'"):
        read_masks(path, features=["bars"])


def test_a_mask_of_another_shape_than_its_image_is_an_error(tmp_path):
    path = write_png(tmp_path / "J1_bar.png")
    assert read_masks(path, shape=SHAPE)["bar"].any()
    with pytest.raises(ShapeError, match=r"\(6, 9\), its image \(9, 6\)"):
        read_masks(path, shape=(9, 6))


def test_a_galaxy_that_a_coco_file_lacks(tmp_path):
    path = write_coco(tmp_path / "masks.json")
    with pytest.raises(SubjectError, match=r"did you mean 'J1\.5'"):
        read_masks(path, galaxy_id="J1.6")
    content = json.loads(path.read_text())
    content["images"].append({"id": 8, "file_name": "J2.png", "height": 6, "width": 9})
    path.write_text(json.dumps(content))
    with pytest.raises(SubjectError, match="holds 2 images"):
        read_masks(path)


@pytest.mark.parametrize(
    ("image", "annotation"),
    [
        ({}, {"image_id": 7}),
        ({}, {"image_id": 9, "category_id": 1, "segmentation": []}),
        ({}, {"image_id": 7, "category_id": 5, "segmentation": []}),
        ({}, {"image_id": 7, "category_id": 1, "segmentation": {"size": [6, 9], "counts": "zzz"}}),
        ({}, {"image_id": 7, "category_id": 1, "segmentation": {"size": [5, 9], "counts": [45]}}),
        ({}, {"image_id": 7, "category_id": 1, "segmentation": [[1, 2, 3]]}),
        ({}, {"image_id": 7, "category_id": 1, "segmentation": [[1, 2, 3, float("nan"), 5, 6]]}),
        ({}, {"image_id": 7, "category_id": 1, "segmentation": [[1, 1, 1e300, 1, 1, 1e300]]}),
        ({}, {"image_id": 7, "category_id": 1, "segmentation": "bar"}),
        ({}, "bar"),
        ({"height": -6}, {}),
        ({"width": 10**9, "height": 10**9}, {}),
        ({"file_name": None}, {}),
    ],
)
def test_damaged_coco_is_an_error(tmp_path, image, annotation):
    path = write_coco(tmp_path / "masks.json", annotations=[annotation] * bool(annotation), **image)
    with pytest.raises(FormatError, match=r"masks\.json"):
        read_masks(path)


@pytest.mark.parametrize(
    "name", ["J1.fits", "J1.fits.gz", "J1_bar.png", "masks.json", "J1.txt", "J1.png"]
)
def test_a_file_that_is_no_mask_is_an_error(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"no mask")
    with pytest.raises(FormatError, match=name):
        read_masks(path)


def test_files_cut_short_are_errors(tmp_path):
    write_prediction(tmp_path / "J1.fits", Prediction("J1", ("bar", "tidal"), MAPS, FRAME))
    write_consensus(tmp_path / "s2.fits", make_consensus("J2"))
    write_png(tmp_path / "J3_bar.png", np.random.default_rng(1).random((60, 60)) > 0.5)
    for path in list(tmp_path.iterdir()):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * 0.9)])
        with pytest.raises(FormatError, match=path.name):
            read_masks(path)


def test_other_fits_and_pictures_in_grey_are_no_masks(tmp_path):
    fits.writeto(tmp_path / "J1.fits", MAPS)
    with pytest.raises(FormatError, match="neither a prediction nor a consensus"):
        read_masks(tmp_path / "J1.fits")
    Image.fromarray((MAPS[0] * 255).astype(np.uint8)).save(tmp_path / "J1_bar.png")
    with pytest.raises(FormatError, match="grey levels above 0"):
        read_masks(tmp_path / "J1_bar.png")


def test_nothing_to_read(tmp_path):
    with pytest.raises(MissingInputError, match="no folder of masks"):
        list_masks(tmp_path / "nowhere")
    with pytest.raises(MissingInputError, match="no masks in"):
        list_masks(tmp_path)
    for name in ("J1.fits", "J1_bar.png", "masks.json"):
        with pytest.raises(MissingInputError, match=name):
            read_masks(tmp_path / name)
