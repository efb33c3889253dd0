"""Galaxy Zoo:3D, from files of the survey's layout and from real drawings."""

import gzip
import json

import numpy as np
import pytest
import shapely
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from galseg.annotations.gz3d import read_gz3d, read_gz3d_votes, recognise
from galseg.errors import FormatError, FrameError, MissingInputError

ARM = [[5, 5], [15, 5], [15, 9], [5, 9]]
BAR = [[8, 8], [12, 8], [12, 20], [8, 20]]
CROSSED = [[2, 2], [9, 9], [9, 2], [2, 9]]


def wcs_header(shape):
    """The survey's own: north down, east left, reference pixel at half the size."""
    wcs = WCS(naxis=2)
    wcs.wcs.crpix = np.array(shape[::-1]) / 2
    wcs.wcs.crval = 165.3, 12.5
    wcs.wcs.cd = np.array([[-1, 0], [0, -1]]) * 0.099 / 3600
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    return wcs.to_header()


def drawings_table(columns, rows):
    table = {"classification_id": [], "time_stamp": [], **{name: [] for name in columns}}
    for classification_id, *cells in rows:
        table["classification_id"].append(classification_id)
        table["time_stamp"].append("2018-02-03 04:05:36 UTC")
        for name, cell in zip(columns, cells, strict=True):
            table[name].append(cell if isinstance(cell, str) else json.dumps(cell))
    return fits.table_to_hdu(Table(table))


def gz3d_hdus(points=(), spirals=(), bars=(), votes=None, shape=(30, 40)):
    """The eleven HDUs that the survey ships."""
    header = wcs_header(shape)
    counts = {**dict.fromkeys((1, 2, 3, 4), np.zeros(shape)), **(votes or {})}
    metadata = Table({"ra": [165.3], "dec": [12.5], "MANGAID": ["1-304336  "]})
    clusters = Table({"x": [1.0], "y": [2.0], "count": [3]})
    return fits.HDUList(
        [
            fits.PrimaryHDU(np.zeros((*shape, 3), dtype=np.uint8), header),
            *(fits.ImageHDU(counts[n], header) for n in (1, 2, 3, 4)),
            fits.table_to_hdu(metadata),
            fits.table_to_hdu(clusters),
            fits.table_to_hdu(clusters),
            drawings_table(("center_points", "star_points"), points),
            drawings_table(("spiral_paths",), spirals),
            drawings_table(("bar_paths",), bars),
        ]
    )


@pytest.fixture
def survey_file(tmp_path):
    def write(**content):
        path = tmp_path / "1-304336_127_5679016.fits.gz"
        gz3d_hdus(**content).writeto(path, overwrite=True)
        return path

    return write


def test_reads_every_table_with_its_time_and_image_size(survey_file):
    path = survey_file(
        points=[(1, [[20, 15]], [[3, 4], [30, 20]])],
        spirals=[(2, [ARM, CROSSED]), (3, [])],
        bars=[(4, [BAR])],
    )
    annotations = read_gz3d(path)
    assert annotations.subject_ids == ("1-304336",)
    assert annotations.subjects["image"].tolist() == [path.name]
    asked = dict(
        zip(
            annotations.classifications["classification_id"],
            annotations.classifications["features"],
            strict=True,
        )
    )
    assert asked == {
        "1": ("centre", "star"),
        "2": ("spiral_arm",),
        "3": ("spiral_arm",),
        "4": ("bar",),
    }
    assert set(annotations.classifications["width"]) == {40}
    assert set(annotations.classifications["height"]) == {30}
    assert annotations.classifications["created_at"].dt.year.eq(2018).all()
    counts = annotations.marks["feature"].value_counts().to_dict()
    assert counts == {"star": 2, "spiral_arm": 2, "centre": 1, "bar": 1}
    bar = annotations.marks.query("feature == 'bar'")["geometry"].item()
    assert bar.equals(shapely.Polygon(BAR))


def test_a_classification_in_two_tables_was_asked_for_both(survey_file):
    annotations = read_gz3d(survey_file(spirals=[(7, [ARM])], bars=[(7, [])]))
    assert annotations.classifications["features"].tolist() == [("spiral_arm", "bar")]
    assert annotations.marks["feature"].tolist() == ["spiral_arm"]


def test_a_point_becomes_a_disc_of_the_radius_asked_for(survey_file):
    annotations = read_gz3d(survey_file(points=[(1, [[20, 15]], [])]), point_radius_pix=3)
    assert annotations.marks["line_width_pix"].tolist() == [6.0]


def test_a_null_coordinate_rejects_its_mark_only(survey_file):
    annotations = read_gz3d(survey_file(points=[(1, [[None, 15], [20, 15]], [])]))
    assert len(annotations.marks) == 1
    assert annotations.rejected["reason"].str.contains("not finite").tolist() == [True]


def test_json_and_fits_give_the_same_marks(survey_file, tmp_path):
    rows = [(2, [ARM, CROSSED]), (3, [])]
    content = {
        "mangaid": "1-304336",
        "image_size": [40, 30],
        "feature": "spiral_arm",
        "classifications": [
            {"classification_id": n, "created_at": "2018-02-03 04:05:36 UTC", "paths": paths}
            for n, paths in rows
        ],
    }
    as_json = tmp_path / "drawings.json"
    as_json.write_text(json.dumps(content))
    ours, theirs = read_gz3d(as_json), read_gz3d(survey_file(spirals=rows))
    for table in ("marks", "classifications", "repaired"):
        assert getattr(ours, table).equals(getattr(theirs, table))


