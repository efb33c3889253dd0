"""Galaxy Builder drawings: simple records by hand, and the real ones against their catalogue."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
import shapely

from galseg.annotations.galaxy_builder import read_galaxy_builder, recognise
from galseg.errors import FormatError

ARM = [[10, 10], [20, 12], [30, 18], [35, 27]]
BAR = {"x": 50.0, "y": 40.0, "Re": 5.0, "q": 0.2, "angle_deg": 30.0}


def write(tmp_path, *classifications, **changes):
    record = {
        "subject_id": 7,
        "nsa_id": 42,
        "width": 100,
        "height": 80,
        "classifications": [
            {"classification_id": 100 + n, "spirals": [], **c}
            for n, c in enumerate(classifications)
        ],
    }
    path = tmp_path / "drawings.json"
    path.write_text(json.dumps([record | changes]))
    return path


def test_a_bar_is_a_box_six_effective_radii_long(tmp_path):
    marks = read_galaxy_builder(write(tmp_path, {"bar": BAR})).marks
    box = marks["geometry"].item()
    assert box.area == pytest.approx(30 * 6)
    assert box.centroid.coords[0] == pytest.approx((50, 40))
    step = np.array([np.cos(np.radians(30)), np.sin(np.radians(30))])
    ends = shapely.points(np.array([50, 40]) + np.outer([-14.99, 14.99], step))
    assert shapely.contains(box, ends).all()
    assert not box.contains(shapely.Point(np.array([50, 40]) + 15.01 * step))


def test_a_disc_and_a_bulge_are_ellipses(tmp_path):
    ellipse = BAR | {"q": 0.5, "Re": 10.0}
    marks = read_galaxy_builder(write(tmp_path, {"disk": ellipse, "bulge": ellipse})).marks
    areas = dict(zip(marks["feature"], shapely.area(marks["geometry"].to_numpy()), strict=True))
    assert areas["disc"] == pytest.approx(np.pi * 15 * 7.5, rel=0.01)
    assert areas["bulge"] == pytest.approx(np.pi * 30 * 15, rel=0.01)


def test_whoever_draws_nothing_still_looked(tmp_path):
    annotations = read_galaxy_builder(write(tmp_path, {}, {"bar": BAR}))
    assert (
        annotations.classifications["features"].tolist()
        == [("bar", "spiral_arm", "disc", "bulge")] * 2
    )
    assert annotations.marks["annotator_id"].tolist() == ["101"]
    assert annotations.galaxy_id("7") == "42"
    assert annotations.subjects["image"].item() == "42.fits"


def test_a_box_longer_than_the_limit_is_rejected(tmp_path):
    path = write(tmp_path, {"bar": BAR | {"Re": 10.1}})
    rejected = read_galaxy_builder(path).rejected
    assert rejected["reason"].tolist() == ["bar of 0.61 image sides, longer than 0.6"]
    assert rejected["geometry"].item().area > 0
    assert len(read_galaxy_builder(path, max_bar_length=0.7).marks) == 1


def test_arm_lines_get_a_width_and_the_limits(tmp_path):
    jump = [[10, 10], [11, 11], [12, 12], [60, 12], [61, 13]]
    path = write(tmp_path, {"spirals": [ARM, ARM[:3], jump, []]})
    annotations = read_galaxy_builder(path)
    assert annotations.marks["line_width_pix"].tolist() == [4.0]
    assert annotations.marks["geometry"].item().equals(shapely.LineString(ARM))
    assert [reason.split(":")[0] for reason in annotations.rejected["reason"]] == [
        "too few points",
        "jumps across the image",
        "too few points",
    ]
    relaxed = read_galaxy_builder(path, max_jump=0.6, min_arm_points=3, arm_width=0.1)
    assert relaxed.marks["line_width_pix"].tolist() == [10.0] * 3
    small = write(tmp_path, {"spirals": [ARM]}, width=40, height=40)
    assert read_galaxy_builder(small).marks["line_width_pix"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("classification", "message"),
    [
        ({"bar": BAR | {"Re": None}}, "'bar' must have finite"),
        ({"bar": BAR | {"q": float("nan")}}, "'bar' must have finite"),
        ({"bar": BAR | {"Re": -1.0}}, "not be negative"),
        ({"bar": [1, 2]}, "'bar' must be an object"),
        ({"spirals": None}, "'spirals' must be a list"),
        ({"spirals": [[1, 2, 3]]}, "spiral 0 must be a list of points"),
        ({"classification_id": "x"}, "must be a whole number"),
    ],
)
def test_damaged_records_name_the_subject_and_classification(tmp_path, classification, message):
    path = write(tmp_path, {}, classification)
    with pytest.raises(FormatError, match=rf"subject 0, classification 1.*{message}"):
        read_galaxy_builder(path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_was_cut_short_is_refused(tmp_path, share, packed):
    whole = write(tmp_path, {"bar": BAR}, {}).read_bytes()
    whole = gzip.compress(whole) if packed else whole
    path = tmp_path / "cut.json"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(FormatError, match=r"cut\.json"):
        read_galaxy_builder(path)


def test_recognises_both_packed_and_plain(tmp_path):
    content = write(tmp_path, {}).read_bytes()
    assert recognise("drawings.json", content)
    assert recognise("drawings.json.gz", gzip.compress(content))
    assert not recognise("drawings.json", b'{"images": [], "annotations": []}')


def test_real_drawings_agree_with_their_catalogue(shared_data):
    annotations = read_galaxy_builder(shared_data / "galaxy-builder" / "drawings.json.gz")
    catalogue = pd.read_csv(
        shared_data / "galaxy-builder" / "catalogue.csv", dtype={"subject_id": str}
    )
    catalogue = catalogue.set_index("subject_id")
    drawn = pd.concat([annotations.marks, annotations.rejected])
    counts = annotations.classifications.groupby("subject_id").size()
    assert len(counts) == 230
    assert counts.sort_index().tolist() == catalogue["n_class"].sort_index().tolist()
    for feature, column in (("bar", "n_bar"), ("spiral_arm", "n_spiral_lines")):
        per_subject = drawn[drawn["feature"] == feature].groupby("subject_id").size()
        expected = catalogue[column].sort_index()
        assert per_subject.reindex(expected.index, fill_value=0).tolist() == expected.tolist()
    assert annotations.subjects["galaxy_id"].nunique() == 157
    assert shapely.is_valid(annotations.marks["geometry"].to_numpy()).all()
