"""Zooniverse exports: a real one against Zooniverse's own extraction, and made ones."""

import csv
import json
import logging
import tracemalloc

import numpy as np
import pytest
import shapely

from galseg.annotations import MarkLimits, ZooniverseMapping, suggest_mapping
from galseg.annotations.zooniverse import read_zooniverse
from galseg.errors import ConfigError, FormatError, MissingInputError
from tests.annotations.zooniverse_exports import HEADER, SQUARE, answer, row, write_export

BAR = {"tasks": {"T0": {0: "bar"}}}
CATS = {"tasks": {"T0": {0: "cat", 1: "ear"}}, "extra_features": ["cat", "ear"]}


def read(path, **mapping):
    return read_zooniverse(path, mapping=ZooniverseMapping.from_dict(BAR | mapping))


@pytest.fixture
def export(tmp_path):
    """Write rows as an export and read them under a mapping."""

    def write_and_read(*rows, **mapping):
        return read(write_export(tmp_path / "export.csv", rows), **mapping)

    return write_and_read


@pytest.fixture(scope="module")
def cats(shared_data):
    return shared_data / "zooniverse-polygons" / "classifications.csv"


def test_a_real_export_gives_every_path_that_zooniverse_extracts(cats):
    extracted = {}
    with (cats.parent / "extractor_extractions.csv").open(newline="") as handle:
        for extract in csv.DictReader(handle):
            for tool in (0, 1):
                key = f"data.frame0.T0_toolIndex{tool}_path"
                paths = zip(*(json.loads(extract[key + c] or "[]") for c in "XY"), strict=True)
                drawn = extracted.setdefault((extract["classification_id"], tool), [])
                drawn += [np.column_stack(xy) for xy in paths]
    annotations = read(
        cats,
        **CATS,
        min_workflow_version="13.19",
        pixel_origin="centre",  # at scale 1 this keeps the drawn numbers
        limits={"min_area_pix2": 0, "max_image_share": 1, "max_jump": 9},
    )
    raw = annotations.repaired.set_index(["classification_id", "feature"])["geometry"]
    read_back = {}
    for mark in annotations.marks.itertuples():
        tool = ["cat", "ear"].index(mark.feature)
        drawn = read_back.setdefault((mark.classification_id, tool), [])
        drawn.append(shapely.get_coordinates(mark.geometry))
    n_compared = 0
    for key in set(annotations.classifications["classification_id"]):
        for tool, feature in enumerate(("cat", "ear")):
            expected, got = extracted[key, tool], read_back.get((key, tool), [])
            assert len(got) == len(expected)
            crossing = iter(np.atleast_1d(raw.get((key, feature), [])))
            for path, vertices in zip(expected, got, strict=True):
                if not shapely.Polygon(path).is_valid:
                    vertices = shapely.get_coordinates(next(crossing))
                np.testing.assert_allclose(vertices[: len(path)], path, atol=1e-9)
                n_compared += 1
    assert n_compared == 153  # of 157; four of classifications that were made again


def test_a_real_export_keeps_who_drew_nothing_and_counts_everybody_once(cats):
    annotations = read(cats, **CATS, image_key="image_name")
    table = annotations.classifications
    with cats.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    looked = {(cells["subject_ids"], cells["user_name"]) for cells in rows}
    assert set(zip(table["subject_id"], table["annotator_id"], strict=True)) == looked
    assert len(table) == len(looked) == 148
    assert set(table["classification_id"]) - set(annotations.marks["classification_id"])
    first = table[table["subject_id"] == "458021"].iloc[0]
    assert (first["width"], first["height"]) == (1024, 635)
    assert annotations.subjects["image"][0] == "6672150457_420d61007d_b.jpg"


def test_coordinates_are_pixel_centres(export):
    annotations = export(row(1, answer(SQUARE)))
    assert annotations.marks["geometry"][0].bounds == (9.5, 9.5, 29.5, 29.5)


def test_drawings_are_scaled_to_the_image_and_flipped(export):
    annotations = export(row(1, answer(SQUARE)), image_size=[200, 40], flip_y=True)
    assert annotations.marks["geometry"][0].bounds == (19.5, 40 - 1 - 14.5, 59.5, 40 - 1 - 4.5)
    assert annotations.classifications.loc[0, ["width", "height"]].tolist() == [200, 40]


