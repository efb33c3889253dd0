"""galseg's own tables lose nothing, and other tools read their geometry."""

import json
import re
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg.annotations import AnnotationBuilder, ZooniverseMapping, read_annotations
from galseg.annotations.native import TABLES, read_native
from galseg.errors import FormatError, MissingInputError, OutputError
from galseg.io.annotations import write_native

COLUMN_KEYS = {"encoding", "geometry_types", "crs", "edges", "bbox", "orientation", "epoch"}


def assert_same(a, b):
    for name in TABLES:
        left, right = getattr(a, name), getattr(b, name)
        assert left.columns.tolist() == right.columns.tolist()
        assert left.dtypes.tolist() == right.dtypes.tolist()
        if "geometry" in left.columns:
            np.testing.assert_array_equal(
                shapely.to_wkb(left["geometry"].to_numpy()),
                shapely.to_wkb(right["geometry"].to_numpy()),
            )
        pd.testing.assert_frame_equal(
            left.drop(columns="geometry", errors="ignore"),
            right.drop(columns="geometry", errors="ignore"),
        )


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1))
strokes = st.lists(st.tuples(st.floats(-9, 70), st.floats(-9, 70)), max_size=6)


@st.composite
def annotation_sets(draw):
    builder = AnnotationBuilder()
    for number, (subject, annotator) in enumerate(
        draw(st.lists(st.tuples(texts, texts), max_size=4))
    ):
        builder.classify(
            subject_id=subject,
            annotator_id=annotator,
            classification_id=str(number),
            features=draw(st.permutations(["bar", "tidal"])),
            width=64,
            height=draw(st.integers(1, 64)),
            created_at=draw(st.none() | times),
        )
        builder.subject(subject_id=subject, galaxy_id=annotator, image=draw(texts))
        for xy in draw(st.lists(strokes, max_size=3)):
            builder.area(classification_id=str(number), feature="bar", xy=xy)
            builder.line(classification_id=str(number), feature="tidal", xy=xy, width_pix=2.5)
    return builder.build()


@settings(max_examples=30)
@given(annotation_sets())
def test_what_is_written_is_read_back(tmp_path_factory, annotations):
    folder = tmp_path_factory.mktemp("native") / "annotations"
    write_native(folder, annotations)
    assert_same(read_native(folder), annotations)


@pytest.fixture(scope="module")
def cats(shared_data):
    mapping = ZooniverseMapping.from_dict(
        {"tasks": {"T0": {0: "cat", 1: "cat"}}, "extra_features": ["cat"]}
    )
    return read_annotations(
        shared_data / "zooniverse-polygons" / "classifications.csv", mapping=mapping
    )


def test_a_real_project_comes_back_the_same(cats, tmp_path):
    write_native(tmp_path / "cats", cats)
    assert_same(read_annotations(tmp_path / "cats"), cats)


def test_the_geometry_is_geoparquet(cats, tmp_path):
    write_native(tmp_path / "cats", cats)
    for name in ("marks", "rejected", "repaired"):
        file = pq.read_schema(tmp_path / "cats" / f"{name}.parquet")
        geo = json.loads(file.metadata[b"geo"])
        assert geo.keys() == {"version", "primary_column", "columns"}
        assert geo["version"] == "1.1.0"
        assert geo["primary_column"] == "geometry"
        (column,) = geo["columns"].values()
        assert column.keys() <= COLUMN_KEYS
        assert column["encoding"] == "WKB"
        assert column["crs"] is None
        assert column["edges"] == "planar"
        for kind in column["geometry_types"]:
            assert re.fullmatch("GeometryCollection|(Multi)?(Point|LineString|Polygon)", kind)
        assert file.field("geometry").type == "binary"
        table = pq.read_table(tmp_path / "cats" / f"{name}.parquet")
        geometry = shapely.from_wkb(table["geometry"].to_numpy())
        assert {g.geom_type for g in geometry} == set(column["geometry_types"])
        if len(geometry):
            assert column["bbox"] == shapely.total_bounds(geometry).tolist()


def test_an_existing_folder_is_not_overwritten(cats, tmp_path):
    write_native(tmp_path / "cats", cats)
    with pytest.raises(OutputError, match="not an empty folder"):
        write_native(tmp_path / "cats", cats)


def test_the_tables_beside_the_two_may_be_absent(cats, tmp_path):
    write_native(tmp_path / "cats", cats)
    for name in ("subjects", "rejected", "repaired"):
        (tmp_path / "cats" / f"{name}.parquet").unlink()
    annotations = read_annotations(tmp_path / "cats")
    assert len(annotations.marks) == len(cats.marks)
    assert annotations.subject_ids == cats.subject_ids


def test_damaged_tables_are_refused(cats, tmp_path):
    write_native(tmp_path / "cats", cats)
    file = tmp_path / "cats" / "marks.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"marks\.parquet is not a whole Parquet file"):
        read_native(tmp_path / "cats")
    pd.DataFrame({"subject_id": ["s"]}).to_parquet(file)
    with pytest.raises(FormatError, match="holds no galseg annotations of version 1"):
        read_native(tmp_path / "cats")
    table = pq.read_table(tmp_path / "cats" / "repaired.parquet")
    pq.write_table(table.drop(["feature"]), file)
    with pytest.raises(FormatError, match=r"marks lacks the columns \['feature'\]"):
        read_native(tmp_path / "cats")
    file.unlink()
    with pytest.raises(MissingInputError, match="no file"):
        read_native(tmp_path / "cats")
