"""GeoJSON as QuPath writes it, plain GeoJSON, and damaged files."""

import json

import numpy as np
import pytest
import shapely

from galseg.annotations.geojson import read_geojson, recognise
from galseg.errors import FeatureError, FormatError, MissingInputError
from galseg.geometry import polygon_mask

SHAPE = (40, 60)
RING = [[10, 10], [20, 10], [20, 16], [10, 16], [10, 10]]


def feature(kind="Polygon", coordinates=(RING,), name="bar", **properties):
    return {
        "type": "Feature",
        "id": "2d4c2a53-4c1f-4f5c-9b1a-3d0c0a2b1c55",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {
            "objectType": "annotation",
            "classification": {"name": name, "color": [200, 0, 0]},
            **properties,
        },
    }


@pytest.fixture
def export(tmp_path):
    def write(*features, name="ngc1300.geojson", **more):
        folder = tmp_path / "ann"
        folder.mkdir(exist_ok=True)
        collection = {"type": "FeatureCollection", "features": features, **more}
        (folder / name).write_text(json.dumps(collection))
        return folder / name

    return write


def test_the_file_names_the_subject_and_its_folder_the_annotator(export):
    annotations = read_geojson(export(feature()), shape=SHAPE)
    (mark,) = annotations.marks.to_dict("records")
    assert (mark["subject_id"], mark["annotator_id"], mark["feature"]) == ("ngc1300", "ann", "bar")
    (looked,) = annotations.classifications.to_dict("records")
    assert (looked["height"], looked["width"]) == SHAPE


def test_a_name_with_dots_stays_whole(export):
    path = export(feature(), name="J1237.6+11.5.geojson")
    assert read_geojson(path, shape=SHAPE).subject_ids == ("J1237.6+11.5",)


def test_corner_coordinates_cover_whole_pixels(export):
    geometry = read_geojson(export(feature()), shape=SHAPE).marks["geometry"].item()
    expected = np.zeros(SHAPE, dtype=bool)
    expected[10:16, 10:20] = True
    np.testing.assert_array_equal(polygon_mask(geometry, SHAPE), expected)
    flipped = read_geojson(export(feature()), shape=SHAPE, flip_y=True).marks["geometry"].item()
    np.testing.assert_array_equal(polygon_mask(flipped, SHAPE), expected[::-1])


def test_every_kind_of_geometry(export):
    hole = [[12, 12], [14, 12], [14, 14], [12, 14], [12, 12]]
    line = [[5, 5], [9, 9], [15, 20]]
    path = export(
        feature("Polygon", [RING, hole]),
        feature("MultiPolygon", [[RING], [[[30, 30], [40, 30], [40, 38]]]]),
        feature("LineString", line, name="Spiral arm"),
        feature("MultiLineString", [line, line[:2]], name="Spiral arm", line_width_pix=3),
        feature("Point", [30.5, 20.5], name="centre"),
        feature("MultiPoint", [[1, 2], [3, 4]], name="star"),
    )
    marks = read_geojson(path, shape=SHAPE, line_width_pix=2).marks
    assert [g.geom_type for g in marks["geometry"]] == [
        "Polygon",
        "MultiPolygon",
        *["LineString"] * 3,
        *["Point"] * 3,
    ]
    np.testing.assert_array_equal(marks["line_width_pix"], [np.nan, np.nan, 2, 3, 3, 2, 2, 2])
    assert marks["geometry"].iloc[0].area == 60 - 4
    assert marks["geometry"].iloc[5].equals(shapely.Point(30, 20))


@pytest.mark.parametrize("wrap", [list, lambda features: features[0]], ids=["list", "single"])
def test_a_bare_list_and_a_single_feature(tmp_path, wrap):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(wrap([feature()])))
    assert len(read_geojson(path, shape=SHAPE).marks) == 1