def test_lines_points_and_areas_by_what_the_mapping_says(export):
    marks = [
        SQUARE,
        SQUARE | {"toolIndex": 1},
        {"tool": 2, "x1": 5, "y1": 5, "x2": 50, "y2": 9},
        {"tool": 3, "x": 40, "y": 41},
        {"tool": 4, "x": 40, "y": 41, "rx": 9, "ry": 5, "angle": 0},
        {"tool": 5, "points": [{"x": x, "y": y} for x, y in [(5, 5), (25, 35), (45, 5)]]},
    ]
    tools = {
        0: "bar",
        1: {"feature": "spiral_arm", "width_pix": 4},
        2: {"feature": "tidal", "width_pix": 3},
        3: {"feature": "centre", "radius_pix": 2},
        4: "bulge",
        5: {"feature": "spiral_arm", "width_pix": 5, "bezier": True},
    }
    marks = export(row(1, answer(*marks)), tasks={"T0": tools}).marks
    assert [g.geom_type for g in marks["geometry"]] == [
        "Polygon",
        "LineString",
        "LineString",
        "Point",
        "Polygon",
        "LineString",
    ]
    assert marks["line_width_pix"].fillna(0).tolist() == [0, 4, 3, 4, 0, 5]
    assert marks["geometry"][5].bounds[3] == pytest.approx(19.5)  # half way to the control


@pytest.mark.parametrize(
    ("mark", "tool", "message"),
    [
        ({"x1": 5, "y1": 5, "x2": 50, "y2": 9}, {}, "draws a straight line, .* the area"),
        ({"x": 40, "y": 41}, {"width_pix": 3}, "draws a point, .* the line"),
        ({"x": 40, "y": 41, "r": 5}, {"width_pix": 3}, "draws an outline, .* the line"),
        ({"x": 40, "y": 41, "r": 5}, {"radius_pix": 3}, "draws an outline, .* the point"),
    ],
)
def test_a_tool_that_draws_something_else_than_mapped_is_named(export, mark, tool, message):
    with pytest.raises(ConfigError, match=f"line 2: task T0 tool 0 {message}"):
        export(row(1, answer({"tool": 0, **mark})), tasks={"T0": {0: {"feature": "bar", **tool}}})


def test_nested_combined_tasks_are_taken_apart(export):
    inner = {"task": "T3", "value": [answer(SQUARE, task="T1"), {"task": "T2", "value": "Yes"}]}
    combined = {"task": "T9", "value": [answer(SQUARE), inner]}
    annotations = export(
        row(1, combined), tasks={"T0": {0: "bar"}, "T1": {0: "tidal"}}, ignore=["T2"]
    )
    assert annotations.marks["feature"].tolist() == ["bar", "tidal"]
    assert annotations.classifications["features"].tolist() == [("bar", "tidal")]


def test_only_volunteers_who_reached_a_task_were_asked(export):
    annotations = export(
        row(1, answer()),
        row(2, answer(), answer(SQUARE, task="T1"), user_name="bob"),
        row(3, {"task": "T5", "value": "No"}, user_name="cho"),
        tasks={"T0": {0: "bar"}, "T1": {0: "tidal"}},
        ignore=["T5"],
    )
    assert annotations.classifications["features"].tolist() == [("bar",), ("bar", "tidal")]


def test_what_the_mapping_does_not_name_is_reported(export, caplog):
    stray = SQUARE | {"toolIndex": 4, "tool_label": "Tail"}
    with caplog.at_level(logging.WARNING):
        annotations = export(
            row(1, answer(SQUARE, stray), answer(SQUARE, task="T1"), {"task": "T2", "value": "No"}),
            row(2, {"task": "T2", "value": "Yes"}, user_name="bob"),
        )
    assert annotations.rejected["reason"].tolist() == [
        "tool 4 ('Tail') of task T0 is not in the mapping",
        "tool 0 of task T1 is not in the mapping",
    ]
    assert "1 answers to task T1" in caplog.text
    assert "2 answers to task T2" in caplog.text
    assert "1 classifications that hold no task of the mapping" in caplog.text


def test_what_the_mapping_ignores_is_left_out_without_a_word(export, caplog):
    annotations = export(
        row(1, answer(SQUARE, SQUARE | {"toolIndex": 1}), answer(SQUARE, task="T1")),
        tasks={"T0": {0: "bar", 1: "ignore"}},
        ignore=["T1"],
    )
    assert len(annotations.marks) == 1
    assert annotations.rejected.empty
    assert not caplog.records