def test_votes_come_as_the_survey_counted_them(survey_file):
    counts = np.random.default_rng(1).integers(0, 16, (30, 40)).astype(float)
    read = read_gz3d_votes(survey_file(votes={4: counts}))
    assert read.mangaid == "1-304336"
    np.testing.assert_array_equal(read.votes[read.features.index("bar")], counts)
    assert not read.votes[read.features.index("spiral_arm")].any()
    assert read.frame.shape == (30, 40)
    assert read.frame.pixel_scale_arcsec == pytest.approx(0.099)


def test_votes_without_a_wcs_are_refused(survey_file):
    path = survey_file()
    with fits.open(path) as hdus:
        for key in ("CTYPE1", "CTYPE2"):
            del hdus[3].header[key]
        hdus.writeto(path, overwrite=True)
    with pytest.raises(FrameError, match="WCS"):
        read_gz3d_votes(path)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("[[[1, 2], [3", "HDU 9, row 1.*not whole JSON"),
        ('{"x": 1}', "HDU 9, row 1.*must be a list"),
        ("[[1, 2]]", "HDU 9, row 1.*path 0 must be a list of points"),
        ('[[["a", "b"]]]', "HDU 9, row 1.*path 0 must be a list of points"),
    ],
)
def test_a_damaged_cell_is_named_by_hdu_and_row(survey_file, cell, message):
    with pytest.raises(FormatError, match=message):
        read_gz3d(survey_file(spirals=[(1, [ARM]), (2, cell)]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda hdus: hdus.pop(10), "has no HDU 10"),
        (lambda hdus: hdus.pop(5), "HDU 5.* lacks .*MANGAID"),
        (lambda hdus: hdus.insert(9, fits.ImageHDU(np.zeros((2, 2)))), "HDU 9 must be a binary"),
        (lambda hdus: hdus.insert(9, hdus[10].copy()), "HDU 9 lacks .*spiral_paths"),
        (lambda hdus: hdus.insert(1, fits.table_to_hdu(Table({"x": [1]}))), "HDU 5"),
    ],
)
def test_another_layout_is_named_by_hdu(tmp_path, change, message):
    hdus = gz3d_hdus(spirals=[(1, [ARM])])
    change(hdus)
    path = tmp_path / "changed.fits"
    hdus.writeto(path)
    with pytest.raises(FormatError, match=message):
        read_gz3d(path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5, 0.8, 0.99])
@pytest.mark.parametrize("name", ["cut.fits", "cut.fits.gz"])
def test_a_file_that_was_cut_short_is_refused(tmp_path, share, name):
    path = tmp_path / name
    gz3d_hdus(spirals=[(1, [ARM])], bars=[(2, [BAR])]).writeto(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(FormatError, match=name):
        read_gz3d(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"feature": "spirals"}, "did you mean 'spiral'"),
        ({"image_size": [40]}, "image_size"),
        ({"image_size": [40.5, 30]}, "whole number"),
        ({"image_size": [0, 30]}, "1 to"),
        ({"classifications": None}, "must be a list"),
        ({"classifications": [{"paths": []}]}, "classification 0 has no 'classification_id'"),
        ({"mangaid": 3}, "mangaid"),
    ],
)
def test_damaged_json_names_the_entry(tmp_path, change, message):
    content = {"mangaid": "1-2", "image_size": [40, 30], "feature": "bar", "classifications": []}
    path = tmp_path / "drawings.json"
    path.write_text(json.dumps(content | change))
    with pytest.raises(FormatError, match=message):
        read_gz3d(path)


def test_nothing_to_read(tmp_path):
    with pytest.raises(MissingInputError, match="no file or folder"):
        read_gz3d(tmp_path / "missing")
    with pytest.raises(MissingInputError, match="holds no file"):
        read_gz3d(tmp_path)


def test_recognises_fits_json_and_folders(survey_file, tmp_path):
    path = survey_file()
    assert recognise(path, path.read_bytes()[:4096])
    assert recognise(tmp_path, b"")
    assert not recognise("drawings.csv", b"classification_id,user_name")
    assert not recognise("drawings.json", gzip.compress(b'{"images": []}'))


def test_fifteen_volunteers_looked_at_every_real_drawing(shared_data):
    annotations = read_gz3d(shared_data / "gz3d-drawings")
    asked = annotations.classifications.groupby(["subject_id", "features"]).size()
    assert asked.to_dict() == {
        ("1-304336", ("spiral_arm",)): 15,
        ("1-379196", ("bar",)): 15,
        ("1-379196", ("centre", "star")): 15,
        ("1-379196", ("spiral_arm",)): 15,
    }
    n_bars = annotations.marks.query("feature == 'bar'").groupby("subject_id").size()
    assert n_bars.to_dict() == {"1-379196": 2}
    n_arms = annotations.marks.query("subject_id == '1-304336'").shape[0]
    n_paths = sum(
        len(c["paths"])
        for c in json.loads((shared_data / "gz3d-drawings/1-304336_spiral.json").read_text())[
            "classifications"
        ]
    )
    rejected = annotations.rejected.query("subject_id == '1-304336'")
    assert n_arms + len(rejected) == n_paths
    assert rejected["reason"].tolist() == ["too few points: 1, an area needs 3"]


def test_real_drawings_survive_the_survey_format(shared_data, tmp_path):
    source = shared_data / "gz3d-drawings" / "1-304336_spiral.json"
    content = json.loads(source.read_text())
    rows = [(c["classification_id"], c["paths"]) for c in content["classifications"]]
    path = tmp_path / "1-304336_127_5679016.fits"
    gz3d_hdus(spirals=rows, shape=(525, 525)).writeto(path)
    ours, theirs = read_gz3d(path), read_gz3d(source)
    for column in ("subject_id", "classification_id", "feature", "geometry"):
        assert ours.marks[column].tolist() == theirs.marks[column].tolist()