def test_the_size_may_stand_in_the_file(export):
    path = export(feature(), width=60, height=40)
    assert read_geojson(path).classifications["width"].tolist() == [60]
    with pytest.raises(FormatError, match="how large the image is: give shape"):
        read_geojson(export(feature()))


def test_who_looked_and_drew_nothing_was_asked_for_what_the_others_drew(export):
    export(feature(), feature("LineString", RING, name="spiral_arm"))
    folder = export(name="ngc628.geojson").parent
    looked = read_geojson(folder, shape=SHAPE).classifications
    assert looked["subject_id"].tolist() == ["ngc1300", "ngc628"]
    assert looked["features"].tolist() == [("bar", "spiral_arm")] * 2
    asked = read_geojson(folder, shape=SHAPE, features=["spiral_arm", "bar", "tidal"])
    assert set(asked.classifications["features"]) == {("spiral_arm", "bar", "tidal")}


def test_annotators_named_in_the_properties(export):
    path = export(feature(annotator="eve"), feature())
    annotations = read_geojson(path, shape=SHAPE, annotator="bob")
    assert annotations.marks["annotator_id"].tolist() == ["eve", "bob"]


def test_names_that_are_no_feature(export):
    path = export(feature(name="Barr"), feature(name="Dust lane"))
    reasons = read_geojson(path, shape=SHAPE).rejected["reason"]
    assert "did you mean 'bar'" in reasons[0]
    mapped = read_geojson(path, shape=SHAPE, categories={"Barr": "bar", "Dust lane": "dust_lane"})
    assert mapped.marks["feature"].tolist() == ["bar", "dust_lane"]
    with pytest.raises(FeatureError):
        read_geojson(path, shape=SHAPE, features=["Bar"])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (feature(objectType="detection"), "a QuPath 'detection'"),
        (feature("Polygon", []), "no rings"),
        (feature("Polygon", [[[1, 2], [3, 4]]]), "too few points: 2"),
        (feature("Polygon", [RING, [[1, 2]]]), "too few points: 1"),
        (feature("Polygon", [[[1, 2], [3, None], [4, 4]]]), "not finite"),
        (feature("Polygon", [[[1, 2], [3, float("inf")], [4, 4]]]), "not finite"),
        (feature("LineString", [[1, 2]]), "too few points: 1"),
        (feature("Point", [1]), "must be a list of points"),
        (feature("Point", []), "must be a list of points"),
        (feature("MultiPolygon", []), "no parts"),
        (feature("GeometryCollection", [1]), "no polygon, line or point"),
        (feature() | {"geometry": None}, "no geometry"),
        (feature("LineString", RING, line_width_pix=-1), "line_width_pix"),
        (feature(classification=None), "category '' is no feature"),
    ],
    ids=str,
)
def test_a_bad_drawing_is_rejected_and_the_rest_kept(export, bad, reason):
    annotations = read_geojson(export(bad, feature()), shape=SHAPE)
    assert len(annotations.marks) == 1
    assert reason in annotations.rejected["reason"].item()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "FeatureCollection"}, "no 'features'"),
        ({"features": [{"type": "Polygon"}]}, "feature 0"),
        ({"features": [feature() | {"properties": [1]}]}, "feature 0: 'properties'"),
        ({"features": [], "width": -1, "height": 3}, "1 to"),
        ({"features": [], "width": 3}, "'height'"),
        ({"features": [], "classifications": [{}]}, "'classifications', entry 0"),
        (3, "must hold a FeatureCollection"),
        ([3], "feature 0"),
    ],
    ids=str,
)
def test_a_damaged_file_names_the_entry(tmp_path, content, message):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match=message):
        read_geojson(path, shape=SHAPE)


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingInputError):
        read_geojson(tmp_path / "missing.geojson", shape=SHAPE)


def test_recognises_features_in_files_and_folders(export):
    path = export(feature())
    assert recognise(path, path.read_bytes())
    assert recognise(path.parent, b"")
    assert not recognise("a.json", b'{"images": []}')