def test_damaged_drawings_are_rejected_one_by_one(export):
    damaged = [
        SQUARE | {"pathX": [1, 2]},
        SQUARE | {"frame": 3},
        {"toolIndex": "0"},
        "a word",
        SQUARE | {"pathX": [1, None, 3, 4]},
        SQUARE | {"pathX": [1e308, 10, 10, 30]},
    ]
    annotations = export(row(1, answer(*damaged, SQUARE)), image_size=[1000, 800])
    assert len(annotations.marks) == 1
    assert [reason[:20] for reason in annotations.rejected["reason"]] == [
        "pathX and pathY do n",
        "on frame 3, which is",
        "not a drawing: \"{'to",
        "not a drawing: 'a wo",
        "not finite: a coordi",
        "not finite: a coordi",
    ]


def test_frames_of_other_sizes_are_scaled_to_the_first(export):
    sizes = [{"naturalWidth": w, "naturalHeight": h} for w, h in ((100, 80), (200, 160))]
    twice = SQUARE | {"frame": 1, "pathX": [20, 60, 60, 20], "pathY": [20, 20, 60, 60]}
    annotations = export(
        row(1, answer(SQUARE, twice), metadata={"subject_dimensions": sizes}), frames=[0, 1]
    )
    assert annotations.marks["geometry"][0].equals(annotations.marks["geometry"][1])


def test_a_size_that_one_browser_did_not_report_is_had_from_another(export, caplog):
    unknown = {"subject_dimensions": [None]}
    annotations = export(
        row(1, answer(SQUARE), metadata=unknown),
        row(2, answer(), user_name="bob"),
        row(3, answer(), metadata={}, subject_data={"8": {}}, subject_ids=8),
    )
    assert annotations.classifications["annotator_id"].tolist() == ["bob", "ann"]
    assert len(annotations.marks) == 1
    assert "1 classifications of pictures whose size no browser reported" in caplog.text


def test_volunteers_without_a_name_are_told_apart(export):
    annotations = export(
        row(1, answer(), user_name="not-logged-in-abc"),
        row(2, answer(), user_name="", user_ip="abc"),
        row(3, answer(), user_name="", user_ip="def"),
        row(4, answer(), user_name="", user_ip=""),
    )
    assert annotations.classifications["annotator_id"].tolist() == [
        "not-logged-in-abc",
        "not-logged-in-def",
        "classification-4",
    ]


def test_galaxy_and_image_come_from_the_metadata_hidden_or_not(export):
    subjects = export(row(1, answer()), galaxy_id_key="objid", image_key="file").subjects
    assert subjects.loc[0, ["galaxy_id", "image"]].tolist() == ["J1", "J1.fits"]
    with pytest.raises(
        FormatError, match=r"line 2: the metadata of subject 7 lack 'objet'.*'objid'"
    ):
        export(row(1, answer()), galaxy_id_key="objet")


def test_an_export_of_several_workflows_needs_a_choice(export):
    rows = [row(1, answer()), row(2, answer(), user_name="bob", workflow_id=2)]
    with pytest.raises(ConfigError, match=r"line 3: .*\['1', '2'\].*workflow_id"):
        export(*rows)
    assert export(*rows, workflow_id=2).classifications["annotator_id"].tolist() == ["bob"]


def test_earlier_workflow_versions_are_left_out_by_number_not_by_text(export):
    rows = [
        row(i, answer(), user_name=version, workflow_version=version)
        for i, version in enumerate(["9.2", "13.9", "13.10", "13.19", "14.1"])
    ]
    kept = export(*rows, min_workflow_version="13.10").classifications["annotator_id"]
    assert kept.tolist() == ["13.10", "13.19", "14.1"]


def test_a_mapping_that_fits_nothing_is_refused(export):
    with pytest.raises(ConfigError, match=r"no classification holds a task.*\['T7'\]"):
        export(row(1, answer()), tasks={"T7": {0: "bar"}})


def test_a_mapped_task_must_be_a_drawing_task(export):
    with pytest.raises(ConfigError, match=r"T0 is mapped but is no drawing task.*'Yes'"):
        export(row(1, {"task": "T0", "value": "Yes"}))


def test_without_a_mapping_the_error_is_a_first_one(tmp_path):
    path = write_export(
        tmp_path / "export.csv",
        [
            row(1, answer(SQUARE | {"tool_label": "Arm"}), {"task": "T1", "value": "No"}),
            row(2, answer({"tool": 3, "x": 1, "y": 2}), workflow_id=5),
            row(3, answer(SQUARE)),
        ],
    )
    with pytest.raises(ConfigError, match="which drawing tool means which feature") as raised:
        read_zooniverse(path)
    text = suggest_mapping(path)
    assert text in str(raised.value)
    assert "Arm" in text
    assert "objid" in text
    path.with_suffix(".yaml").write_text(text.replace("0: ignore", "0: bar"))
    annotations = read_zooniverse(path, mapping=path.with_suffix(".yaml"))
    assert len(annotations.marks) == 1  # the later of ann's two


def cut(path, n_bytes):
    path.write_bytes(path.read_bytes()[:-n_bytes])


@pytest.mark.parametrize(
    ("n_bytes", "message"),
    [
        (3, "line 4: subject_ids says '' and subject_data tells of"),
        (6, "line 4: (13 cells where the header has 14|the row is not whole CSV)"),
        (300, "line 4: the row is not whole CSV"),
    ],
)
def test_a_file_cut_off_is_refused_with_the_line(tmp_path, n_bytes, message):
    path = write_export(tmp_path / "export.csv", [row(i, answer(SQUARE)) for i in range(3)])
    cut(path, n_bytes)
    with pytest.raises(FormatError, match=message) as raised:
        read(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"annotations": '[{"task": "T0", "val'}, "line 3, column 'annotations': the JSON is cut"),
        ({"annotations": "{}"}, r"line 3, column 'annotations': needs a list"),
        ({"annotations": "[1]"}, "line 3, column 'annotations': an answer names no task"),
        ({"annotations": "[" * 100_000}, "line 3, column 'annotations': the JSON is cut off"),
        ({"metadata": ""}, "line 3, column 'metadata'"),
        ({"subject_data": '{"7": '}, "line 3, column 'subject_data'"),
        ({"subject_ids": "8"}, "line 3: subject_ids says '8'"),
        ({"created_at": "yesterday"}, "line 3: .*created_at must be a time"),
        ({"classification_id": 1}, "line 3: classification '1' stands twice"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_damaged_cell_is_refused_with_line_and_column(export, changed, message):
    with pytest.raises(FormatError, match=message):
        export(row(1, answer()), row(2, answer(), user_name="bob", **changed))


def test_lines_are_counted_in_the_file_also_where_cells_hold_line_breaks(tmp_path):
    two_lines = json.dumps([answer()], indent=0)
    rows = [row(1, annotations=two_lines), row(2, annotations="?")]
    path = write_export(tmp_path / "export.csv", rows)
    bad_line = 2 + 1 + two_lines.count("\n")
    with pytest.raises(FormatError, match=rf"line {bad_line}, column"):
        read(path)


def test_files_that_are_no_export(tmp_path):
    path = write_export(tmp_path / "subjects.csv", [], header=["subject_id", "metadata"])
    with pytest.raises(FormatError, match=r"line 1: lacks the columns \['classification_id'"):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(FormatError, match="line 1: lacks the columns"):
        read(path)
    path.write_bytes(",".join(HEADER).encode() + b"\n\xff\xfe")
    with pytest.raises(FormatError, match="not UTF-8"):
        read(path)
    with pytest.raises(MissingInputError):
        read(tmp_path / "none.csv")


def test_the_limits_of_the_mapping_hold(export):
    annotations = export(row(1, answer(SQUARE)), limits={"min_area_pix2": 500})
    assert annotations.rejected["reason"].str.startswith("no area").all()
    assert MarkLimits().min_area_pix2 < 400


def test_reading_a_large_export_does_not_hold_it(tmp_path):
    noise = {"user_agent": "x" * 20_000, "subject_dimensions": None}
    sized = {"subject_dimensions": [{"naturalWidth": 100, "naturalHeight": 80}]}
    path = tmp_path / "export.csv"
    rows = (row(i, answer(), user_name=f"v{i}", metadata=noise | sized) for i in range(1400))
    write_export(path, rows)
    tracemalloc.start()
    annotations = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(annotations.classifications) == 1400
    assert path.stat().st_size > 25e6
    assert peak < 5e6
